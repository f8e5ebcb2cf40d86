namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>x times the transposed weight, plus the bias.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        /// <summary>[out_features, in_features]</summary>
        public Parameter weight { get; }
        /// <summary>[out_features]</summary>
        public Parameter? bias { get; }

        /// <summary>The size of the last dimension of inputs.</summary>
        public long in_features => weight.size(1);
        /// <summary>The size of the last dimension of results.</summary>
        public long out_features => weight.size(0);

        internal Linear(long in_features, long out_features, bool bias, ScalarType? dtype) : base("Linear")
        {
            weight = new Parameter(empty([out_features, in_features], dtype));
            register_parameter("weight", weight);
            this.bias = bias ? new Parameter(empty([out_features], dtype)) : null;
            register_parameter("bias", this.bias);
            nn.init.Default(weight, this.bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);

        /// <inheritdoc/>
        protected override string extra_repr() => $"in_features={in_features}, out_features={out_features}, bias={bias is not null}";
    }

    /// <summary>A table of vectors, read by number.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        readonly long? padding;
        readonly double? max_norm;
        readonly double norm_type;
        readonly bool scale_grad_by_freq;

        /// <summary>[num_embeddings, embedding_dim]</summary>
        public Parameter weight { get; }

        internal Embedding(long num_embeddings, long embedding_dim, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, ScalarType? dtype) : base("Embedding")
        {
            (this.max_norm, this.norm_type, this.scale_grad_by_freq) = (max_norm, norm_type, scale_grad_by_freq);
            if (padding_idx is { } p && (p >= num_embeddings || p < -num_embeddings)) throw new ArgumentValueException("Padding_idx must be within num_embeddings");
            padding = padding_idx < 0 ? padding_idx + num_embeddings : padding_idx;
            weight = new Parameter(empty([num_embeddings, embedding_dim], dtype));
            register_parameter("weight", weight);
            nn.init.normal_(weight);
            if (padding is { } row)
                using (no_grad()) weight[row].fill_(0);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.embedding(input, weight, padding, max_norm, norm_type, scale_grad_by_freq);
    }

    /// <summary>Zeroes elements with probability p while learning and scales the others up (Srivastava et al. 2014).</summary>
    public sealed class Dropout : nn.Module<Tensor, Tensor>
    {
        readonly double p;
        readonly bool inplace;

        internal Dropout(double p, bool inplace) : base("Dropout")
        {
            if (p is < 0 or > 1) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {p}: it is the share of elements that become 0");
            (this.p, this.inplace) = (p, inplace);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.dropout(input, p, training, inplace);
    }
}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>x times the transposed weight, plus the bias.</summary>
            public static Modules.Linear Linear(long in_features, long out_features, bool bias = true, Device? device = null, ScalarType? dtype = null) => new Modules.Linear(in_features, out_features, bias, dtype).On(device);
            /// <summary>A table of vectors, read by number.</summary>
            public static Modules.Embedding Embedding(long num_embeddings, long embedding_dim, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new Modules.Embedding(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, dtype).On(device);
            /// <summary>Zeroes elements with probability p while learning and scales the others up.</summary>
            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}

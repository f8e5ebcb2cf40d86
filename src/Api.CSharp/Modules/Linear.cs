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

        internal Embedding(long num_embeddings, long embedding_dim, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, ScalarType? dtype)
            : this(new Parameter(empty([num_embeddings, embedding_dim], dtype)), padding_idx, max_norm, norm_type, scale_grad_by_freq)
        {
            nn.init.normal_(weight);
            if (padding is { } row)
                using (no_grad()) weight[row].fill_(0);
        }

        Embedding(Parameter weight, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq) : base("Embedding")
        {
            (this.weight, this.max_norm, this.norm_type, this.scale_grad_by_freq) = (weight, max_norm, norm_type, scale_grad_by_freq);
            padding = Padding(padding_idx, weight.size(0), "Padding_idx must be within num_embeddings");
            register_parameter("weight", weight);
        }

        /// <summary>The number of the row that stands for nothing, counted from the front. Raises ArgumentValueException where there is none.</summary>
        internal static long? Padding(long? padding_idx, long num_embeddings, string refusal) =>
            padding_idx is { } p && (p >= num_embeddings || p < -num_embeddings) ? throw new ArgumentValueException($"{refusal}: got padding_idx={p} for {num_embeddings} embeddings")
            : padding_idx < 0 ? padding_idx + num_embeddings : padding_idx;

        /// <summary>A table [num_embeddings, embedding_dim] as a parameter, which learns unless `freeze`. Raises ShapeException for other ranks.</summary>
        internal static Parameter Table(Tensor embeddings, bool freeze) =>
            embeddings.dim() == 2 ? new Parameter(embeddings, requires_grad: !freeze)
                : throw new ShapeException($"Embeddings parameter is expected to be 2-dimensional, but has shape {ShapeModule.format(embeddings.Core.Shape)} (from_pretrained)");

        /// <summary>
        /// A module that begins with the rows of `embeddings`, [num_embeddings, embedding_dim], and learns only if not `freeze`. Row
        /// `padding_idx` stays as given. Raises ShapeException for other ranks. `sparse` is PyTorch's and changes nothing here.
        /// </summary>
        public static Embedding from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false) =>
            new(Table(embeddings, freeze), padding_idx, max_norm, norm_type, scale_grad_by_freq);

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
            /// <inheritdoc cref="Modules.Embedding.from_pretrained"/>
            public static Modules.Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false) =>
                Modules.Embedding.from_pretrained(embeddings, freeze, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            /// <summary>Zeroes elements with probability p while learning and scales the others up.</summary>
            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}

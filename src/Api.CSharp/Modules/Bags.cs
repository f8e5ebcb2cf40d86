namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Sums, means or maxima of bags of rows of a table.</summary>
    public sealed class EmbeddingBag : nn.Module<Tensor, Tensor?, Tensor?, Tensor>
    {
        readonly double? max_norm;
        readonly double norm_type;
        readonly bool scale_grad_by_freq, include_last_offset;
        readonly EmbeddingBagMode mode;
        readonly long? padding;

        /// <summary>[num_embeddings, embedding_dim]</summary>
        public Parameter weight { get; }

        internal EmbeddingBag(long num_embeddings, long embedding_dim, double? max_norm, double norm_type, bool scale_grad_by_freq, EmbeddingBagMode mode, bool include_last_offset, long? padding_idx, ScalarType? dtype)
            : this(new Parameter(empty([num_embeddings, embedding_dim], dtype)), max_norm, norm_type, scale_grad_by_freq, mode, include_last_offset, padding_idx)
        {
            nn.init.normal_(weight);
            if (padding is { } row)
                using (no_grad()) weight[row].fill_(0);
        }

        EmbeddingBag(Parameter weight, double? max_norm, double norm_type, bool scale_grad_by_freq, EmbeddingBagMode mode, bool include_last_offset, long? padding_idx) : base("EmbeddingBag")
        {
            (this.weight, this.max_norm, this.norm_type, this.scale_grad_by_freq, this.mode, this.include_last_offset) = (weight, max_norm, norm_type, scale_grad_by_freq, mode, include_last_offset);
            padding = Embedding.Padding(padding_idx, weight.size(0), "padding_idx must be within num_embeddings");
            register_parameter("weight", weight);
        }

        /// <summary>
        /// A module that begins with the rows of `embeddings`, [num_embeddings, embedding_dim], and learns only if not `freeze`. Row
        /// `padding_idx`, which no bag counts, stays as given. Raises ShapeException for other ranks. `sparse` is PyTorch's and changes
        /// nothing here.
        /// </summary>
        public static EmbeddingBag from_pretrained(Tensor embeddings, bool freeze = true, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long? padding_idx = null) =>
            new(Embedding.Table(embeddings, freeze), max_norm, norm_type, scale_grad_by_freq, mode, include_last_offset, padding_idx);

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor? offsets = null, Tensor? per_sample_weights = null) =>
            nn.functional.embedding_bag(input, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, false, per_sample_weights, include_last_offset, padding);
        /// <summary>The rows of the input as bags, or the parts of it that begin at offsets.</summary>
        public Tensor call(Tensor input, Tensor? offsets = null) => forward(input, offsets);
    }

    /// <summary>A bilinear form of two inputs for each output, plus a bias.</summary>
    public sealed class Bilinear : nn.Module<Tensor, Tensor, Tensor>
    {
        /// <summary>[out_features, in1_features, in2_features]</summary>
        public Parameter weight { get; }
        /// <summary>[out_features]</summary>
        public Parameter? bias { get; }

        internal Bilinear(long in1_features, long in2_features, long out_features, bool bias, ScalarType? dtype) : base("Bilinear")
        {
            weight = new Parameter(empty([out_features, in1_features, in2_features], dtype));
            register_parameter("weight", weight);
            this.bias = bias ? new Parameter(empty([out_features], dtype)) : null;
            register_parameter("bias", this.bias);
            var bound = 1 / Math.Sqrt(in1_features);
            nn.init.uniform_(weight, -bound, bound);
            if (this.bias is not null) nn.init.uniform_(this.bias, -bound, bound);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input1, Tensor input2) => nn.functional.bilinear(input1, input2, weight, bias);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Sums, means or maxima of bags of rows of a table.</summary>
            public static EmbeddingBag EmbeddingBag(long num_embeddings, long embedding_dim, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long? padding_idx = null, Device? device = null, ScalarType? dtype = null) =>
                new EmbeddingBag(num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, mode, include_last_offset, padding_idx, dtype).On(device);
            /// <inheritdoc cref="Modules.EmbeddingBag.from_pretrained"/>
            public static EmbeddingBag EmbeddingBag_from_pretrained(Tensor embeddings, bool freeze = true, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long? padding_idx = null) =>
                Modules.EmbeddingBag.from_pretrained(embeddings, freeze, max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_idx);
            /// <summary>A bilinear form of two inputs for each output, plus a bias.</summary>
            public static Bilinear Bilinear(long in1_features, long in2_features, long out_features, bool bias = true, Device? device = null, ScalarType? dtype = null) => new Bilinear(in1_features, in2_features, out_features, bias, dtype).On(device);
        }
    }
}

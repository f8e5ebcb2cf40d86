namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>The function between the two linear maps of a feed-forward block.</summary>
    public readonly struct Activation
    {
        internal Func<Tensor, Tensor> Function { get; private init; }

        /// <summary>"relu" or "gelu".</summary>
        public static implicit operator Activation(string name) => new()
        {
            Function = name switch
            {
                "relu" => t => nn.functional.relu(t),
                "gelu" => t => nn.functional.gelu(t),
                _ => throw new ArgumentValueException($"activation should be relu/gelu, not {name}"),
            },
        };

        /// <summary>Any function.</summary>
        public static implicit operator Activation(Func<Tensor, Tensor> function) => new() { Function = function };
    }

    /// <summary>What the two kinds of layers share: blocks that add to their input, with a norm behind or before.</summary>
    public abstract class TransformerLayer : nn.Module
    {
        readonly Func<Tensor, Tensor> activation;
        readonly bool norm_first;
        readonly Linear linear1, linear2;
        readonly Dropout dropout;

        /// <summary>Attention within the sequence.</summary>
        public MultiheadAttention self_attn { get; }

        private protected TransformerLayer(string name, int attentions, long d_model, long nhead, long dim_feedforward, double dropout, Activation activation, double layer_norm_eps, bool batch_first, bool norm_first, ScalarType? dtype) : base(name)
        {
            (this.activation, this.norm_first) = (activation.Function, norm_first);
            T Add<T>(string part, T module) where T : nn.Module
            {
                register_module(part, module);
                return module;
            }

            self_attn = Add("self_attn", nn.MultiheadAttention(d_model, nhead, dropout, batch_first: batch_first, dtype: dtype));
            Across = attentions > 1 ? Add("multihead_attn", nn.MultiheadAttention(d_model, nhead, dropout, batch_first: batch_first, dtype: dtype)) : null;
            linear1 = Add("linear1", nn.Linear(d_model, dim_feedforward, dtype: dtype));
            this.dropout = Add("dropout", nn.Dropout(dropout));
            linear2 = Add("linear2", nn.Linear(dim_feedforward, d_model, dtype: dtype));
            Norms = [.. Enumerable.Range(1, attentions + 1).Select(i => Add($"norm{i}", nn.LayerNorm(d_model, layer_norm_eps, dtype: dtype)))];
            Dropouts = [.. Enumerable.Range(1, attentions + 1).Select(i => Add($"dropout{i}", nn.Dropout(dropout)))];
        }

        private protected MultiheadAttention? Across { get; }
        private protected LayerNorm[] Norms { get; }
        private protected Dropout[] Dropouts { get; }

        /// <summary>Block number i: its input plus what it makes of it.</summary>
        private protected Tensor Block(int i, Tensor x, Func<Tensor, Tensor> block) =>
            norm_first ? x + Dropouts[i].call(block(Norms[i].call(x))) : Norms[i].call(x + Dropouts[i].call(block(x)));

        private protected static Tensor Attend(MultiheadAttention attention, Tensor x, Tensor memory, Tensor? mask, Tensor? padding) =>
            attention.call(x, memory, memory, padding, need_weights: false, attn_mask: mask).Item1;

        private protected Tensor FeedForward(Tensor x) => linear2.call(dropout.call(activation(linear1.call(x))));
    }

    /// <summary>Attention within a sequence, and a feed-forward block (Vaswani et al. 2017).</summary>
    public sealed class TransformerEncoderLayer : TransformerLayer
    {
        internal TransformerEncoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, Activation activation, double layer_norm_eps, bool batch_first, bool norm_first, ScalarType? dtype)
            : base("TransformerEncoderLayer", 1, d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, dtype) { }

        /// <summary>[S, N, E] (or [N, S, E], or [S, E]) to the same shape.</summary>
        public Tensor forward(Tensor src, Tensor? src_mask = null, Tensor? src_key_padding_mask = null)
        {
            var x = Block(0, src, t => Attend(self_attn, t, t, src_mask, src_key_padding_mask));
            return Block(1, x, FeedForward);
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public Tensor call(Tensor src, Tensor? src_mask = null, Tensor? src_key_padding_mask = null) =>
            IsHooked ? Hooked([src, src_mask, src_key_padding_mask], a => forward((Tensor)a[0]!, (Tensor?)a[1], (Tensor?)a[2])) : forward(src, src_mask, src_key_padding_mask);
    }

    /// <summary>Attention within a sequence and to another one, and a feed-forward block (Vaswani et al. 2017).</summary>
    public sealed class TransformerDecoderLayer : TransformerLayer
    {
        internal TransformerDecoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, Activation activation, double layer_norm_eps, bool batch_first, bool norm_first, ScalarType? dtype)
            : base("TransformerDecoderLayer", 2, d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, dtype) { }

        /// <summary>Attention to the other sequence.</summary>
        public MultiheadAttention multihead_attn => Across!;

        /// <summary>[T, N, E] and the memory [S, N, E] to [T, N, E].</summary>
        public Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null)
        {
            var x = Block(0, tgt, t => Attend(self_attn, t, t, tgt_mask, tgt_key_padding_mask));
            x = Block(1, x, t => Attend(multihead_attn, t, memory, memory_mask, memory_key_padding_mask));
            return Block(2, x, FeedForward);
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            IsHooked
                ? Hooked([tgt, memory], a => forward((Tensor)a[0]!, (Tensor)a[1]!, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask))
                : forward(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
    }

    /// <summary>Copies of an encoder layer, one after the other, and a norm behind them.</summary>
    public sealed class TransformerEncoder : nn.Module
    {
        readonly nn.Module<Tensor, Tensor>? norm;
        readonly ModuleList layers;

        internal TransformerEncoder(TransformerEncoderLayer encoder_layer, long num_layers, nn.Module<Tensor, Tensor>? norm) : base("TransformerEncoder")
        {
            layers = nn.ModuleList([.. Enumerable.Range(0, Convert.Int(num_layers)).Select(_ => encoder_layer.deepcopy())]);
            this.norm = norm;
            register_module("layers", layers);
            if (norm is not null) register_module("norm", norm);
        }

        /// <summary>[S, N, E] to the same shape.</summary>
        public Tensor forward(Tensor src, Tensor? mask = null, Tensor? src_key_padding_mask = null)
        {
            foreach (var layer in layers) src = ((TransformerEncoderLayer)layer).call(src, mask, src_key_padding_mask);
            return norm?.call(src) ?? src;
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public Tensor call(Tensor src, Tensor? mask = null, Tensor? src_key_padding_mask = null) =>
            IsHooked ? Hooked([src, mask, src_key_padding_mask], a => forward((Tensor)a[0]!, (Tensor?)a[1], (Tensor?)a[2])) : forward(src, mask, src_key_padding_mask);
    }

    /// <summary>Copies of a decoder layer, one after the other, and a norm behind them.</summary>
    public sealed class TransformerDecoder : nn.Module
    {
        readonly nn.Module<Tensor, Tensor>? norm;
        readonly ModuleList layers;

        internal TransformerDecoder(TransformerDecoderLayer decoder_layer, long num_layers, nn.Module<Tensor, Tensor>? norm) : base("TransformerDecoder")
        {
            layers = nn.ModuleList([.. Enumerable.Range(0, Convert.Int(num_layers)).Select(_ => decoder_layer.deepcopy())]);
            this.norm = norm;
            register_module("layers", layers);
            if (norm is not null) register_module("norm", norm);
        }

        /// <summary>[T, N, E] and the memory [S, N, E] to [T, N, E].</summary>
        public Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null)
        {
            foreach (var layer in layers) tgt = ((TransformerDecoderLayer)layer).call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
            return norm?.call(tgt) ?? tgt;
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            IsHooked
                ? Hooked([tgt, memory], a => forward((Tensor)a[0]!, (Tensor)a[1]!, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask))
                : forward(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
    }

    /// <summary>An encoder and a decoder (Vaswani et al. 2017).</summary>
    public sealed class Transformer : nn.Module
    {
        readonly long d_model;
        readonly bool batch_first;

        /// <summary>What reads the source.</summary>
        public TransformerEncoder encoder { get; }
        /// <summary>What writes the target.</summary>
        public TransformerDecoder decoder { get; }

        internal Transformer(long d_model, long nhead, long num_encoder_layers, long num_decoder_layers, long dim_feedforward, double dropout, Activation activation, TransformerEncoder? custom_encoder, TransformerDecoder? custom_decoder, double layer_norm_eps, bool batch_first, bool norm_first, ScalarType? dtype) : base("Transformer")
        {
            (this.d_model, this.batch_first) = (d_model, batch_first);
            encoder = custom_encoder ?? new(new(d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, dtype), num_encoder_layers, nn.LayerNorm(d_model, layer_norm_eps, dtype: dtype));
            decoder = custom_decoder ?? new(new(d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, dtype), num_decoder_layers, nn.LayerNorm(d_model, layer_norm_eps, dtype: dtype));
            register_module("encoder", encoder);
            register_module("decoder", decoder);
            foreach (var parameter in parameters())
                if (parameter.dim() > 1) nn.init.xavier_uniform_(parameter);
        }

        /// <summary>[S, N, E] and [T, N, E] to [T, N, E].</summary>
        public Tensor forward(Tensor src, Tensor tgt, Tensor? src_mask = null, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? src_key_padding_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null)
        {
            var batch = batch_first ? 0 : 1;
            if (src.dim() == 3 && src.size(batch) != tgt.size(batch)) throw new ShapeException("the batch number of src and tgt must be equal");
            if (src.size(-1) != d_model || tgt.size(-1) != d_model) throw new ShapeException("the feature number of src and tgt must be equal to d_model");
            var memory = encoder.call(src, src_mask, src_key_padding_mask);
            return decoder.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public Tensor call(Tensor src, Tensor tgt, Tensor? src_mask = null, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? src_key_padding_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            IsHooked
                ? Hooked([src, tgt], a => forward((Tensor)a[0]!, (Tensor)a[1]!, src_mask, tgt_mask, memory_mask, src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask))
                : forward(src, tgt, src_mask, tgt_mask, memory_mask, src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask);

        /// <summary>-infinity above the diagonal, 0 elsewhere.</summary>
        public static Tensor generate_square_subsequent_mask(long sz) => new(Attention.causalMask(Convert.Int(sz)));
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            static Activation OrRelu(Activation? activation) => activation ?? "relu";

            /// <summary>Attention within a sequence, and a feed-forward block.</summary>
            public static TransformerEncoderLayer TransformerEncoderLayer(long d_model, long nhead, long dim_feedforward = 2048, double dropout = 0.1, Activation? activation = null, double layer_norm_eps = 1e-05, bool batch_first = false, bool norm_first = false, Device? device = null, ScalarType? dtype = null) =>
                new TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, OrRelu(activation), layer_norm_eps, batch_first, norm_first, dtype).On(device);
            /// <summary>Attention within a sequence and to another one, and a feed-forward block.</summary>
            public static TransformerDecoderLayer TransformerDecoderLayer(long d_model, long nhead, long dim_feedforward = 2048, double dropout = 0.1, Activation? activation = null, double layer_norm_eps = 1e-05, bool batch_first = false, bool norm_first = false, Device? device = null, ScalarType? dtype = null) =>
                new TransformerDecoderLayer(d_model, nhead, dim_feedforward, dropout, OrRelu(activation), layer_norm_eps, batch_first, norm_first, dtype).On(device);
            /// <summary>Copies of an encoder layer, one after the other.</summary>
            public static TransformerEncoder TransformerEncoder(TransformerEncoderLayer encoder_layer, long num_layers, Module<Tensor, Tensor>? norm = null, bool enable_nested_tensor = true) => new(encoder_layer, num_layers, norm);
            /// <summary>Copies of a decoder layer, one after the other.</summary>
            public static TransformerDecoder TransformerDecoder(TransformerDecoderLayer decoder_layer, long num_layers, Module<Tensor, Tensor>? norm = null) => new(decoder_layer, num_layers, norm);
            /// <summary>An encoder and a decoder.</summary>
            public static Transformer Transformer(long d_model = 512, long nhead = 8, long num_encoder_layers = 6, long num_decoder_layers = 6, long dim_feedforward = 2048, double dropout = 0.1, Activation? activation = null, TransformerEncoder? custom_encoder = null, TransformerDecoder? custom_decoder = null, double layer_norm_eps = 1e-05, bool batch_first = false, bool norm_first = false, Device? device = null, ScalarType? dtype = null) =>
                new Transformer(d_model, nhead, num_encoder_layers, num_decoder_layers, dim_feedforward, dropout, OrRelu(activation), custom_encoder, custom_decoder, layer_norm_eps, batch_first, norm_first, dtype).On(device);
        }
    }
}

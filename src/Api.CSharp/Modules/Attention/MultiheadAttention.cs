using Microsoft.FSharp.Core;

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Attention with several heads (Vaswani et al. 2017).</summary>
            public static Modules.MultiheadAttention MultiheadAttention(long embed_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null, bool batch_first = false, Device? device = null, ScalarType? dtype = null) =>
                new Modules.MultiheadAttention(embed_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim ?? embed_dim, vdim ?? embed_dim, batch_first, dtype).On(device);

            public static partial class functional
            {
                static FSharpOption<CoreTensor>? Mask(Tensor? mask) => mask is null ? null : FSharpOption<CoreTensor>.Some(mask.dtype == ScalarType.Byte ? mask.@bool().Core : mask.Core);

                /// <summary>Attention over [L, N, E], [S, N, ...], [S, N, ...] (or without N) with the core's weights; outputs, and weights if they are wanted.</summary>
                internal static (Tensor, Tensor?) Attend(AttentionWeights weights, Tensor query, Tensor key, Tensor value, long num_heads, bool add_zero_attn, double dropout_p, bool training, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask, bool average_attn_weights)
                {
                    var batched = query.dim() == 3;
                    if (!batched && query.dim() != 2) throw new ShapeException($"query should be unbatched 2D or batched 3D tensor but received {query.dim()}-D query tensor");
                    if (key.dim() != query.dim() || value.dim() != query.dim())
                        throw new ShapeException($"For {(batched ? "batched (3-D)" : "unbatched (2-D)")} `query`, expected `key` and `value` to be {query.dim()}-D but found {key.dim()}-D and {value.dim()}-D tensors respectively");
                    if (key_padding_mask is not null && key_padding_mask.dtype != ScalarType.Bool && !key_padding_mask.is_floating_point())
                        throw new DtypeException("only bool and floating types of key_padding_mask are supported");
                    if (attn_mask is not null && attn_mask.dtype is not (ScalarType.Bool or ScalarType.Byte) && !attn_mask.is_floating_point())
                        throw new DtypeException($"Only float, byte, and bool types are supported for attn_mask, not {Named(attn_mask)}");

                    // Tensors that are the same stay so: they are multiplied once.
                    var (q, k, v) = (query, key, value);
                    if (!batched)
                    {
                        q = query.unsqueeze(1);
                        k = ReferenceEquals(key, query) ? q : key.unsqueeze(1);
                        v = ReferenceEquals(value, key) ? k : value.unsqueeze(1);
                        key_padding_mask = key_padding_mask?.unsqueeze(0);
                    }
                    AttentionMasks masks = new(Mask(attn_mask), Mask(key_padding_mask));
                    Attention.requireFitting(Convert.Int(num_heads), masks, q.Core, k.Core, v.Core);

                    var drops = training && dropout_p > 0;
                    var dropping = need_weights || drops ? FSharpOption<FSharpFunc<CoreTensor, CoreTensor>>.Some(FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => drops ? dropout(new Tensor(t), dropout_p).Core : t)) : null;
                    var (output, attention) = Attention.multiHead(Convert.Int(num_heads), add_zero_attn, dropping, masks, weights, q.Core, k.Core, v.Core);
                    var (mixed, shown) = (new Tensor(output), need_weights ? new Tensor(attention.Value) : null);
                    if (average_attn_weights) shown = shown?.mean([1L]);
                    return batched ? (mixed, shown) : (mixed.squeeze(1), shown?.squeeze(0));
                }

                static FSharpOption<Tuple<CoreTensor, CoreTensor>>? ExtraOf(Tensor? key, Tensor? value) =>
                    key is null || value is null ? null : FSharpOption<Tuple<CoreTensor, CoreTensor>>.Some(Tuple.Create(key.Core, value.Core));

                /// <summary>The core's weights of attention: joint (in_proj_weight) or apart for queries, keys and values.</summary>
                internal static AttentionWeights Weights(Tensor? in_proj_weight, Tensor? q_proj_weight, Tensor? k_proj_weight, Tensor? v_proj_weight, Tensor? in_proj_bias, Tensor? bias_k, Tensor? bias_v, Tensor out_proj_weight, Tensor? out_proj_bias) =>
                    new(in_proj_weight is not null ? AttentionProjection.NewJoint(in_proj_weight.Core) : AttentionProjection.NewApart(q_proj_weight!.Core, k_proj_weight!.Core, v_proj_weight!.Core),
                        Option(in_proj_bias), ExtraOf(bias_k, bias_v), out_proj_weight.Core, Option(out_proj_bias));

                /// <summary>Attention with several heads over [L, N, E], [S, N, ...], [S, N, ...]: outputs, and weights if they are wanted.</summary>
                public static (Tensor, Tensor?) multi_head_attention_forward(Tensor query, Tensor key, Tensor value, long embed_dim_to_check, long num_heads, Tensor? in_proj_weight, Tensor? in_proj_bias, Tensor? bias_k, Tensor? bias_v, bool add_zero_attn, double dropout_p, Tensor out_proj_weight, Tensor? out_proj_bias, bool training = true, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null, bool use_separate_proj_weight = false, Tensor? q_proj_weight = null, Tensor? k_proj_weight = null, Tensor? v_proj_weight = null, bool average_attn_weights = true)
                {
                    if (query.size(-1) != embed_dim_to_check) throw new ShapeException($"was expecting embedding dimension of {embed_dim_to_check}, but got {query.size(-1)}");
                    if (use_separate_proj_weight ? q_proj_weight is null || k_proj_weight is null || v_proj_weight is null : in_proj_weight is null)
                        throw new ArgumentValueException(use_separate_proj_weight ? "use_separate_proj_weight is True but q_proj_weight, k_proj_weight or v_proj_weight is None" : "use_separate_proj_weight is False but in_proj_weight is None");
                    var weights = Weights(use_separate_proj_weight ? null : in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias, bias_k, bias_v, out_proj_weight, out_proj_bias);
                    return Attend(weights, query, key, value, num_heads, add_zero_attn, dropout_p, training, key_padding_mask, need_weights, attn_mask, average_attn_weights);
                }
            }
        }
    }
}

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Attention with several heads (Vaswani et al. 2017).</summary>
    public sealed class MultiheadAttention : nn.Module
    {
        readonly long num_heads;
        readonly double dropout;
        readonly bool add_zero_attn, batch_first;

        /// <summary>[3 * embed_dim, embed_dim]; null where keys or values have another width.</summary>
        public Parameter? in_proj_weight { get; }
        /// <summary>[embed_dim, embed_dim], where keys or values have another width.</summary>
        public Parameter? q_proj_weight { get; }
        /// <summary>[embed_dim, kdim]</summary>
        public Parameter? k_proj_weight { get; }
        /// <summary>[embed_dim, vdim]</summary>
        public Parameter? v_proj_weight { get; }
        /// <summary>[3 * embed_dim]</summary>
        public Parameter? in_proj_bias { get; }
        /// <summary>One more key.</summary>
        public Parameter? bias_k { get; }
        /// <summary>One more value.</summary>
        public Parameter? bias_v { get; }
        /// <summary>What the heads' outputs go through.</summary>
        public Linear out_proj { get; }

        internal MultiheadAttention(long embed_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long kdim, long vdim, bool batch_first, ScalarType? dtype) : base("MultiheadAttention")
        {
            if (num_heads <= 0 || embed_dim % num_heads != 0) throw new ArgumentValueException("embed_dim must be divisible by num_heads");
            (this.num_heads, this.dropout, this.add_zero_attn, this.batch_first) = (num_heads, dropout, add_zero_attn, batch_first);
            var joint = kdim == embed_dim && vdim == embed_dim;

            Parameter? Add(string name, bool wanted, params long[] sizes)
            {
                var parameter = wanted ? new Parameter(empty(sizes, dtype)) : null;
                register_parameter(name, parameter);
                return parameter;
            }

            in_proj_weight = Add("in_proj_weight", joint, 3 * embed_dim, embed_dim);
            q_proj_weight = Add("q_proj_weight", !joint, embed_dim, embed_dim);
            k_proj_weight = Add("k_proj_weight", !joint, embed_dim, kdim);
            v_proj_weight = Add("v_proj_weight", !joint, embed_dim, vdim);
            in_proj_bias = Add("in_proj_bias", bias, 3 * embed_dim);
            bias_k = Add("bias_k", add_bias_kv, 1, 1, embed_dim);
            bias_v = Add("bias_v", add_bias_kv, 1, 1, embed_dim);
            out_proj = nn.Linear(embed_dim, embed_dim, bias, dtype: dtype);
            register_module("out_proj", out_proj);

            foreach (var weight in new[] { in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight })
                if (weight is not null) nn.init.xavier_uniform_(weight);
            if (in_proj_bias is not null)
            {
                nn.init.zeros_(in_proj_bias);
                nn.init.zeros_(out_proj.bias!);
            }
            if (bias_k is not null) nn.init.xavier_normal_(bias_k);
            if (bias_v is not null) nn.init.xavier_normal_(bias_v);
        }

        /// <summary>Outputs like the queries, and what each looked at if it is wanted (averaged over the heads, or for each).</summary>
        public (Tensor, Tensor?) forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null, bool average_attn_weights = true)
        {
            var turned = batch_first && query.dim() == 3;
            if (turned)
            {
                var (q, k, v) = (query, key, value);
                query = q.transpose(0, 1);
                key = ReferenceEquals(k, q) ? query : k.transpose(0, 1);
                value = ReferenceEquals(v, k) ? key : v.transpose(0, 1);
            }
            var weights = nn.functional.Weights(in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias, bias_k, bias_v, out_proj.weight, out_proj.bias);
            var (output, attention) = nn.functional.Attend(weights, query, key, value, num_heads, add_zero_attn, dropout, training, key_padding_mask, need_weights, attn_mask, average_attn_weights);
            return (turned ? output.transpose(0, 1) : output, attention);
        }

        /// <summary>What the module computes, with its hooks.</summary>
        public (Tensor, Tensor?) call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null, bool average_attn_weights = true) =>
            IsHooked
                ? Hooked([query, key, value], a => forward((Tensor)a[0]!, (Tensor)a[1]!, (Tensor)a[2]!, key_padding_mask, need_weights, attn_mask, average_attn_weights))
                : forward(query, key, value, key_padding_mask, need_weights, attn_mask, average_attn_weights);
    }
}

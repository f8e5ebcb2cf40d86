using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// softmax(scale * query keyT + attn_mask) value. A mask of truths says what may be looked at, a mask of numbers is added; if
            /// causal, position i sees nothing behind position i. The scores are never in memory all at once, unless some are dropped.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double dropout_p = 0.0, bool is_causal = false, double? scale = null)
            {
                if (dropout_p is < 0 or > 1 or double.NaN) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {dropout_p}");
                var factor = scale is { } s ? FSharpOption<double>.Some(s) : null;
                if (dropout_p == 0) return new(FusedAttention.attend(Option(Autocast.Maybe(attn_mask)), is_causal, factor, Autocast.As(query).Core, Autocast.As(key).Core, Autocast.As(value).Core));
                var weights = new Tensor(FusedAttention.lookOf(Option(Autocast.Maybe(attn_mask)), is_causal, factor, Autocast.As(query).Core, Autocast.As(key).Core, Autocast.As(value).Core));
                return matmul(dropout(weights, dropout_p), value);
            }
        }
    }
}

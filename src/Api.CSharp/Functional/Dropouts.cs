namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>What a mask of PyTorch's random numbers keeps, while training.</summary>
            static Tensor Drop(Func<double, CoreTensor, CoreTensor, CoreTensor> apply, Tensor input, CoreTensor drawnLike, double p, bool training, bool inplace)
            {
                if (p is < 0 or > 1 or double.NaN) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {p}: it is the share of elements that become 0");
                if (!training || p == 0 || input.numel() == 0) return input;
                var shape = drawnLike.Shape;
                var mask = p == 1 ? Operands.number(drawnLike, drawnLike.Dtype, shape, Number.NewReal(0)) : Drawing.bernoulli(Generator.Default.Source, drawnLike.Backend, drawnLike.Dtype, shape, 1 - p);
                return In(inplace, input, new(apply(p, mask, input.Core)));
            }

            static CoreTensor Elements(Tensor input) => input.Core;
            // Of what has no channels nothing can be dropped, but it can pass.
            static CoreTensor Channels(Tensor input, bool drops = true) => !drops ? input.Core : Operands.number(input.Core, input.Core.Dtype, Dropping.channelShape(input.Core), Number.NewReal(0));

            /// <summary>Zeroes elements with probability p and scales the others up, while training.</summary>
            [Forms(Forms.Plain, ".dropout")]
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Drop(Dropping.scaled, input, Elements(input), p, training, inplace);
            /// <summary>Keeps mean and variance while elements are saturated with probability p.</summary>
            [Forms(Forms.Plain, ".alpha_dropout")]
            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) => Drop(Dropping.saturated, input, Elements(input), p, training, inplace);
            /// <summary>Keeps mean and variance while channels are saturated with probability p.</summary>
            [Forms(Forms.Plain, ".feature_alpha_dropout")]
            public static Tensor feature_alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) => Drop(Dropping.saturated, input, Channels(input, training && p > 0), p, training, inplace);

            /// <summary>Zeroes channels with probability p and scales the others up, while training; without a batch where the rank says so.</summary>
            static Tensor ChannelDropout(string name, int[] ranks, int unbatched, Tensor input, double p, bool training, bool inplace)
            {
                if (p is < 0 or > 1 or double.NaN) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {p}: it is the share of elements that become 0");
                if (ranks.Length > 0 && !ranks.Contains((int)input.dim()))
                    throw new ShapeException($"{name}: Expected {string.Join(" or ", ranks.Select(r => $"{r}D"))} input, but received a {input.dim()}D input. Note that {name} exists to provide channel-wise dropout on inputs with {ranks[0] - 1} spatial dimension, a channel dimension, and an optional batch dimension (i.e. {string.Join(" or ", ranks.Select(r => $"{r}D"))} inputs).");
                if (input.dim() != unbatched) return Drop(Dropping.scaled, input, Channels(input), p, training, inplace);
                var dropped = Drop(Dropping.scaled, unsqueeze(input, 0), Channels(unsqueeze(input, 0)), p, training, false);
                return In(inplace, input, squeeze(dropped, 0));
            }

            /// <summary>Zeroes channels of [N, C, L] with probability p and scales the others up, while training.</summary>
            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => ChannelDropout("dropout1d", [2, 3], 2, input, p, training, inplace);
            /// <summary>Zeroes channels of [N, C, H, W] with probability p and scales the others up, while training.</summary>
            [Forms(Forms.Plain, ".feature_dropout")]
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => ChannelDropout("dropout2d", [], -1, input, p, training, inplace);
            /// <summary>Zeroes channels of [N, C, D, H, W] with probability p and scales the others up, while training.</summary>
            public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => ChannelDropout("dropout3d", [], 4, input, p, training, inplace);

            /// <summary>x above 0, elsewhere x times a slope: drawn from [lower, upper) for each element while training, their mean else.</summary>
            [Forms(Forms.InPlace, ".rrelu")]
            public static Tensor rrelu(Tensor input, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false, bool inplace = false)
            {
                if (lower > upper) throw new ArgumentValueException($"Lower bound should be less than or equal to the upper bound (got {lower} and {upper} in rrelu)");
                if (!training) return leaky_relu(input, (lower + upper) / 2, inplace);
                var slopes = Drawing.slopes(Generator.Default.Source, lower, upper, input.Core);
                return In(inplace, input, new(Engine.pointwise(Formulas.prelu, [], [input.Core, slopes])));
            }

            /// <summary>A choice along a dimension that can be differentiated: softmax with Gumbel noise; hard gives 0 and 1 with the soft slopes.</summary>
            public static Tensor gumbel_softmax(Tensor logits, double tau = 1, bool hard = false, double eps = 1e-10, long dim = -1) =>
                new(Relaxation.gumbelSoftmaxOf(tau, hard, Convert.Int(dim), Drawing.exponential(Generator.Default.Source, logits.Core.Backend, logits.Core.Dtype, logits.Core.Shape, 1), logits.Core));
        }
    }
}

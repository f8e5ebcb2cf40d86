namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Zeroes channels of [N, C, L] while learning and scales the others up (Tompson et al. 2015).</summary>
    public sealed class Dropout1d(double p, bool inplace) : Dropping("Dropout1d", p, (input, training) => nn.functional.dropout1d(input, p, training, inplace));

    /// <summary>Zeroes channels of [N, C, H, W] while learning and scales the others up.</summary>
    public sealed class Dropout2d(double p, bool inplace) : Dropping("Dropout2d", p, (input, training) => nn.functional.dropout2d(input, p, training, inplace));

    /// <summary>Zeroes channels of [N, C, D, H, W] while learning and scales the others up.</summary>
    public sealed class Dropout3d(double p, bool inplace) : Dropping("Dropout3d", p, (input, training) => nn.functional.dropout3d(input, p, training, inplace));

    /// <summary>Saturates elements while learning, keeping mean and variance (Klambauer et al. 2017).</summary>
    public sealed class AlphaDropout(double p, bool inplace) : Dropping("AlphaDropout", p, (input, training) => nn.functional.alpha_dropout(input, p, training, inplace));

    /// <summary>Saturates channels while learning, keeping mean and variance.</summary>
    public sealed class FeatureAlphaDropout(double p, bool inplace) : Dropping("FeatureAlphaDropout", p, (input, training) => nn.functional.feature_alpha_dropout(input, p, training, inplace));

    /// <summary>x above 0, elsewhere x times a slope that is drawn while learning (Xu et al. 2015).</summary>
    public sealed class RReLU(double lower, double upper, bool inplace) : Applied("RReLU", (input, training) => nn.functional.rrelu(input, lower, upper, training, inplace));

    /// <summary>A module that drops something with a probability.</summary>
    public abstract class Dropping : Applied
    {
        private protected Dropping(string name, double p, Func<Tensor, bool, Tensor> function) : base(name, function)
        {
            if (p is < 0 or > 1 or double.NaN) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {p}: it is the share of elements that become 0");
        }
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Zeroes channels of [N, C, L] while learning and scales the others up (Tompson et al. 2015).</summary>
            public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);
            /// <summary>Zeroes channels of [N, C, H, W] while learning and scales the others up.</summary>
            public static Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);
            /// <summary>Zeroes channels of [N, C, D, H, W] while learning and scales the others up.</summary>
            public static Dropout3d Dropout3d(double p = 0.5, bool inplace = false) => new(p, inplace);
            /// <summary>Saturates elements while learning, keeping mean and variance (Klambauer et al. 2017).</summary>
            public static AlphaDropout AlphaDropout(double p = 0.5, bool inplace = false) => new(p, inplace);
            /// <summary>Saturates channels while learning, keeping mean and variance.</summary>
            public static FeatureAlphaDropout FeatureAlphaDropout(double p = 0.5, bool inplace = false) => new(p, inplace);
            /// <summary>x above 0, elsewhere x times a slope that is drawn while learning (Xu et al. 2015).</summary>
            public static RReLU RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3, bool inplace = false) => new(lower, upper, inplace);
        }
    }
}

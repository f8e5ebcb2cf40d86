namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Wide convolutions of single channels between narrow ends, which are added where they have one shape.</summary>
    sealed class InvertedResidual : Layer
    {
        readonly Layer conv;
        readonly bool adds;

        internal InvertedResidual(long inputs, long outputs, long stride, long expand_ratio, Func<long, Layer> norm) : base("InvertedResidual")
        {
            if (stride is not (1 or 2)) throw new ArgumentValueException($"stride should be 1 or 2 instead of {stride}");
            adds = stride == 1 && inputs == outputs;
            var hidden = inputs * expand_ratio;
            conv = this.Part("conv", nn.Sequential([
                .. expand_ratio == 1 ? Array.Empty<Layer>() : [Parts.ConvNorm(inputs, hidden, 1, norm, () => nn.ReLU6())],
                Parts.ConvNorm(hidden, hidden, 3, norm, () => nn.ReLU6(), stride, hidden),
                Parts.Bare(hidden, outputs, 1),
                norm(outputs),
            ]));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => adds ? input + conv.call(input) : conv.call(input);
    }

    /// <summary>Inverted residuals (Sandler et al. 2018): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class MobileNetV2 : Layer
    {
        /// <summary>Rows of expansion, channels, blocks and stride.</summary>
        static readonly long[][] Usual = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]];

        readonly Layer features, classifier;

        internal MobileNetV2(long num_classes, double width_mult, long[][]? inverted_residual_setting, long round_nearest, Func<long, Layer>? norm_layer, double dropout) : base("MobileNetV2")
        {
            var (setting, norm) = (inverted_residual_setting ?? Usual, norm_layer ?? Parts.Norm);
            if (setting.Length == 0 || setting.Any(row => row.Length != 4))
                throw new ArgumentValueException($"inverted_residual_setting should be non-empty or a 4-element list, got {setting.Length} rows");
            var channels = Parts.Divisible(32 * width_mult, round_nearest);
            var last = Parts.Divisible(1280 * Math.Max(1, width_mult), round_nearest);

            var layers = nn.Sequential(Parts.ConvNorm(3, channels, 3, norm, () => nn.ReLU6(), stride: 2));
            foreach (var row in setting)
                for (var i = 0; i < row[2]; i++)
                {
                    var outputs = Parts.Divisible(row[1] * width_mult, round_nearest);
                    layers.append(new InvertedResidual(channels, outputs, i == 0 ? row[3] : 1, row[0], norm));
                    channels = outputs;
                }
            features = this.Part("features", layers.append(Parts.ConvNorm(channels, last, 1, norm, () => nn.ReLU6())));
            classifier = this.Part("classifier", nn.Sequential(nn.Dropout(dropout), nn.Linear(last, num_classes)));
            Parts.Initialize(this, Parts.Small);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => classifier.call(nn.functional.adaptive_avg_pool2d(features.call(input), 1).flatten(1));
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            /// <summary>MobileNet of the second version; the setting has rows of expansion, channels, blocks and stride. Raises ArgumentValueException where it has not.</summary>
            public static Vision.MobileNetV2 MobileNetV2(long num_classes = 1000, double width_mult = 1.0, long[][]? inverted_residual_setting = null, long round_nearest = 8, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null, double dropout = 0.2) =>
                new(num_classes, width_mult, inverted_residual_setting, round_nearest, norm_layer, dropout);

            /// <summary>MobileNetV2. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MobileNetV2 mobilenet_v2(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double width_mult = 1.0, long[][]? inverted_residual_setting = null, long round_nearest = 8, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null, double dropout = 0.2)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(num_classes, width_mult, inverted_residual_setting, round_nearest, norm_layer, dropout);
            }
        }
    }
}

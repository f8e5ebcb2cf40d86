namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>One block of the third MobileNet: kernel size, channels between and behind, excitation, activation, stride and dilation.</summary>
    readonly record struct BneckRow(long Inputs, long Kernel, long Expanded, long Outputs, bool Excites, bool Hard, long Stride, long Dilation = 1)
    {
        internal BneckRow Scaled(double width) => this with
        {
            Inputs = Parts.Divisible(Inputs * width, 8),
            Expanded = Parts.Divisible(Expanded * width, 8),
            Outputs = Parts.Divisible(Outputs * width, 8),
        };
    }

    /// <summary>An inverted residual, with excitation where its row says so.</summary>
    sealed class Bneck : Layer
    {
        readonly Layer block;
        readonly bool adds;

        internal Bneck(BneckRow row, Func<long, Layer> norm) : base("InvertedResidual")
        {
            adds = row.Stride == 1 && row.Inputs == row.Outputs;
            Func<Layer> activation = row.Hard ? () => nn.Hardswish() : () => nn.ReLU();
            var layers = nn.Sequential(Array.Empty<Layer>());
            if (row.Expanded != row.Inputs) layers.append(Parts.ConvNorm(row.Inputs, row.Expanded, 1, norm, activation));
            layers.append(Parts.ConvNorm(row.Expanded, row.Expanded, row.Kernel, norm, activation, row.Dilation > 1 ? 1 : row.Stride, row.Expanded, row.Dilation));
            if (row.Excites) layers.append(new SqueezeExcitation(row.Expanded, Parts.Divisible(row.Expanded / 4, 8), () => nn.ReLU(), () => nn.Hardsigmoid()));
            block = this.Part("block", layers.append(Parts.ConvNorm(row.Expanded, row.Outputs, 1, norm, null)));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => adds ? block.call(input) + input : block.call(input);
    }

    /// <summary>Inverted residuals with excitation and hard activations (Howard et al. 2019): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class MobileNetV3 : Layer
    {
        readonly Layer features, avgpool, classifier;

        internal MobileNetV3(BneckRow[] rows, long last_channel, long num_classes, Func<long, Layer>? norm_layer, double dropout) : base("MobileNetV3")
        {
            var norm = norm_layer ?? Parts.NormWith(eps: 0.001, momentum: 0.01);
            var wide = 6 * rows[^1].Outputs;
            features = this.Part("features", nn.Sequential([
                Parts.ConvNorm(3, rows[0].Inputs, 3, norm, () => nn.Hardswish(), stride: 2),
                .. rows.Select(row => new Bneck(row, norm)),
                Parts.ConvNorm(rows[^1].Outputs, wide, 1, norm, () => nn.Hardswish()),
            ]));
            avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
            classifier = this.Part("classifier", nn.Sequential(nn.Linear(wide, last_channel), nn.Hardswish(), nn.Dropout(dropout), nn.Linear(last_channel, num_classes)));
            Parts.Initialize(this, Parts.Small);
        }

        /// <summary>The rows of the large network; its tail may be narrower, and dilated instead of halved.</summary>
        internal static BneckRow[] Large(long divider, long dilation) =>
        [
            new(16, 3, 16, 16, false, false, 1), new(16, 3, 64, 24, false, false, 2), new(24, 3, 72, 24, false, false, 1),
            new(24, 5, 72, 40, true, false, 2), new(40, 5, 120, 40, true, false, 1), new(40, 5, 120, 40, true, false, 1),
            new(40, 3, 240, 80, false, true, 2), new(80, 3, 200, 80, false, true, 1), new(80, 3, 184, 80, false, true, 1),
            new(80, 3, 184, 80, false, true, 1), new(80, 3, 480, 112, true, true, 1), new(112, 3, 672, 112, true, true, 1),
            new(112, 5, 672, 160 / divider, true, true, 2, dilation),
            new(160 / divider, 5, 960 / divider, 160 / divider, true, true, 1, dilation),
            new(160 / divider, 5, 960 / divider, 160 / divider, true, true, 1, dilation),
        ];

        /// <summary>The rows of the small network.</summary>
        internal static BneckRow[] Small(long divider, long dilation) =>
        [
            new(16, 3, 16, 16, true, false, 2), new(16, 3, 72, 24, false, false, 2), new(24, 3, 88, 24, false, false, 1),
            new(24, 5, 96, 40, true, true, 2), new(40, 5, 240, 40, true, true, 1), new(40, 5, 240, 40, true, true, 1),
            new(40, 5, 120, 48, true, true, 1), new(48, 5, 144, 48, true, true, 1),
            new(48, 5, 288, 96 / divider, true, true, 2, dilation),
            new(96 / divider, 5, 576 / divider, 96 / divider, true, true, 1, dilation),
            new(96 / divider, 5, 576 / divider, 96 / divider, true, true, 1, dilation),
        ];

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => classifier.call(avgpool.call(features.call(input)).flatten(1));
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            static Vision.MobileNetV3 Mobile(bool pretrained, string? weights, Func<long, long, Vision.BneckRow[]> rows, long last, long num_classes, double width_mult, bool reduced_tail, bool dilated, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer, double dropout)
            {
                Vision.Parts.Untrained(pretrained, weights);
                var divider = reduced_tail ? 2 : 1;
                return new([.. rows(divider, dilated ? 2 : 1).Select(row => row.Scaled(width_mult))], Vision.Parts.Divisible(last / divider * width_mult, 8), num_classes, norm_layer, dropout);
            }

            /// <summary>The large MobileNetV3. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MobileNetV3 mobilenet_v3_large(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double width_mult = 1.0, bool reduced_tail = false, bool dilated = false, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null, double dropout = 0.2) =>
                Mobile(pretrained, weights, Vision.MobileNetV3.Large, 1280, num_classes, width_mult, reduced_tail, dilated, norm_layer, dropout);
            /// <summary>The small MobileNetV3. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MobileNetV3 mobilenet_v3_small(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double width_mult = 1.0, bool reduced_tail = false, bool dilated = false, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null, double dropout = 0.2) =>
                Mobile(pretrained, weights, Vision.MobileNetV3.Small, 1024, num_classes, width_mult, reduced_tail, dilated, norm_layer, dropout);
        }
    }
}

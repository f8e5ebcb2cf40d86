namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Few channels, then more by convolutions of two sizes side by side.</summary>
    sealed class Fire : Layer
    {
        readonly Layer squeeze, squeeze_activation, expand1x1, expand1x1_activation, expand3x3, expand3x3_activation;

        internal Fire(long inplanes, long squeeze_planes, long expand_planes) : base("Fire")
        {
            squeeze = this.Part("squeeze", nn.Conv2d(inplanes, squeeze_planes, 1));
            squeeze_activation = this.Part("squeeze_activation", nn.ReLU());
            expand1x1 = this.Part("expand1x1", nn.Conv2d(squeeze_planes, expand_planes, 1));
            expand1x1_activation = this.Part("expand1x1_activation", nn.ReLU());
            expand3x3 = this.Part("expand3x3", nn.Conv2d(squeeze_planes, expand_planes, 3, padding: 1));
            expand3x3_activation = this.Part("expand3x3_activation", nn.ReLU());
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            var few = squeeze_activation.call(squeeze.call(input));
            return cat([expand1x1_activation.call(expand1x1.call(few)), expand3x3_activation.call(expand3x3.call(few))], 1);
        }
    }

    /// <summary>A small network of fire modules (Iandola et al. 2016): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class SqueezeNet : Layer
    {
        readonly Layer features, classifier;

        internal SqueezeNet(string version, long num_classes, double dropout) : base("SqueezeNet")
        {
            static Layer Pool() => nn.MaxPool2d(3, stride: 2, ceil_mode: true);
            features = this.Part("features", version switch
            {
                "1_0" => nn.Sequential(
                    nn.Conv2d(3, 96, 7, stride: 2), nn.ReLU(), Pool(),
                    new Fire(96, 16, 64), new Fire(128, 16, 64), new Fire(128, 32, 128), Pool(),
                    new Fire(256, 32, 128), new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), Pool(),
                    new Fire(512, 64, 256)),
                "1_1" => nn.Sequential(
                    nn.Conv2d(3, 64, 3, stride: 2), nn.ReLU(), Pool(),
                    new Fire(64, 16, 64), new Fire(128, 16, 64), Pool(),
                    new Fire(128, 32, 128), new Fire(256, 32, 128), Pool(),
                    new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256)),
                _ => throw new ArgumentValueException($"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected"),
            });
            var last = nn.Conv2d(512, num_classes, 1);
            classifier = this.Part("classifier", nn.Sequential(nn.Dropout(dropout), last, nn.ReLU(), nn.AdaptiveAvgPool2d(1)));

            foreach (var convolution in modules().OfType<Modules.Conv2d>())
            {
                if (ReferenceEquals(convolution, last)) nn.init.normal_(convolution.weight, 0, 0.01);
                else nn.init.kaiming_uniform_(convolution.weight);
                Parts.Zero(convolution.bias);
            }
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => classifier.call(features.call(input)).flatten(1);
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            /// <summary>SqueezeNet of version "1_0" or "1_1". Raises ArgumentValueException for others.</summary>
            public static Vision.SqueezeNet SqueezeNet(string version = "1_0", long num_classes = 1000, double dropout = 0.5) => new(version, num_classes, dropout);

            static Vision.SqueezeNet Squeezed(bool pretrained, string? weights, string version, long num_classes, double dropout)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(version, num_classes, dropout);
            }

            /// <summary>SqueezeNet 1.0. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.SqueezeNet squeezenet1_0(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.5) =>
                Squeezed(pretrained, weights, "1_0", num_classes, dropout);
            /// <summary>SqueezeNet 1.1, with less work. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.SqueezeNet squeezenet1_1(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.5) =>
                Squeezed(pretrained, weights, "1_1", num_classes, dropout);
        }
    }
}

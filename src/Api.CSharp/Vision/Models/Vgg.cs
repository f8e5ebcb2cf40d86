namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Stages of 3 x 3 convolutions, each followed by max pooling, and three linear layers (Simonyan and Zisserman 2014): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class VGG : Layer
    {
        readonly Layer features, avgpool, classifier;

        internal VGG(Layer features, long num_classes, bool init_weights, double dropout) : base("VGG")
        {
            this.features = this.Part("features", features);
            avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(7));
            classifier = this.Part("classifier", nn.Sequential(
                nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(dropout),
                nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(dropout),
                nn.Linear(4096, num_classes)));
            if (init_weights) Parts.Initialize(this, Parts.Small);
        }

        /// <summary>Stages of so many convolutions each, with 64, 128, 256, 512 and 512 channels.</summary>
        internal static Layer Features(bool batch_norm, params int[] convolutions)
        {
            var layers = nn.Sequential(Array.Empty<Layer>());
            long[] widths = [64, 128, 256, 512, 512];
            var channels = 3L;
            for (var stage = 0; stage < widths.Length; stage++)
            {
                for (var i = 0; i < convolutions[stage]; i++)
                {
                    layers.append(nn.Conv2d(channels, widths[stage], 3, padding: 1));
                    if (batch_norm) layers.append(nn.BatchNorm2d(widths[stage]));
                    layers.append(nn.ReLU());
                    channels = widths[stage];
                }
                layers.append(nn.MaxPool2d(2, stride: 2));
            }
            return layers;
        }

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
            static Vision.VGG Vgg(bool pretrained, string? weights, bool batch_norm, int[] convolutions, long num_classes, bool init_weights, double dropout)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(Vision.VGG.Features(batch_norm, convolutions), num_classes, init_weights, dropout);
            }

            /// <summary>VGG over features of 512 channels.</summary>
            public static Vision.VGG VGG(torch.nn.Module<torch.Tensor, torch.Tensor> features, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) => new(features, num_classes, init_weights, dropout);

            /// <summary>VGG of 11 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg11(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, false, [1, 1, 2, 2, 2], num_classes, init_weights, dropout);
            /// <summary>VGG of 11 layers, with batch norm. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg11_bn(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, true, [1, 1, 2, 2, 2], num_classes, init_weights, dropout);
            /// <summary>VGG of 13 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg13(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, false, [2, 2, 2, 2, 2], num_classes, init_weights, dropout);
            /// <summary>VGG of 13 layers, with batch norm. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg13_bn(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, true, [2, 2, 2, 2, 2], num_classes, init_weights, dropout);
            /// <summary>VGG of 16 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg16(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, false, [2, 2, 3, 3, 3], num_classes, init_weights, dropout);
            /// <summary>VGG of 16 layers, with batch norm. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg16_bn(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, true, [2, 2, 3, 3, 3], num_classes, init_weights, dropout);
            /// <summary>VGG of 19 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg19(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, false, [2, 2, 4, 4, 4], num_classes, init_weights, dropout);
            /// <summary>VGG of 19 layers, with batch norm. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.VGG vgg19_bn(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool init_weights = true, double dropout = 0.5) =>
                Vgg(pretrained, weights, true, [2, 2, 4, 4, 4], num_classes, init_weights, dropout);
        }
    }
}

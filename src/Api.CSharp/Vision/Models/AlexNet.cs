namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Five convolutions and three linear layers (Krizhevsky 2014): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class AlexNet : Layer
    {
        readonly Layer features, avgpool, classifier;

        internal AlexNet(long num_classes, double dropout) : base("AlexNet")
        {
            features = this.Part("features", nn.Sequential(
                nn.Conv2d(3, 64, 11, stride: 4, padding: 2), nn.ReLU(), nn.MaxPool2d(3, stride: 2),
                nn.Conv2d(64, 192, 5, padding: 2), nn.ReLU(), nn.MaxPool2d(3, stride: 2),
                nn.Conv2d(192, 384, 3, padding: 1), nn.ReLU(),
                nn.Conv2d(384, 256, 3, padding: 1), nn.ReLU(),
                nn.Conv2d(256, 256, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(3, stride: 2)));
            avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(6));
            classifier = this.Part("classifier", nn.Sequential(
                nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(),
                nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(),
                nn.Linear(4096, num_classes)));
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
            /// <summary>Five convolutions and three linear layers.</summary>
            public static Vision.AlexNet AlexNet(long num_classes = 1000, double dropout = 0.5) => new(num_classes, dropout);

            /// <summary>AlexNet. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.AlexNet alexnet(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.5)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(num_classes, dropout);
            }
        }
    }
}

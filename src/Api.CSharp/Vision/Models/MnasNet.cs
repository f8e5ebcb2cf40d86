namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>An inverted residual whose layers lie in one sequence.</summary>
    sealed class MnasBlock : Layer
    {
        readonly Layer layers;
        readonly bool adds;

        internal MnasBlock(long inputs, long outputs, long kernel, long stride, long expansion) : base("_InvertedResidual")
        {
            adds = inputs == outputs && stride == 1;
            var hidden = inputs * expansion;
            layers = this.Part("layers", nn.Sequential(
                Parts.Bare(inputs, hidden, 1), MNASNet.Norm(hidden), nn.ReLU(),
                Parts.Bare(hidden, hidden, kernel, stride, hidden), MNASNet.Norm(hidden), nn.ReLU(),
                Parts.Bare(hidden, outputs, 1), MNASNet.Norm(outputs)));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => adds ? layers.call(input) + input : layers.call(input);
    }

    /// <summary>A network that was searched for (Tan et al. 2019): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class MNASNet : Layer
    {
        readonly Layer layers, classifier;

        internal MNASNet(double alpha, long num_classes, double dropout) : base("MNASNet")
        {
            if (alpha <= 0) throw new ArgumentValueException($"alpha should be greater than 0.0 instead of {alpha}");
            long[] depths = [.. new[] { 32, 16, 24, 40, 80, 96, 192, 320 }.Select(depth => Parts.Divisible(depth * alpha, 8))];
            layers = this.Part("layers", nn.Sequential(
                Parts.Bare(3, depths[0], 3, 2), Norm(depths[0]), nn.ReLU(),
                Parts.Bare(depths[0], depths[0], 3, groups: depths[0]), Norm(depths[0]), nn.ReLU(),
                Parts.Bare(depths[0], depths[1], 1), Norm(depths[1]),
                Stack(depths[1], depths[2], 3, 2, 3, 3),
                Stack(depths[2], depths[3], 5, 2, 3, 3),
                Stack(depths[3], depths[4], 5, 2, 6, 3),
                Stack(depths[4], depths[5], 3, 1, 6, 2),
                Stack(depths[5], depths[6], 5, 2, 6, 4),
                Stack(depths[6], depths[7], 3, 1, 6, 1),
                Parts.Bare(depths[7], 1280, 1), Norm(1280), nn.ReLU()));
            classifier = this.Part("classifier", nn.Sequential(nn.Dropout(dropout), nn.Linear(1280, num_classes)));
            Parts.Initialize(this, layer =>
            {
                nn.init.kaiming_uniform_(layer.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: "sigmoid");
                nn.init.zeros_(layer.bias!);
            });
        }

        /// <summary>Batch norm whose statistics move slowly.</summary>
        internal static Layer Norm(long channels) => nn.BatchNorm2d(channels, momentum: 1 - 0.9997);

        static Layer Stack(long inputs, long outputs, long kernel, long stride, long expansion, int repeats) =>
            nn.Sequential([.. Enumerable.Range(0, repeats).Select(i => new MnasBlock(i == 0 ? inputs : outputs, outputs, kernel, i == 0 ? stride : 1, expansion))]);

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => classifier.call(layers.call(input).mean([2, 3]));
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            /// <summary>MNASNet with alpha times the channels. Raises ArgumentValueException where alpha is not positive.</summary>
            public static Vision.MNASNet MNASNet(double alpha, long num_classes = 1000, double dropout = 0.2) => new(alpha, num_classes, dropout);

            static Vision.MNASNet Mnas(bool pretrained, string? weights, double alpha, long num_classes, double dropout)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(alpha, num_classes, dropout);
            }

            /// <summary>MNASNet with 0.5 times the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MNASNet mnasnet0_5(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.2) =>
                Mnas(pretrained, weights, 0.5, num_classes, dropout);
            /// <summary>MNASNet with 0.75 times the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MNASNet mnasnet0_75(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.2) =>
                Mnas(pretrained, weights, 0.75, num_classes, dropout);
            /// <summary>MNASNet with 1.0 times the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MNASNet mnasnet1_0(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.2) =>
                Mnas(pretrained, weights, 1.0, num_classes, dropout);
            /// <summary>MNASNet with 1.3 times the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.MNASNet mnasnet1_3(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, double dropout = 0.2) =>
                Mnas(pretrained, weights, 1.3, num_classes, dropout);
        }
    }
}

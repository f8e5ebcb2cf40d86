namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Two branches whose channels are then mixed; with stride 1 the first is half of the input itself.</summary>
    sealed class ShuffleUnit : Layer
    {
        readonly Layer branch1, branch2;
        readonly long stride;

        internal ShuffleUnit(long inputs, long outputs, long stride) : base("InvertedResidual")
        {
            this.stride = stride;
            var half = outputs / 2;
            if (stride == 1 && inputs != half * 2)
                throw new ArgumentValueException($"Invalid combination of stride {stride}, inp {inputs} and oup {outputs} values. If stride == 1 then inp should be equal to oup // 2 << 1.");
            branch1 = this.Part("branch1", stride == 1
                ? nn.Sequential(Array.Empty<Layer>())
                : nn.Sequential(Parts.Bare(inputs, inputs, 3, stride, inputs), Parts.Norm(inputs), Parts.Bare(inputs, half, 1), Parts.Norm(half), nn.ReLU()));
            branch2 = this.Part("branch2", nn.Sequential(
                Parts.Bare(stride == 1 ? half : inputs, half, 1), Parts.Norm(half), nn.ReLU(),
                Parts.Bare(half, half, 3, stride, half), Parts.Norm(half),
                Parts.Bare(half, half, 1), Parts.Norm(half), nn.ReLU()));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            Tensor[] halves = stride == 1 ? chunk(input, 2, 1) : [input, input];
            var (first, second) = (branch1.call(halves[0]), branch2.call(halves[1]));
            // Channels of both branches in turn.
            return stack([first, second], 2).flatten(1, 2);
        }
    }

    /// <summary>Halves of channels that are shuffled (Ma et al. 2018): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class ShuffleNetV2 : Layer
    {
        readonly Layer conv1, maxpool, stage2, stage3, stage4, conv5, fc;

        internal ShuffleNetV2(long[] stages_repeats, long[] stages_out_channels, long num_classes) : base("ShuffleNetV2")
        {
            if (stages_repeats.Length != 3) throw new ArgumentValueException("expected stages_repeats as list of 3 positive ints");
            if (stages_out_channels.Length != 5) throw new ArgumentValueException("expected stages_out_channels as list of 5 positive ints");
            var channels = stages_out_channels;
            conv1 = this.Part("conv1", Parts.ConvNorm(3, channels[0], 3, Parts.Norm, () => nn.ReLU(), stride: 2));
            maxpool = this.Part("maxpool", nn.MaxPool2d(3, stride: 2, padding: 1));
            Layer Stage(int i) => this.Part($"stage{i + 2}", nn.Sequential(
                [.. Enumerable.Range(0, (int)stages_repeats[i]).Select(n => new ShuffleUnit(n == 0 ? channels[i] : channels[i + 1], channels[i + 1], n == 0 ? 2 : 1))]));
            (stage2, stage3, stage4) = (Stage(0), Stage(1), Stage(2));
            conv5 = this.Part("conv5", Parts.ConvNorm(channels[3], channels[4], 1, Parts.Norm, () => nn.ReLU()));
            fc = this.Part("fc", nn.Linear(channels[4], num_classes));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            var image = stage4.call(stage3.call(stage2.call(maxpool.call(conv1.call(input)))));
            return fc.call(conv5.call(image).mean([2, 3]));
        }
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            /// <summary>ShuffleNet of the second version: units in each of three stages, channels of the stem, the stages and the end. Raises ArgumentValueException for other counts.</summary>
            public static Vision.ShuffleNetV2 ShuffleNetV2(long[] stages_repeats, long[] stages_out_channels, long num_classes = 1000) => new(stages_repeats, stages_out_channels, num_classes);

            static Vision.ShuffleNetV2 Shuffled(bool pretrained, string? weights, long[] channels, long num_classes)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new([4, 8, 4], channels, num_classes);
            }

            /// <summary>ShuffleNetV2 with half channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ShuffleNetV2 shufflenet_v2_x0_5(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000) =>
                Shuffled(pretrained, weights, [24, 48, 96, 192, 1024], num_classes);
            /// <summary>ShuffleNetV2 with the usual channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ShuffleNetV2 shufflenet_v2_x1_0(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000) =>
                Shuffled(pretrained, weights, [24, 116, 232, 464, 1024], num_classes);
            /// <summary>ShuffleNetV2 with one and a half times the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ShuffleNetV2 shufflenet_v2_x1_5(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000) =>
                Shuffled(pretrained, weights, [24, 176, 352, 704, 1024], num_classes);
            /// <summary>ShuffleNetV2 with twice the channels. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ShuffleNetV2 shufflenet_v2_x2_0(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000) =>
                Shuffled(pretrained, weights, [24, 244, 488, 976, 2048], num_classes);
        }
    }
}

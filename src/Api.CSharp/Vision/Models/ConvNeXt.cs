namespace Functional.Torch.Vision
{
    using static Functional.Torch.torch;
    using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

    /// <summary>Layer norm over the channels of images.</summary>
    sealed class LayerNorm2d : Layer
    {
        readonly long channels;
        readonly double eps;
        readonly Modules.Parameter weight, bias;

        internal LayerNorm2d(long channels, double eps) : base("LayerNorm2d")
        {
            (this.channels, this.eps) = (channels, eps);
            weight = nn.Parameter(ones([channels]));
            bias = nn.Parameter(zeros([channels]));
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) =>
            nn.functional.layer_norm(input.permute(0, 2, 3, 1), [channels], weight, bias, eps).permute(0, 3, 1, 2);
    }

    /// <summary>Other places for the dimensions.</summary>
    sealed class Permute(params long[] dims) : Layer("Permute")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => permute(input, dims);
    }

    /// <summary>A wide convolution of single channels, then two layers at every place, scaled and added.</summary>
    sealed class CNBlock : Layer
    {
        readonly Layer block, stochastic_depth;
        readonly Modules.Parameter layer_scale;

        internal CNBlock(long channels, double scale, double left_out) : base("CNBlock")
        {
            block = this.Part("block", nn.Sequential(
                nn.Conv2d(channels, channels, 7, padding: 3, groups: channels), new Permute(0, 2, 3, 1), nn.LayerNorm(channels, 1e-6),
                nn.Linear(channels, 4 * channels), nn.GELU(), nn.Linear(4 * channels, channels), new Permute(0, 3, 1, 2)));
            layer_scale = nn.Parameter(ones([channels, 1, 1]) * scale);
            register_parameter("layer_scale", layer_scale);
            stochastic_depth = this.Part("stochastic_depth", new RowDepth(left_out));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => stochastic_depth.call(layer_scale * block.call(input)) + input;
    }

    /// <summary>Convolutions arranged as transformers are (Liu et al. 2022): [N, 3, H, W] to [N, num_classes].</summary>
    public sealed class ConvNeXt : Layer
    {
        readonly Layer features, avgpool, classifier;

        internal ConvNeXt(long[] channels, int[] blocks, double stochastic_depth_prob, double layer_scale, long num_classes, Func<long, Layer>? norm_layer) : base("ConvNeXt")
        {
            var norm = norm_layer ?? (size => new LayerNorm2d(size, 1e-6));
            var layers = nn.Sequential(nn.Sequential(nn.Conv2d(3, channels[0], 4, stride: 4), norm(channels[0])));
            var (last, place) = (blocks.Sum() - 1.0, 0);
            for (var stage = 0; stage < channels.Length; stage++)
            {
                var size = channels[stage];
                layers.append(nn.Sequential([.. Enumerable.Range(0, blocks[stage]).Select(_ => new CNBlock(size, layer_scale, stochastic_depth_prob * place++ / last))]));
                if (stage + 1 < channels.Length) layers.append(nn.Sequential(norm(size), nn.Conv2d(size, channels[stage + 1], 2, stride: 2)));
            }
            features = this.Part("features", layers);
            avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
            classifier = this.Part("classifier", nn.Sequential(norm(channels[^1]), nn.Flatten(1), nn.Linear(channels[^1], num_classes)));

            foreach (var module in modules())
                if (module is Modules.Conv2d convolution) Start(convolution.weight, convolution.bias);
                else if (module is Modules.Linear layer) Start(layer.weight, layer.bias);
        }

        static void Start(Modules.Parameter weight, Modules.Parameter? bias)
        {
            nn.init.trunc_normal_(weight, std: 0.02);
            Parts.Zero(bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => classifier.call(avgpool.call(features.call(input)));
    }
}

namespace Functional.Torch
{
    public static partial class torchvision
    {
        public static partial class models
        {
            static Vision.ConvNeXt Next(bool pretrained, string? weights, long[] channels, int[] blocks, double stochastic_depth_prob, double layer_scale, long num_classes, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer)
            {
                Vision.Parts.Untrained(pretrained, weights);
                return new(channels, blocks, stochastic_depth_prob, layer_scale, num_classes, norm_layer);
            }

            /// <summary>The tiny ConvNeXt. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ConvNeXt convnext_tiny(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.1, double layer_scale = 1e-6, long num_classes = 1000, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
                Next(pretrained, weights, [96, 192, 384, 768], [3, 3, 9, 3], stochastic_depth_prob, layer_scale, num_classes, norm_layer);
            /// <summary>The small ConvNeXt. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ConvNeXt convnext_small(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.4, double layer_scale = 1e-6, long num_classes = 1000, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
                Next(pretrained, weights, [96, 192, 384, 768], [3, 3, 27, 3], stochastic_depth_prob, layer_scale, num_classes, norm_layer);
            /// <summary>The base ConvNeXt. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ConvNeXt convnext_base(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.5, double layer_scale = 1e-6, long num_classes = 1000, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
                Next(pretrained, weights, [128, 256, 512, 1024], [3, 3, 27, 3], stochastic_depth_prob, layer_scale, num_classes, norm_layer);
            /// <summary>The large ConvNeXt. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
            public static Vision.ConvNeXt convnext_large(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.5, double layer_scale = 1e-6, long num_classes = 1000, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
                Next(pretrained, weights, [192, 384, 768, 1536], [3, 3, 27, 3], stochastic_depth_prob, layer_scale, num_classes, norm_layer);
        }
    }
}

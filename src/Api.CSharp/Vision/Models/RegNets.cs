namespace Functional.Torch;

using Layers = Func<torch.nn.Module<torch.Tensor, torch.Tensor>>;
using Norms = Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>;

public static partial class torchvision
{
    public static partial class models
    {
        static Vision.RegNet Regular(bool pretrained, string? weights, int depth, long first, double slope, double factor, long group_width, double? se_ratio, long num_classes, long stem_width, Norms? norm_layer, Layers? activation)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new(Vision.RegStage.Quantized(depth, first, slope, factor, group_width), se_ratio, num_classes, stem_width, norm_layer, activation);
        }

        /// <summary>RegNet with excitation, about 400 million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_400mf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 16, 48, 27.89, 2.09, 8, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 800 million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_800mf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 14, 56, 38.84, 2.4, 16, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 1.6 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_1_6gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 27, 48, 20.71, 2.65, 24, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 3.2 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_3_2gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 21, 80, 42.63, 2.66, 24, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 8 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_8gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 17, 192, 76.82, 2.19, 56, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 16 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_16gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 18, 200, 106.23, 2.48, 112, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 32 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_32gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 20, 232, 115.89, 2.53, 232, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet with excitation, about 128 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_y_128gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 27, 456, 160.83, 2.52, 264, 0.25, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 400 million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_400mf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 22, 24, 24.48, 2.54, 16, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 800 million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_800mf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 16, 56, 35.73, 2.28, 16, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 1.6 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_1_6gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 18, 80, 34.01, 2.25, 24, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 3.2 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_3_2gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 25, 88, 26.31, 2.25, 48, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 8 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_8gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 23, 80, 49.56, 2.88, 120, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 16 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_16gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 22, 216, 55.59, 2.1, 128, null, num_classes, stem_width, norm_layer, activation);
        /// <summary>RegNet without excitation, about 32 thousand million operations an image. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.RegNet regnet_x_32gf(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long stem_width = 32, Norms? norm_layer = null, Layers? activation = null) =>
            Regular(pretrained, weights, 23, 320, 69.86, 2.0, 168, null, num_classes, stem_width, norm_layer, activation);
    }
}

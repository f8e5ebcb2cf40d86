namespace Functional.Torch;

using Norms = Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>;
using Row = Vision.MBConvRow;

public static partial class torchvision
{
    public static partial class models
    {
        static Vision.EfficientNet Efficient(bool pretrained, string? weights, double width, double depth, double dropout, double stochastic_depth_prob, long num_classes, Norms norm)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new([.. Vision.EfficientNet.First.Select(row => row.Scaled(width, depth))], dropout, stochastic_depth_prob, num_classes, norm, null);
        }

        static Vision.EfficientNet Second(bool pretrained, string? weights, Row[] rows, double dropout, double stochastic_depth_prob, long num_classes)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new(rows, dropout, stochastic_depth_prob, num_classes, Vision.Parts.NormWith(0.001, 0.1), 1280);
        }

        /// <summary>EfficientNet of 1.0 times the width and 1.0 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b0(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000, Norms? norm_layer = null) =>
            Efficient(pretrained, weights, 1.0, 1.0, 0.2, stochastic_depth_prob, num_classes, norm_layer ?? Vision.Parts.Norm);
        /// <summary>EfficientNet of 1.0 times the width and 1.1 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b1(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000, Norms? norm_layer = null) =>
            Efficient(pretrained, weights, 1.0, 1.1, 0.2, stochastic_depth_prob, num_classes, norm_layer ?? Vision.Parts.Norm);
        /// <summary>EfficientNet of 1.1 times the width and 1.2 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b2(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000, Norms? norm_layer = null) =>
            Efficient(pretrained, weights, 1.1, 1.2, 0.3, stochastic_depth_prob, num_classes, norm_layer ?? Vision.Parts.Norm);
        /// <summary>EfficientNet of 1.2 times the width and 1.4 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b3(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000, Norms? norm_layer = null) =>
            Efficient(pretrained, weights, 1.2, 1.4, 0.3, stochastic_depth_prob, num_classes, norm_layer ?? Vision.Parts.Norm);
        /// <summary>EfficientNet of 1.4 times the width and 1.8 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b4(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000, Norms? norm_layer = null) =>
            Efficient(pretrained, weights, 1.4, 1.8, 0.4, stochastic_depth_prob, num_classes, norm_layer ?? Vision.Parts.Norm);
        /// <summary>EfficientNet of 1.6 times the width and 2.2 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b5(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Efficient(pretrained, weights, 1.6, 2.2, 0.4, stochastic_depth_prob, num_classes, Vision.Parts.NormWith(0.001, 0.01));
        /// <summary>EfficientNet of 1.8 times the width and 2.6 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b6(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Efficient(pretrained, weights, 1.8, 2.6, 0.5, stochastic_depth_prob, num_classes, Vision.Parts.NormWith(0.001, 0.01));
        /// <summary>EfficientNet of 2.0 times the width and 3.1 times the depth. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_b7(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Efficient(pretrained, weights, 2.0, 3.1, 0.5, stochastic_depth_prob, num_classes, Vision.Parts.NormWith(0.001, 0.01));
        /// <summary>The small EfficientNet of the second version. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_v2_s(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Second(pretrained, weights, [
                new(true, 1, 3, 1, 24, 24, 2), new(true, 4, 3, 2, 24, 48, 4), new(true, 4, 3, 2, 48, 64, 4),
                new(false, 4, 3, 2, 64, 128, 6), new(false, 6, 3, 1, 128, 160, 9), new(false, 6, 3, 2, 160, 256, 15),
            ], 0.2, stochastic_depth_prob, num_classes);
        /// <summary>The medium EfficientNet of the second version. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_v2_m(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Second(pretrained, weights, [
                new(true, 1, 3, 1, 24, 24, 3), new(true, 4, 3, 2, 24, 48, 5), new(true, 4, 3, 2, 48, 80, 5),
                new(false, 4, 3, 2, 80, 160, 7), new(false, 6, 3, 1, 160, 176, 14), new(false, 6, 3, 2, 176, 304, 18), new(false, 6, 3, 1, 304, 512, 5),
            ], 0.3, stochastic_depth_prob, num_classes);
        /// <summary>The large EfficientNet of the second version. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.EfficientNet efficientnet_v2_l(bool pretrained = false, bool progress = true, string? weights = null, double stochastic_depth_prob = 0.2, long num_classes = 1000) =>
            Second(pretrained, weights, [
                new(true, 1, 3, 1, 32, 32, 4), new(true, 4, 3, 2, 32, 64, 7), new(true, 4, 3, 2, 64, 96, 7),
                new(false, 4, 3, 2, 96, 192, 10), new(false, 6, 3, 1, 192, 224, 19), new(false, 6, 3, 2, 224, 384, 25), new(false, 6, 3, 1, 384, 640, 7),
            ], 0.4, stochastic_depth_prob, num_classes);
    }
}

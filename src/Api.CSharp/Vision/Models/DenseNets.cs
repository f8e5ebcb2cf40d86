namespace Functional.Torch;

public static partial class torchvision
{
    public static partial class models
    {
        /// <summary>DenseNet with so many layers in each block.</summary>
        public static Vision.DenseNet DenseNet(long growth_rate = 32, long[]? block_config = null, long num_init_features = 64, long bn_size = 4, double drop_rate = 0, long num_classes = 1000, bool memory_efficient = false) =>
            new(growth_rate, block_config ?? [6, 12, 24, 16], num_init_features, bn_size, drop_rate, num_classes, memory_efficient);

        static Vision.DenseNet Dense(bool pretrained, string? weights, long growth_rate, long[] block_config, long num_init_features, long bn_size, double drop_rate, long num_classes, bool memory_efficient)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new(growth_rate, block_config, num_init_features, bn_size, drop_rate, num_classes, memory_efficient);
        }

        /// <summary>DenseNet of 121 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.DenseNet densenet121(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long bn_size = 4, double drop_rate = 0, bool memory_efficient = false) =>
            Dense(pretrained, weights, 32, [6, 12, 24, 16], 64, bn_size, drop_rate, num_classes, memory_efficient);
        /// <summary>DenseNet of 161 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.DenseNet densenet161(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long bn_size = 4, double drop_rate = 0, bool memory_efficient = false) =>
            Dense(pretrained, weights, 48, [6, 12, 36, 24], 96, bn_size, drop_rate, num_classes, memory_efficient);
        /// <summary>DenseNet of 169 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.DenseNet densenet169(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long bn_size = 4, double drop_rate = 0, bool memory_efficient = false) =>
            Dense(pretrained, weights, 32, [6, 12, 32, 32], 64, bn_size, drop_rate, num_classes, memory_efficient);
        /// <summary>DenseNet of 201 layers. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.DenseNet densenet201(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, long bn_size = 4, double drop_rate = 0, bool memory_efficient = false) =>
            Dense(pretrained, weights, 32, [6, 12, 48, 32], 64, bn_size, drop_rate, num_classes, memory_efficient);
    }
}

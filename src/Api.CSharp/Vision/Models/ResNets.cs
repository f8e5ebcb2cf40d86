namespace Functional.Torch;

public static partial class torchvision
{
    public static partial class models
    {
        static Vision.ResNet Residual(bool pretrained, string? weights, bool deep, int[] layers, long num_classes, bool zero_init_residual, long groups, long width_per_group, bool[]? replace_stride_with_dilation, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new(deep, layers, num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        }

        /// <summary>An option that a named network fixes. Raises ArgumentValueException where another value is asked for.</summary>
        static long Fixed(string name, long? asked, long value) =>
            asked is null || asked == value ? value : throw new ArgumentValueException($"The parameter '{name}' expected value {value} but got {asked} instead.");

        /// <summary>ResNet of 18 layers. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded); basic blocks take one group of width 64 and no dilation.</summary>
        public static Vision.ResNet resnet18(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long width_per_group = 64, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, false, [2, 2, 2, 2], num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 34 layers. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded); basic blocks take one group of width 64 and no dilation.</summary>
        public static Vision.ResNet resnet34(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long width_per_group = 64, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, false, [3, 4, 6, 3], num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 50 layers. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded).</summary>
        public static Vision.ResNet resnet50(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long width_per_group = 64, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 6, 3], num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 101 layers. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded).</summary>
        public static Vision.ResNet resnet101(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long width_per_group = 64, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 23, 3], num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 152 layers. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded).</summary>
        public static Vision.ResNet resnet152(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long width_per_group = 64, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 8, 36, 3], num_classes, zero_init_residual, groups, width_per_group, replace_stride_with_dilation, norm_layer);
        /// <summary>ResNeXt of 50 layers with 32 groups of 4 channels. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded) or a fixed option differs.</summary>
        public static Vision.ResNet resnext50_32x4d(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long? groups = null, long? width_per_group = null, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 6, 3], num_classes, zero_init_residual, Fixed("groups", groups, 32), Fixed("width_per_group", width_per_group, 4), replace_stride_with_dilation, norm_layer);
        /// <summary>ResNeXt of 101 layers with 32 groups of 8 channels. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded) or a fixed option differs.</summary>
        public static Vision.ResNet resnext101_32x8d(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long? groups = null, long? width_per_group = null, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 23, 3], num_classes, zero_init_residual, Fixed("groups", groups, 32), Fixed("width_per_group", width_per_group, 8), replace_stride_with_dilation, norm_layer);
        /// <summary>ResNeXt of 101 layers with 64 groups of 4 channels. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded) or a fixed option differs.</summary>
        public static Vision.ResNet resnext101_64x4d(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long? groups = null, long? width_per_group = null, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 23, 3], num_classes, zero_init_residual, Fixed("groups", groups, 64), Fixed("width_per_group", width_per_group, 4), replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 50 layers with twice the width between. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded) or a fixed option differs.</summary>
        public static Vision.ResNet wide_resnet50_2(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long? width_per_group = null, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 6, 3], num_classes, zero_init_residual, groups, Fixed("width_per_group", width_per_group, 128), replace_stride_with_dilation, norm_layer);
        /// <summary>ResNet of 101 layers with twice the width between. Raises ArgumentValueException where trained weights are asked for (nothing is downloaded) or a fixed option differs.</summary>
        public static Vision.ResNet wide_resnet101_2(bool pretrained = false, bool progress = true, string? weights = null, long num_classes = 1000, bool zero_init_residual = false, long groups = 1, long? width_per_group = null, bool[]? replace_stride_with_dilation = null, Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>? norm_layer = null) =>
            Residual(pretrained, weights, true, [3, 4, 23, 3], num_classes, zero_init_residual, groups, Fixed("width_per_group", width_per_group, 128), replace_stride_with_dilation, norm_layer);
    }
}

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>The maximum of each window over 1 dimension.</summary>
    public sealed class MaxPool1d(Sizes kernel_size, Sizes stride, Sizes padding, Sizes dilation, bool ceil_mode, bool return_indices = false)
        : Picking("MaxPool1d", return_indices, input => nn.functional.max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode));

    /// <summary>The mean of each window over 1 dimension.</summary>
    public sealed class AvgPool1d(Sizes kernel_size, Sizes stride, Sizes padding, bool ceil_mode, bool count_include_pad) : nn.Module<Tensor, Tensor>("AvgPool1d")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad);
    }

    /// <summary>The maximum of each window over 2 dimensions.</summary>
    public sealed class MaxPool2d(Sizes kernel_size, Sizes stride, Sizes padding, Sizes dilation, bool ceil_mode, bool return_indices = false)
        : Picking("MaxPool2d", return_indices, input => nn.functional.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode));

    /// <summary>The mean of each window over 2 dimensions.</summary>
    public sealed class AvgPool2d(Sizes kernel_size, Sizes stride, Sizes padding, bool ceil_mode, bool count_include_pad, long? divisor_override) : nn.Module<Tensor, Tensor>("AvgPool2d")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
    }

    /// <summary>The maximum of each window over 3 dimensions.</summary>
    public sealed class MaxPool3d(Sizes kernel_size, Sizes stride, Sizes padding, Sizes dilation, bool ceil_mode, bool return_indices = false)
        : Picking("MaxPool3d", return_indices, input => nn.functional.max_pool3d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode));

    /// <summary>The mean of each window over 3 dimensions.</summary>
    public sealed class AvgPool3d(Sizes kernel_size, Sizes stride, Sizes padding, bool ceil_mode, bool count_include_pad, long? divisor_override) : nn.Module<Tensor, Tensor>("AvgPool3d")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
    }

}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The maximum of each window over 1 dimension.</summary>
            public static Modules.MaxPool1d MaxPool1d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool return_indices = false, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode, return_indices);
            /// <summary>The mean of each window over 1 dimension.</summary>
            public static Modules.AvgPool1d AvgPool1d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true) => new(kernel_size, stride, padding, ceil_mode, count_include_pad);
            /// <summary>The maximum of each window over 2 dimensions.</summary>
            public static Modules.MaxPool2d MaxPool2d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool return_indices = false, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode, return_indices);
            /// <summary>The mean of each window over 2 dimensions.</summary>
            public static Modules.AvgPool2d AvgPool2d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
            /// <summary>The maximum of each window over 3 dimensions.</summary>
            public static Modules.MaxPool3d MaxPool3d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool return_indices = false, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode, return_indices);
            /// <summary>The mean of each window over 3 dimensions.</summary>
            public static Modules.AvgPool3d AvgPool3d(Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
        }
    }
}

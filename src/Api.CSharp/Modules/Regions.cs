namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>The means of as many parts of 1 dimension as asked for.</summary>
    public sealed class AdaptiveAvgPool1d(OutputSizes output_size) : Applied("AdaptiveAvgPool1d", input => nn.functional.adaptive_avg_pool1d(input, output_size));

    /// <summary>The means of as many parts of 2 dimensions as asked for.</summary>
    public sealed class AdaptiveAvgPool2d(OutputSizes output_size) : Applied("AdaptiveAvgPool2d", input => nn.functional.adaptive_avg_pool2d(input, output_size));

    /// <summary>The means of as many parts of 3 dimensions as asked for.</summary>
    public sealed class AdaptiveAvgPool3d(OutputSizes output_size) : Applied("AdaptiveAvgPool3d", input => nn.functional.adaptive_avg_pool3d(input, output_size));

    /// <summary>The maxima of as many parts of 1 dimension as asked for.</summary>
    public sealed class AdaptiveMaxPool1d(OutputSizes output_size, bool return_indices) : Picking("AdaptiveMaxPool1d", return_indices, input => nn.functional.adaptive_max_pool1d_with_indices(input, output_size));

    /// <summary>The maxima of as many parts of 2 dimensions as asked for.</summary>
    public sealed class AdaptiveMaxPool2d(OutputSizes output_size, bool return_indices) : Picking("AdaptiveMaxPool2d", return_indices, input => nn.functional.adaptive_max_pool2d_with_indices(input, output_size));

    /// <summary>The maxima of as many parts of 3 dimensions as asked for.</summary>
    public sealed class AdaptiveMaxPool3d(OutputSizes output_size, bool return_indices) : Picking("AdaptiveMaxPool3d", return_indices, input => nn.functional.adaptive_max_pool3d_with_indices(input, output_size));

    /// <summary>The maxima of windows over 2 dimensions whose places are drawn (Graham 2014).</summary>
    public sealed class FractionalMaxPool2d(Sizes kernel_size, Sizes output_size, Ratios output_ratio, bool return_indices, Tensor? _random_samples) : FractionalPooling("FractionalMaxPool2d", return_indices, _random_samples, input => nn.functional.fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio, true, _random_samples));

    /// <summary>The maxima of windows over 3 dimensions whose places are drawn (Graham 2014).</summary>
    public sealed class FractionalMaxPool3d(Sizes kernel_size, Sizes output_size, Ratios output_ratio, bool return_indices, Tensor? _random_samples) : FractionalPooling("FractionalMaxPool3d", return_indices, _random_samples, input => nn.functional.fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio, true, _random_samples));

    /// <summary>The norms of windows over 1 dimension.</summary>
    public sealed class LPPool1d(double norm_type, Sizes kernel_size, Sizes stride, bool ceil_mode) : Applied("LPPool1d", input => nn.functional.lp_pool1d(input, norm_type, kernel_size, stride, ceil_mode));

    /// <summary>The norms of windows over 2 dimensions.</summary>
    public sealed class LPPool2d(double norm_type, Sizes kernel_size, Sizes stride, bool ceil_mode) : Applied("LPPool2d", input => nn.functional.lp_pool2d(input, norm_type, kernel_size, stride, ceil_mode));

    /// <summary>The reverse of max pooling over 1 dimension: zeros where no maximum was.</summary>
    public sealed class MaxUnpool1d(Sizes kernel_size, Sizes stride, Sizes padding) : Unpooling("MaxUnpool1d", (input, indices, size) => nn.functional.max_unpool1d(input, indices, kernel_size, stride, padding, size));

    /// <summary>The reverse of max pooling over 2 dimensions: zeros where no maximum was.</summary>
    public sealed class MaxUnpool2d(Sizes kernel_size, Sizes stride, Sizes padding) : Unpooling("MaxUnpool2d", (input, indices, size) => nn.functional.max_unpool2d(input, indices, kernel_size, stride, padding, size));

    /// <summary>The reverse of max pooling over 3 dimensions: zeros where no maximum was.</summary>
    public sealed class MaxUnpool3d(Sizes kernel_size, Sizes stride, Sizes padding) : Unpooling("MaxUnpool3d", (input, indices, size) => nn.functional.max_unpool3d(input, indices, kernel_size, stride, padding, size));

    /// <summary>Max pooling over windows whose places are drawn, or given as part of the state.</summary>
    public abstract class FractionalPooling : Picking
    {
        private protected FractionalPooling(string name, bool return_indices, Tensor? _random_samples, Func<Tensor, (Tensor output, Tensor indices)> function) : base(name, return_indices, function)
        {
            if (_random_samples is not null) register_buffer("_random_samples", _random_samples);
        }
    }

    /// <summary>The reverse of max pooling: elements go back to where they were found.</summary>
    public abstract class Unpooling : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Func<Tensor, Tensor, Sizes, Tensor> function;

        private protected Unpooling(string name, Func<Tensor, Tensor, Sizes, Tensor> function) : base(name) => this.function = function;

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor indices) => function(input, indices, default);
        /// <summary>What the module computes, in the size that the pooled tensor had.</summary>
        public Tensor forward(Tensor input, Tensor indices, Sizes output_size) => function(input, indices, output_size);
        /// <inheritdoc cref="forward(Tensor, Tensor, Sizes)"/>
        public Tensor call(Tensor input, Tensor indices, Sizes output_size) => function(input, indices, output_size);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The means of as many parts of 1 dimension as asked for.</summary>
            public static AdaptiveAvgPool1d AdaptiveAvgPool1d(OutputSizes output_size) => new(output_size);
            /// <summary>The means of as many parts of 2 dimensions as asked for.</summary>
            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(OutputSizes output_size) => new(output_size);
            /// <summary>The means of as many parts of 3 dimensions as asked for.</summary>
            public static AdaptiveAvgPool3d AdaptiveAvgPool3d(OutputSizes output_size) => new(output_size);
            /// <summary>The maxima of as many parts of 1 dimension as asked for.</summary>
            public static AdaptiveMaxPool1d AdaptiveMaxPool1d(OutputSizes output_size, bool return_indices = false) => new(output_size, return_indices);
            /// <summary>The maxima of as many parts of 2 dimensions as asked for.</summary>
            public static AdaptiveMaxPool2d AdaptiveMaxPool2d(OutputSizes output_size, bool return_indices = false) => new(output_size, return_indices);
            /// <summary>The maxima of as many parts of 3 dimensions as asked for.</summary>
            public static AdaptiveMaxPool3d AdaptiveMaxPool3d(OutputSizes output_size, bool return_indices = false) => new(output_size, return_indices);
            /// <summary>The maxima of windows over 2 dimensions whose places are drawn (Graham 2014).</summary>
            public static FractionalMaxPool2d FractionalMaxPool2d(Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, bool return_indices = false, Tensor? _random_samples = null) => new(kernel_size, output_size, output_ratio, return_indices, _random_samples);
            /// <summary>The maxima of windows over 3 dimensions whose places are drawn (Graham 2014).</summary>
            public static FractionalMaxPool3d FractionalMaxPool3d(Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, bool return_indices = false, Tensor? _random_samples = null) => new(kernel_size, output_size, output_ratio, return_indices, _random_samples);
            /// <summary>The norms of windows over 1 dimension.</summary>
            public static LPPool1d LPPool1d(double norm_type, Sizes kernel_size, Sizes stride = default, bool ceil_mode = false) => new(norm_type, kernel_size, stride, ceil_mode);
            /// <summary>The norms of windows over 2 dimensions.</summary>
            public static LPPool2d LPPool2d(double norm_type, Sizes kernel_size, Sizes stride = default, bool ceil_mode = false) => new(norm_type, kernel_size, stride, ceil_mode);
            /// <summary>The reverse of max pooling over 1 dimension: zeros where no maximum was.</summary>
            public static MaxUnpool1d MaxUnpool1d(Sizes kernel_size, Sizes stride = default, Sizes padding = default) => new(kernel_size, stride, padding);
            /// <summary>The reverse of max pooling over 2 dimensions: zeros where no maximum was.</summary>
            public static MaxUnpool2d MaxUnpool2d(Sizes kernel_size, Sizes stride = default, Sizes padding = default) => new(kernel_size, stride, padding);
            /// <summary>The reverse of max pooling over 3 dimensions: zeros where no maximum was.</summary>
            public static MaxUnpool3d MaxUnpool3d(Sizes kernel_size, Sizes stride = default, Sizes padding = default) => new(kernel_size, stride, padding);
        }
    }
}

using Microsoft.FSharp.Collections;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            static Tensor AdaptiveAvgPool(int spatial, Tensor input, OutputSizes output_size) =>
                new(Resampling.adaptiveMean(Convert.List(output_size.For(input, spatial)), Autocast.As(input, "adaptive_avg_pool", spatial).Core));

            static (Tensor output, Tensor indices) AdaptiveMaxPool(int spatial, Tensor input, OutputSizes output_size) =>
                Pair(Pooling.adaptiveMaximum(Convert.List(output_size.For(input, spatial)), Autocast.As(input, "adaptive_max_pool", spatial).Core));

            /// <summary>The means of as many parts of 1 dimension as asked for.</summary>
            [Forms(Forms.Plain, ".adaptive_avg_pool1d")]
            public static Tensor adaptive_avg_pool1d(Tensor input, OutputSizes output_size) => AdaptiveAvgPool(1, input, output_size);
            /// <summary>The means of as many parts of 2 dimensions as asked for.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, OutputSizes output_size) => AdaptiveAvgPool(2, input, output_size);
            /// <summary>The means of as many parts of 3 dimensions as asked for.</summary>
            public static Tensor adaptive_avg_pool3d(Tensor input, OutputSizes output_size) => AdaptiveAvgPool(3, input, output_size);

            /// <summary>The maxima of as many parts of 1 dimension as asked for.</summary>
            public static Tensor adaptive_max_pool1d(Tensor input, OutputSizes output_size) => AdaptiveMaxPool(1, input, output_size).output;
            /// <summary>The maxima of as many parts of 2 dimensions as asked for.</summary>
            public static Tensor adaptive_max_pool2d(Tensor input, OutputSizes output_size) => AdaptiveMaxPool(2, input, output_size).output;
            /// <summary>The maxima of as many parts of 3 dimensions as asked for.</summary>
            public static Tensor adaptive_max_pool3d(Tensor input, OutputSizes output_size) => AdaptiveMaxPool(3, input, output_size).output;
            /// <summary>The maxima of as many parts of 1 dimension as asked for, and where they are.</summary>
            [Forms(Forms.Plain, ".adaptive_max_pool1d")]
            public static (Tensor output, Tensor indices) adaptive_max_pool1d_with_indices(Tensor input, OutputSizes output_size, bool return_indices = true) => AdaptiveMaxPool(1, input, output_size);
            /// <summary>The maxima of as many parts of 2 dimensions as asked for, and where they are (flat within the plane).</summary>
            public static (Tensor output, Tensor indices) adaptive_max_pool2d_with_indices(Tensor input, OutputSizes output_size, bool return_indices = true) => AdaptiveMaxPool(2, input, output_size);
            /// <summary>The maxima of as many parts of 3 dimensions as asked for, and where they are (flat within the volume).</summary>
            public static (Tensor output, Tensor indices) adaptive_max_pool3d_with_indices(Tensor input, OutputSizes output_size, bool return_indices = true) => AdaptiveMaxPool(3, input, output_size);

            static (Tensor output, Tensor indices) FractionalMaxPool(int spatial, Tensor input, Sizes kernel_size, Sizes output_size, Ratios output_ratio, Tensor? _random_samples)
            {
                var name = $"fractional_max_pool{spatial}d";
                input = Autocast.As(input, "fractional_max_pool", spatial);
                if (output_size.IsDefault && output_ratio.IsDefault) throw new ArgumentValueException($"{name} requires specifying either an output_size or an output_ratio");
                if (input.dim() <= spatial) throw new ShapeException($"{name}(): Expected {spatial + 1}D or {spatial + 2}D tensor, but got {ShapeModule.format(input.Core.Shape)}");
                var sizes = output_size.IsDefault
                    ? Pooling.portions(ListModule.OfSeq(output_ratio.Each(spatial, r => $"expected output_ratio to have {spatial} factors, but got {r}")), input.Core)
                    : Convert.List(output_size.Each(spatial, 1, "output_size"));
                var samples = _random_samples ?? rand([input.dim() == spatial + 1 ? 1 : input.size(0), input.size(-spatial - 1), spatial], input.dtype);
                return Pair(Pooling.fractionalMaximum(Convert.List(kernel_size.Each(spatial, 1, "kernel_size")), sizes, samples.Core, input.Core));
            }

            /// <summary>The maxima of windows over images whose places are drawn (Graham 2014).</summary>
            public static Tensor fractional_max_pool2d(Tensor input, Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, Tensor? _random_samples = null) =>
                FractionalMaxPool(2, input, kernel_size, output_size, output_ratio, _random_samples).output;
            /// <summary>The maxima of windows over volumes whose places are drawn.</summary>
            public static Tensor fractional_max_pool3d(Tensor input, Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, Tensor? _random_samples = null) =>
                FractionalMaxPool(3, input, kernel_size, output_size, output_ratio, _random_samples).output;
            /// <summary>The maxima of windows over images whose places are drawn, and where they are.</summary>
            public static (Tensor output, Tensor indices) fractional_max_pool2d_with_indices(Tensor input, Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, bool return_indices = true, Tensor? _random_samples = null) =>
                FractionalMaxPool(2, input, kernel_size, output_size, output_ratio, _random_samples);
            /// <summary>The maxima of windows over volumes whose places are drawn, and where they are.</summary>
            public static (Tensor output, Tensor indices) fractional_max_pool3d_with_indices(Tensor input, Sizes kernel_size, Sizes output_size = default, Ratios output_ratio = default, bool return_indices = true, Tensor? _random_samples = null) =>
                FractionalMaxPool(3, input, kernel_size, output_size, output_ratio, _random_samples);

            static Tensor PowerPool(int spatial, Tensor input, double norm_type, Sizes kernel_size, Sizes stride, bool ceil_mode) =>
                new(Pooling.power(norm_type, Convert.List(kernel_size.Each(spatial, 1, "kernel_size")), stride.OrEmpty is [] ? Convert.NoDims : Convert.List(stride.Each(spatial, 1, "stride")), ceil_mode, input.Core));

            /// <summary>The norms of windows over 1 dimension.</summary>
            public static Tensor lp_pool1d(Tensor input, double norm_type, Sizes kernel_size, Sizes stride = default, bool ceil_mode = false) => PowerPool(1, input, norm_type, kernel_size, stride, ceil_mode);
            /// <summary>The norms of windows over 2 dimensions.</summary>
            public static Tensor lp_pool2d(Tensor input, double norm_type, Sizes kernel_size, Sizes stride = default, bool ceil_mode = false) => PowerPool(2, input, norm_type, kernel_size, stride, ceil_mode);

            static Tensor MaxUnpool(int spatial, Tensor input, Tensor indices, Sizes kernel_size, Sizes stride, Sizes padding, Sizes output_size)
            {
                input = Autocast.As(input, "max_unpool", spatial);
                if (input.dim() != spatial + 1 && input.dim() != spatial + 2)
                    throw new ShapeException($"Input to max_unpooling{spatial}d should be a {spatial + 1}d or {spatial + 2}d Tensor, but got a tensor with {input.dim()} dimensions.");
                var (kernel, pads) = (kernel_size.Each(spatial, 1, "kernel_size"), padding.Each(spatial, 0, "padding"));
                var steps = stride.OrEmpty is [] ? kernel : stride.Each(spatial, 1, "stride");
                long[] usual = [.. Pooling.unpooledSizes(Convert.List(kernel), Convert.List(steps), Convert.List(pads), input.Core).Select(size => (long)size)];
                var sizes = output_size.OrEmpty is [] ? usual : output_size.OrEmpty;
                if (sizes.Length == spatial + 2) sizes = sizes[2..];
                if (sizes.Length != spatial) throw new ArgumentValueException($"output_size should be a sequence containing {spatial} or {spatial + 2} elements, but it has a length of '{sizes.Length}'");
                for (var d = 0; d < spatial; d++)
                    if (sizes[d] <= usual[d] - steps[d] || sizes[d] >= usual[d] + steps[d])
                        throw new ArgumentValueException($"invalid output_size \"({string.Join(", ", sizes)})\" (dim {d} must be between {usual[d] - steps[d]} and {usual[d] + steps[d]})");
                return new(Pooling.unpool(Convert.List(sizes), indices.Core, input.Core));
            }

            /// <summary>The reverse of max_pool1d: zeros where no maximum was.</summary>
            public static Tensor max_unpool1d(Tensor input, Tensor indices, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_size = default) =>
                MaxUnpool(1, input, indices, kernel_size, stride, padding, output_size);
            /// <summary>The reverse of max_pool2d: zeros where no maximum was.</summary>
            public static Tensor max_unpool2d(Tensor input, Tensor indices, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_size = default) =>
                MaxUnpool(2, input, indices, kernel_size, stride, padding, output_size);
            /// <summary>The reverse of max_pool3d: zeros where no maximum was.</summary>
            public static Tensor max_unpool3d(Tensor input, Tensor indices, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_size = default) =>
                MaxUnpool(3, input, indices, kernel_size, stride, padding, output_size);
        }
    }
}

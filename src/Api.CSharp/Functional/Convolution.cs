using Microsoft.FSharp.Collections;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            static Tensor Convolve(int spatial, Tensor input, Tensor weight, Tensor? bias, Sizes stride, Padding padding, Sizes dilation, long groups)
            {
                (input, weight, bias) = (Autocast.As(input, "conv2d"), Autocast.As(weight, "conv2d"), Autocast.Maybe(bias, "conv2d"));
                if (weight.dim() != spatial + 2)
                    throw new ShapeException($"Expected {spatial + 2}-dimensional weight for conv{spatial}d, but got weight of size {ShapeModule.format(weight.Core.Shape)}");
                if (bias is not null && bias.dtype != input.dtype) throw new DtypeException($"Input type ({Named(input)}) and bias type ({Named(bias)}) should be the same");
                var (steps, gaps) = (stride.Each(spatial, 1, "stride"), dilation.Each(spatial, 1, "dilation"));
                var amount = padding.Amount.Each(spatial, 0, "padding");
                var source = input.Core;
                if (padding.Name == "same")
                {
                    if (steps.Any(s => s != 1)) throw new ArgumentValueException("padding='same' is not supported for strided convolutions");
                    var total = gaps.Select((d, i) => d * (weight.size(i + 2) - 1)).ToArray();
                    amount = [.. total.Select(t => t / 2)];
                    // An odd rest goes behind.
                    if (total.Any(t => t % 2 != 0))
                        source = Shapes.padConstant(0, ListModule.OfSeq(total.Reverse().Select(t => Tuple.Create(0, (int)(t % 2)))), source);
                }
                return new(Linears.conv(Convert.List(steps), Convert.List(amount), Convert.List(gaps), Convert.Int(groups), source, weight.Core, Option(bias)));
            }

            /// <summary>Cross-correlation of [N, C, L] with [O, C / groups, K].</summary>
            [Forms(Forms.Plain, ".conv1d")]
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1) =>
                Convolve(1, input, weight, bias, stride, padding, dilation, groups);
            /// <summary>Cross-correlation of [N, C, H, W] with [O, C / groups, Kh, Kw].</summary>
            [Forms(Forms.Plain, ".conv2d")]
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1) =>
                Convolve(2, input, weight, bias, stride, padding, dilation, groups);
            /// <summary>Cross-correlation of [N, C, D, H, W] with [O, C / groups, Kd, Kh, Kw].</summary>
            [Forms(Forms.Plain, ".conv3d")]
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1) =>
                Convolve(3, input, weight, bias, stride, padding, dilation, groups);

            static Tensor ConvolveTransposed(int spatial, Tensor input, Tensor weight, Tensor? bias, Sizes stride, Sizes padding, Sizes output_padding, long groups, Sizes dilation)
            {
                (input, weight, bias) = (Autocast.As(input, "conv2d"), Autocast.As(weight, "conv2d"), Autocast.Maybe(bias, "conv2d"));
                if (weight.dim() != spatial + 2)
                    throw new ShapeException($"expected {spatial + 2}-dimensional weight for conv_transpose{spatial}d, but got weight of size {ShapeModule.format(weight.Core.Shape)}");
                return new(TransposedConvolution.apply(Convert.List(stride.Each(spatial, 1, "stride")), Convert.List(padding.Each(spatial, 0, "padding")),
                    Convert.List(output_padding.Each(spatial, 0, "output_padding")), Convert.List(dilation.Each(spatial, 1, "dilation")), Convert.Int(groups), input.Core, weight.Core, Option(bias)));
            }

            /// <summary>The gradient of conv1d by its input as an operation: [N, I, L] with [I, O / groups, K].</summary>
            [Forms(Forms.Plain, ".conv_transpose1d")]
            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, Sizes dilation = default) =>
                ConvolveTransposed(1, input, weight, bias, stride, padding, output_padding, groups, dilation);
            /// <summary>The gradient of conv2d by its input as an operation: [N, I, H, W] with [I, O / groups, Kh, Kw].</summary>
            [Forms(Forms.Plain, ".conv_transpose2d")]
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, Sizes dilation = default) =>
                ConvolveTransposed(2, input, weight, bias, stride, padding, output_padding, groups, dilation);
            /// <summary>The gradient of conv3d by its input as an operation: [N, I, D, H, W] with [I, O / groups, Kd, Kh, Kw].</summary>
            [Forms(Forms.Plain, ".conv_transpose3d")]
            public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, Sizes dilation = default) =>
                ConvolveTransposed(3, input, weight, bias, stride, padding, output_padding, groups, dilation);

            /// <summary>Cross-correlation over time of [time, N, C] with [kernel, C, O].</summary>
            [Forms(Forms.Plain, ".conv_tbc")]
            public static Tensor conv_tbc(Tensor input, Tensor weight, Tensor bias, long pad = 0) => new(TransposedConvolution.timeBatchChannel(Convert.Int(pad), Autocast.As(input).Core, Autocast.As(weight).Core, Autocast.As(bias).Core));

            /// <summary>A bilinear form of two inputs for each output, plus a bias.</summary>
            [Forms(Forms.Plain, ".bilinear")]
            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => new(TransposedConvolution.bilinear(input1.Core, input2.Core, weight.Core, Option(bias)));

            static (Tensor output, Tensor indices) MaxPool(int spatial, Tensor input, Sizes kernel_size, Sizes stride, Sizes padding, Sizes dilation, bool ceil_mode)
            {
                var kernel = kernel_size.Each(spatial, 1, "kernel_size");
                var (output, indices) = Pair(Linears.maxPoolWithIndices(Convert.List(kernel), Convert.List(stride.IsDefault || stride.OrEmpty.Length == 0 ? [] : stride.Each(spatial, 1, "stride")),
                    Convert.List(padding.Each(spatial, 0, "padding")), Convert.List(dilation.Each(spatial, 1, "dilation")), ceil_mode, Autocast.As(input, "max_pool", spatial).Core));
                return (output, indices);
            }

            static Tensor AvgPool(int spatial, Tensor input, Sizes kernel_size, Sizes stride, Sizes padding, bool ceil_mode, bool count_include_pad, long? divisor_override)
            {
                if (divisor_override == 0) throw new ArgumentValueException("divisor must be not zero");
                var kernel = kernel_size.Each(spatial, 1, "kernel_size");
                return new(Linears.avgPool(Convert.List(kernel), Convert.List(stride.IsDefault || stride.OrEmpty.Length == 0 ? [] : stride.Each(spatial, 1, "stride")),
                    Convert.List(padding.Each(spatial, 0, "padding")), ceil_mode, count_include_pad,
                    divisor_override is { } d ? Microsoft.FSharp.Core.FSharpOption<int>.Some(Convert.Int(d)) : null, Autocast.As(input, "avg_pool", spatial).Core));
            }

            /// <summary>The maximum of each window over 1 dimension.</summary>
            [Forms(Forms.Plain, ".max_pool1d")]
            public static Tensor max_pool1d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false) =>
                MaxPool(1, input, kernel_size, stride, padding, dilation, ceil_mode).output;
            /// <summary>The maximum of each window over 1 dimension, and where it was (flat within the plane).</summary>
            [Forms(Forms.Plain, ".max_pool1d_with_indices")]
            public static (Tensor output, Tensor indices) max_pool1d_with_indices(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false, bool return_indices = true) =>
                MaxPool(1, input, kernel_size, stride, padding, dilation, ceil_mode);
            /// <summary>The mean of each window over 1 dimension.</summary>
            [Forms(Forms.Plain, ".avg_pool1d")]
            public static Tensor avg_pool1d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true) =>
                AvgPool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, null);

            /// <summary>The maximum of each window over 2 dimensions.</summary>
            [Forms(Forms.Plain, ".max_pool2d")]
            public static Tensor max_pool2d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false) =>
                MaxPool(2, input, kernel_size, stride, padding, dilation, ceil_mode).output;
            /// <summary>The maximum of each window over 2 dimensions, and where it was (flat within the plane).</summary>
            [Forms(Forms.Plain, ".max_pool2d_with_indices")]
            public static (Tensor output, Tensor indices) max_pool2d_with_indices(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false, bool return_indices = true) =>
                MaxPool(2, input, kernel_size, stride, padding, dilation, ceil_mode);
            /// <summary>The mean of each window over 2 dimensions.</summary>
            [Forms(Forms.Out)]
            public static Tensor avg_pool2d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                AvgPool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            /// <summary>The maximum of each window over 3 dimensions.</summary>
            [Forms(Forms.Plain, ".max_pool3d")]
            public static Tensor max_pool3d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false) =>
                MaxPool(3, input, kernel_size, stride, padding, dilation, ceil_mode).output;
            /// <summary>The maximum of each window over 3 dimensions, and where it was (flat within the plane).</summary>
            [Forms(Forms.Plain, ".max_pool3d_with_indices")]
            public static (Tensor output, Tensor indices) max_pool3d_with_indices(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes dilation = default, bool ceil_mode = false, bool return_indices = true) =>
                MaxPool(3, input, kernel_size, stride, padding, dilation, ceil_mode);
            /// <summary>The mean of each window over 3 dimensions.</summary>
            [Forms(Forms.Out)]
            public static Tensor avg_pool3d(Tensor input, Sizes kernel_size, Sizes stride = default, Sizes padding = default, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                AvgPool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
        }
    }
}

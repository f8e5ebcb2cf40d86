namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>The transpose of a convolution over 1 dimension.</summary>
    public sealed class ConvTranspose1d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Sizes padding, Sizes output_padding, long groups, bool bias, Sizes dilation, PaddingModes padding_mode, Device? device, ScalarType? dtype) : TransposedConvolution("ConvTranspose1d", 1, in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype, nn.functional.conv_transpose1d);

    /// <summary>The transpose of a convolution over 2 dimensions.</summary>
    public sealed class ConvTranspose2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Sizes padding, Sizes output_padding, long groups, bool bias, Sizes dilation, PaddingModes padding_mode, Device? device, ScalarType? dtype) : TransposedConvolution("ConvTranspose2d", 2, in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype, nn.functional.conv_transpose2d);

    /// <summary>The transpose of a convolution over 3 dimensions.</summary>
    public sealed class ConvTranspose3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Sizes padding, Sizes output_padding, long groups, bool bias, Sizes dilation, PaddingModes padding_mode, Device? device, ScalarType? dtype) : TransposedConvolution("ConvTranspose3d", 3, in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype, nn.functional.conv_transpose3d);

    /// <summary>A transposed convolution over some number of dimensions, as a function.</summary>
    internal delegate Tensor Transposing(Tensor input, Tensor weight, Tensor? bias, Sizes stride, Sizes padding, Sizes output_padding, long groups, Sizes dilation);

    /// <summary>What transposed convolutions over any number of dimensions share.</summary>
    public abstract class TransposedConvolution : ConvolutionBase
    {
        readonly int spatial;
        readonly Sizes kernel, padding, extra;
        readonly Transposing function;

        private protected TransposedConvolution(string name, int spatial, long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Sizes padding, Sizes output_padding, long groups, bool bias, Sizes dilation, PaddingModes padding_mode, Device? device, ScalarType? dtype, Transposing function)
            : base(name, spatial, true, in_channels, out_channels, kernel_size, stride, dilation, groups, bias, dtype)
        {
            if (padding_mode != PaddingModes.Zeros) throw new ArgumentValueException($"Only \"zeros\" padding mode is supported for {name}");
            (this.spatial, kernel, this.padding, extra, this.function) = (spatial, kernel_size, padding, output_padding, function);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => function(input, weight, bias, stride, padding, extra, groups, dilation);

        /// <summary>The result in one of the sizes that the input of the convolution may have had.</summary>
        public Tensor forward(Tensor input, long[] output_size)
        {
            var sizes = output_size.Length > spatial ? output_size[^spatial..] : output_size;
            if (sizes.Length != spatial) throw new ArgumentValueException($"{GetName()}: for {input.dim()}D input, output_size must have {spatial} or {spatial + 2} elements (got {output_size.Length})");
            var (steps, pads, gaps, kernels) = (stride.Each(spatial, 1, "stride"), padding.Each(spatial, 0, "padding"), dilation.Each(spatial, 1, "dilation"), kernel.Each(spatial, 1, "kernel_size"));
            long[] least = [.. steps.Select((s, d) => (input.size(d - spatial) - 1) * s - 2 * pads[d] + gaps[d] * (kernels[d] - 1) + 1)];
            for (var d = 0; d < spatial; d++)
                if (sizes[d] < least[d] || sizes[d] > least[d] + steps[d] - 1)
                    throw new ArgumentValueException($"requested an output size of [{string.Join(", ", sizes)}], but valid sizes range from [{string.Join(", ", least)}] to [{string.Join(", ", least.Select((l, i) => l + steps[i] - 1))}] (for an input of {ShapeModule.format(input.Core.Shape)})");
            return function(input, weight, bias, stride, padding, sizes.Select((s, d) => s - least[d]).ToArray(), groups, dilation);
        }

        /// <inheritdoc cref="forward(Tensor, long[])"/>
        public Tensor call(Tensor input, long[] output_size) => forward(input, output_size);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The transpose of a convolution over 1 dimension.</summary>
            public static ConvTranspose1d ConvTranspose1d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) => new ConvTranspose1d(in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype).On(device);
            /// <summary>The transpose of a convolution over 2 dimensions.</summary>
            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) => new ConvTranspose2d(in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype).On(device);
            /// <summary>The transpose of a convolution over 3 dimensions.</summary>
            public static ConvTranspose3d ConvTranspose3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) => new ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype).On(device);
        }
    }
}

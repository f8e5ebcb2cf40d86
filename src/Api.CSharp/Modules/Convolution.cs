namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>What convolutions and transposed convolutions over any number of dimensions share.</summary>
    public abstract class ConvolutionBase : nn.Module<Tensor, Tensor>
    {
        private protected readonly Sizes stride, dilation;
        private protected readonly long groups;

        /// <summary>[out_channels, in_channels / groups, kernel...]; for transposed convolutions [in_channels, out_channels / groups, kernel...].</summary>
        public Parameter weight { get; }
        /// <summary>[out_channels]</summary>
        public Parameter? bias { get; }

        private protected ConvolutionBase(string name, int spatial, bool isTransposed, long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Sizes dilation, long groups, bool bias, ScalarType? dtype) : base(name)
        {
            if (groups <= 0) throw new ArgumentValueException("groups must be a positive integer");
            if (in_channels % groups != 0) throw new ArgumentValueException("in_channels must be divisible by groups");
            if (out_channels % groups != 0) throw new ArgumentValueException("out_channels must be divisible by groups");
            (this.stride, this.dilation, this.groups) = (stride, dilation, groups);
            var (first, second) = isTransposed ? (in_channels, out_channels) : (out_channels, in_channels);
            weight = new Parameter(empty([first, second / groups, .. kernel_size.Each(spatial, 1, "kernel_size")], dtype));
            register_parameter("weight", weight);
            this.bias = bias ? new Parameter(empty([out_channels], dtype)) : null;
            register_parameter("bias", this.bias);
            nn.init.Default(weight, this.bias);
        }
    }

    /// <summary>What convolutions over any number of dimensions share.</summary>
    public abstract class Convolution : ConvolutionBase
    {
        readonly Padding padding;
        readonly PaddingModes mode;
        readonly long[] around;

        private protected Convolution(string name, int spatial, long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base(name, spatial, false, in_channels, out_channels, kernel_size, stride, dilation, groups, bias, dtype)
        {
            (this.padding, mode) = (padding, padding_mode);
            if (padding.Name == "same" && stride.Each(spatial, 1, "stride").Any(s => s != 1)) throw new ArgumentValueException("padding='same' is not supported for strided convolutions");
            var (kernel, gaps, amount) = (kernel_size.Each(spatial, 1, "kernel_size"), dilation.Each(spatial, 1, "dilation"), padding.Amount.Each(spatial, 0, "padding"));
            // Pairs from the last dimension on; an odd rest goes behind.
            around = [.. Enumerable.Range(0, spatial).Reverse().SelectMany(d =>
                padding.Name == "same" ? new[] { gaps[d] * (kernel[d] - 1) / 2, gaps[d] * (kernel[d] - 1) - gaps[d] * (kernel[d] - 1) / 2 } : [amount[d], amount[d]])];
        }

        /// <summary>The input and the padding that is left for the convolution: none where something else than zeros stands around.</summary>
        private protected (Tensor input, Padding padding) Padded(Tensor input) =>
            mode is PaddingModes.Zeros or PaddingModes.Constant ? (input, padding) : (nn.functional.pad(input, around, mode), 0);
    }

    /// <summary>What stands around the input.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros,
        /// <summary>One number.</summary>
        Constant,
        /// <summary>The input mirrored at its edge.</summary>
        Reflect,
        /// <summary>The edge repeated.</summary>
        Replicate,
        /// <summary>The opposite edge.</summary>
        Circular,
    }

    /// <summary>Cross-correlation over a sequence.</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base("Conv1d", 1, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            var (padded, padding) = Padded(input);
            return nn.functional.conv1d(padded, weight, bias, stride, padding, dilation, groups);
        }
    }

    /// <summary>Cross-correlation over images.</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base("Conv2d", 2, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            var (padded, padding) = Padded(input);
            return nn.functional.conv2d(padded, weight, bias, stride, padding, dilation, groups);
        }
    }

    /// <summary>Cross-correlation over volumes.</summary>
    public sealed class Conv3d : Convolution
    {
        internal Conv3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base("Conv3d", 3, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            var (padded, padding) = Padded(input);
            return nn.functional.conv3d(padded, weight, bias, stride, padding, dilation, groups);
        }
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Cross-correlation over a sequence.</summary>
            public static Conv1d Conv1d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new Conv1d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype).On(device);
            /// <summary>Cross-correlation over images.</summary>
            public static Conv2d Conv2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype).On(device);
            /// <summary>Cross-correlation over volumes.</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new Conv3d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype).On(device);
        }
    }
}

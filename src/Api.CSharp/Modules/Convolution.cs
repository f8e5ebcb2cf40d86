namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>What convolutions over any number of dimensions share.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        private protected readonly Sizes stride, dilation;
        private protected readonly Padding padding;
        private protected readonly long groups;

        /// <summary>[out_channels, in_channels / groups, kernel...]</summary>
        public Parameter weight { get; }
        /// <summary>[out_channels]</summary>
        public Parameter? bias { get; }

        private protected Convolution(string name, int spatial, long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype) : base(name)
        {
            if (groups <= 0) throw new ArgumentValueException("groups must be a positive integer");
            if (in_channels % groups != 0) throw new ArgumentValueException("in_channels must be divisible by groups");
            if (out_channels % groups != 0) throw new ArgumentValueException("out_channels must be divisible by groups");
            if (padding_mode != PaddingModes.Zeros)
                throw new UnsupportedException($"{name} with padding_mode '{padding_mode}'", "cpu", "pad the input first, and convolve without padding");
            (this.stride, this.padding, this.dilation, this.groups) = (stride, padding, dilation, groups);
            weight = new Parameter(empty([out_channels, in_channels / groups, .. kernel_size.Each(spatial, 1, "kernel_size")], dtype));
            register_parameter("weight", weight);
            this.bias = bias ? new Parameter(empty([out_channels], dtype)) : null;
            register_parameter("bias", this.bias);
            nn.init.Default(weight, this.bias);
        }
    }

    /// <summary>What stands around the input.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros,
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
        public override Tensor forward(Tensor input) => nn.functional.conv1d(input, weight, bias, stride, padding, dilation, groups);
    }

    /// <summary>Cross-correlation over images.</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base("Conv2d", 2, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
    }

    /// <summary>Cross-correlation over volumes.</summary>
    public sealed class Conv3d : Convolution
    {
        internal Conv3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride, Padding padding, Sizes dilation, long groups, bool bias, PaddingModes padding_mode, ScalarType? dtype)
            : base("Conv3d", 3, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups);
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
                new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype);
            /// <summary>Cross-correlation over images.</summary>
            public static Conv2d Conv2d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype);
            /// <summary>Cross-correlation over volumes.</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype);
        }
    }
}

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>A module that can learn its size from saved tensors, by their names in it.</summary>
    interface ILazy
    {
        void Prepare(Func<string, Tensor?> saved);
        bool has_uninitialized_params();
    }

    /// <summary>A module that learns a size from its first input, or from a state dict before that, and is made then.</summary>
    public abstract class LazyModule<TModule> : nn.Module<Tensor, Tensor>, ILazy where TModule : nn.Module<Tensor, Tensor>
    {
        readonly Func<Tensor, long> size;
        readonly Func<Func<string, Tensor?>, long?> sizeOfSaved;
        readonly Func<long, TModule> make;
        TModule? made;
        ScalarType? dtype;
        IBackend? backend;

        private protected LazyModule(string name, Func<Tensor, long> size, Func<Func<string, Tensor?>, long?> sizeOfSaved, Func<long, TModule> make) : base(name) =>
            (this.size, this.sizeOfSaved, this.make) = (size, sizeOfSaved, make);

        /// <summary>Whether no input was seen yet.</summary>
        public bool has_uninitialized_params() => made is null;

        /// <summary>The module, made for inputs like this one.</summary>
        public void initialize_parameters(Tensor input)
        {
            if (made is null) Make(size(input));
        }

        void ILazy.Prepare(Func<string, Tensor?> saved)
        {
            if (made is null && sizeOfSaved(saved) is { } known) Make(known);
        }

        private protected virtual void Make(long known)
        {
            made = make(known);
            if (dtype is { } kind) made.to(kind);
            if (backend is not null) made.Move(backend);
            Adopt(made);
        }

        private protected TModule Made => made ?? throw new ArgumentValueException(
            $"Attempted to use an uninitialized parameter in {GetName()}. This error happens when you are using a `LazyModule` or explicitly manipulating `torch.nn.parameter.UninitializedParameter` objects. When using LazyModules Call `forward` with a dummy batch to initialize the parameters before calling torch functions");

        internal override void Become(ScalarType dtype)
        {
            this.dtype = dtype;
            base.Become(dtype);
        }

        internal override void Move(IBackend backend)
        {
            this.backend = backend;
            base.Move(backend);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            initialize_parameters(input);
            made!.train(training);
            return made.call(input);
        }
    }

    /// <summary>A linear map that learns its in_features from its first input.</summary>
    public sealed class LazyLinear : LazyModule<Linear>
    {
        internal LazyLinear(long out_features, bool bias, ScalarType? dtype) : base("LazyLinear", input => input.size(-1), saved => saved("weight")?.size(-1), features => nn.Linear(features, out_features, bias, dtype: dtype)) { }
        /// <inheritdoc cref="Linear.weight"/>
        public Parameter weight => Made.weight;
        /// <inheritdoc cref="Linear.bias"/>
        public Parameter? bias => Made.bias;
        /// <inheritdoc cref="Linear.in_features"/>
        public long in_features => Made.in_features;
        /// <inheritdoc cref="Linear.out_features"/>
        public long out_features => Made.out_features;
    }

    /// <summary>A convolution, transposed or not, that learns its in_channels from its first input.</summary>
    public sealed class LazyConvolution : LazyModule<ConvolutionBase>
    {
        long channels;

        internal LazyConvolution(string name, int spatial, long out_channels, long groups, Func<long, ConvolutionBase> make)
            : base(name, input => Channels(name, spatial, input),
                // Transposed kernels have their inputs first.
                saved => saved("weight") is { } weight ? name.Contains("Transpose") ? weight.size(0) : weight.size(1) * groups : null, make) =>
            this.out_channels = out_channels;

        private protected override void Make(long known)
        {
            channels = known;
            base.Make(known);
        }

        static long Channels(string name, int spatial, Tensor input) =>
            input.dim() == spatial + 2 ? input.size(1) : input.dim() == spatial + 1 ? input.size(0)
                : throw new ShapeException($"Expected {spatial + 1}D (unbatched) or {spatial + 2}D (batched) input to {name}, but got input of size: {ShapeModule.format(input.Core.Shape)}");

        /// <inheritdoc/>
        public override string GetName() => Name;
        /// <inheritdoc cref="ConvolutionBase.weight"/>
        public Parameter weight => Made.weight;
        /// <inheritdoc cref="ConvolutionBase.bias"/>
        public Parameter? bias => Made.bias;
        /// <summary>The number of channels of inputs; 0 before the first one.</summary>
        public long in_channels => channels;
        /// <summary>The number of channels of results.</summary>
        public long out_channels { get; }
    }

    /// <summary>A batch norm that learns its num_features from its first input.</summary>
    public sealed class LazyBatchNorm : LazyModule<BatchNorm>
    {
        internal LazyBatchNorm(string name, Func<long, BatchNorm> make) : base(name, input => input.size(1), saved => (saved("running_mean") ?? saved("weight"))?.size(0), make) { }
        /// <inheritdoc/>
        public override string GetName() => Name;
        /// <inheritdoc cref="BatchNorm.weight"/>
        public Parameter? weight => Made.weight;
        /// <inheritdoc cref="BatchNorm.bias"/>
        public Parameter? bias => Made.bias;
        /// <inheritdoc cref="BatchNorm.running_mean"/>
        public Tensor? running_mean => Made.running_mean;
        /// <inheritdoc cref="BatchNorm.running_var"/>
        public Tensor? running_var => Made.running_var;
        /// <inheritdoc cref="BatchNorm.num_batches_tracked"/>
        public Tensor? num_batches_tracked => Made.num_batches_tracked;
    }

    /// <summary>An instance norm that learns its num_features from its first input.</summary>
    public sealed class LazyInstanceNorm : LazyModule<InstanceNorm>
    {
        internal LazyInstanceNorm(string name, int spatial, Func<long, InstanceNorm> make)
            : base(name, input => input.size(input.dim() - spatial - 1), saved => (saved("running_mean") ?? saved("weight"))?.size(0), make) { }
        /// <inheritdoc/>
        public override string GetName() => Name;
        /// <inheritdoc cref="InstanceNorm.weight"/>
        public Parameter? weight => Made.weight;
        /// <inheritdoc cref="InstanceNorm.bias"/>
        public Parameter? bias => Made.bias;
        /// <inheritdoc cref="InstanceNorm.running_mean"/>
        public Tensor? running_mean => Made.running_mean;
        /// <inheritdoc cref="InstanceNorm.running_var"/>
        public Tensor? running_var => Made.running_var;
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A linear map that learns its in_features from its first input.</summary>
            public static LazyLinear LazyLinear(long out_features, bool bias = true, Device? device = null, ScalarType? dtype = null) => new LazyLinear(out_features, bias, dtype).On(device);
            /// <summary>A convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConv1d(long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConv1d", 1, out_channels, groups, channels => Conv1d(channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype)).On(device);
            /// <summary>A convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConv2d(long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConv2d", 2, out_channels, groups, channels => Conv2d(channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype)).On(device);
            /// <summary>A convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConv3d(long out_channels, Sizes kernel_size, Sizes stride = default, Padding padding = default, Sizes dilation = default, long groups = 1, bool bias = true, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConv3d", 3, out_channels, groups, channels => Conv3d(channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype)).On(device);
            /// <summary>A transposed convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConvTranspose1d(long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConvTranspose1d", 1, out_channels, groups, channels => ConvTranspose1d(channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype)).On(device);
            /// <summary>A transposed convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConvTranspose2d(long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConvTranspose2d", 2, out_channels, groups, channels => ConvTranspose2d(channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype)).On(device);
            /// <summary>A transposed convolution that learns its in_channels from its first input.</summary>
            public static LazyConvolution LazyConvTranspose3d(long out_channels, Sizes kernel_size, Sizes stride = default, Sizes padding = default, Sizes output_padding = default, long groups = 1, bool bias = true, Sizes dilation = default, PaddingModes padding_mode = PaddingModes.Zeros, Device? device = null, ScalarType? dtype = null) =>
                new LazyConvolution("LazyConvTranspose3d", 3, out_channels, groups, channels => ConvTranspose3d(channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, device, dtype)).On(device);
            /// <summary>A batch norm that learns its num_features from its first input.</summary>
            public static LazyBatchNorm LazyBatchNorm1d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new LazyBatchNorm("LazyBatchNorm1d", features => BatchNorm1d(features, eps, momentum, affine, track_running_stats, device, dtype)).On(device);
            /// <summary>A batch norm that learns its num_features from its first input.</summary>
            public static LazyBatchNorm LazyBatchNorm2d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new LazyBatchNorm("LazyBatchNorm2d", features => BatchNorm2d(features, eps, momentum, affine, track_running_stats, device, dtype)).On(device);
            /// <summary>A batch norm that learns its num_features from its first input.</summary>
            public static LazyBatchNorm LazyBatchNorm3d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new LazyBatchNorm("LazyBatchNorm3d", features => BatchNorm3d(features, eps, momentum, affine, track_running_stats, device, dtype)).On(device);

            /// <summary>An instance norm that learns its num_features from its first input.</summary>
            public static LazyInstanceNorm LazyInstanceNorm1d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new("LazyInstanceNorm1d", 1, features => InstanceNorm1d(features, eps, momentum, affine, track_running_stats, device, dtype));
            /// <summary>An instance norm that learns its num_features from its first input.</summary>
            public static LazyInstanceNorm LazyInstanceNorm2d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new("LazyInstanceNorm2d", 2, features => InstanceNorm2d(features, eps, momentum, affine, track_running_stats, device, dtype));
            /// <summary>An instance norm that learns its num_features from its first input.</summary>
            public static LazyInstanceNorm LazyInstanceNorm3d(double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new("LazyInstanceNorm3d", 3, features => InstanceNorm3d(features, eps, momentum, affine, track_running_stats, device, dtype));

            /// <summary>Batch normalization over all processes of a group.</summary>
            public static class SyncBatchNorm
            {
                /// <summary>Puts a SyncBatchNorm in the place of every batch norm of a module.</summary>
                public static Module convert_sync_batchnorm(Module module, object? process_group = null) => Modules.SyncBatchNorm.Converted(module);
            }
        }
    }
}

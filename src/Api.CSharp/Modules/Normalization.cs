namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Normalizes every channel over batch and space (Ioffe and Szegedy 2015).</summary>
    public abstract class BatchNorm : nn.Module<Tensor, Tensor>
    {
        readonly double eps;
        readonly long features;
        readonly int[] ranks;

        /// <summary>The scale of each channel.</summary>
        public Parameter? weight { get; }
        /// <summary>The shift of each channel.</summary>
        public Parameter? bias { get; }
        /// <summary>The running mean of each channel.</summary>
        public Tensor? running_mean { get; }
        /// <summary>The running variance of each channel.</summary>
        public Tensor? running_var { get; }
        /// <summary>How many batches the running statistics have seen.</summary>
        public Tensor? num_batches_tracked { get; }

        private protected BatchNorm(string name, int[] ranks, long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype) : base(name)
        {
            (this.ranks, this.eps, Momentum, features) = (ranks, eps, momentum, num_features);
            weight = affine ? new Parameter(ones([num_features], dtype)) : null;
            bias = affine ? new Parameter(zeros([num_features], dtype)) : null;
            running_mean = track_running_stats ? zeros([num_features], dtype) : null;
            running_var = track_running_stats ? ones([num_features], dtype) : null;
            num_batches_tracked = track_running_stats ? tensor(0L) : null;
            register_parameter("weight", weight);
            register_parameter("bias", bias);
            register_buffer("running_mean", running_mean);
            register_buffer("running_var", running_var);
            register_buffer("num_batches_tracked", num_batches_tracked);
        }

        /// <summary>Another norm's parameters, statistics and options under another name, for inputs of any rank.</summary>
        private protected BatchNorm(string name, BatchNorm other) : base(name)
        {
            (ranks, eps, Momentum, features) = ([], other.eps, other.Momentum, other.features);
            (weight, bias, running_mean, running_var, num_batches_tracked) = (other.weight, other.bias, other.running_mean, other.running_var, other.num_batches_tracked);
            Adopt(other);
            train(other.training);
        }

        private protected override string[] AddedLater => num_batches_tracked is null ? [] : ["num_batches_tracked"];

        /// <summary>How far the running statistics move with each batch; null: they are the mean of all batches.</summary>
        internal double? Momentum { get; set; }

        /// <summary>Forgets the running statistics.</summary>
        public void reset_running_stats()
        {
            if (running_mean is null) return;
            using (no_grad())
            {
                running_mean.zero_();
                running_var!.fill_(1);
                num_batches_tracked!.zero_();
            }
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            if (ranks.Length == 0 && input.dim() < 2) throw new ShapeException($"expected at least 2D input (got {input.dim()}D input)");
            if (ranks.Length > 0 && !ranks.Contains((int)input.dim()))
                throw new ShapeException($"expected {string.Join(" or ", ranks.Select(r => $"{r}D"))} input (got {input.dim()}D input)");
            if (input.size(1) != features)
                throw new ShapeException($"running_mean should contain {input.size(1)} elements not {features}: {GetName()} of {features} features got input of shape [{string.Join(", ", input.shape)}]");
            var factor = Momentum ?? 0;
            if (training && num_batches_tracked is not null)
            {
                using (no_grad()) num_batches_tracked.add_(1);
                factor = Momentum ?? 1 / num_batches_tracked.ToDouble();
            }
            var byBatch = training || running_mean is null;
            return nn.functional.batch_norm(input, training || !byBatch ? running_mean : null, training || !byBatch ? running_var : null, weight, bias, byBatch, factor, eps);
        }
    }

    /// <summary>Normalizes every channel of 2- or 3-dimensional input over batch and space.</summary>
    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("BatchNorm1d", [2, 3], num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }

    /// <summary>Normalizes every channel of 4-dimensional input over batch and space.</summary>
    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("BatchNorm2d", [4], num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }

    /// <summary>Normalizes every channel of 5-dimensional input over batch and space.</summary>
    public sealed class BatchNorm3d : BatchNorm
    {
        internal BatchNorm3d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("BatchNorm3d", [5], num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }

    /// <summary>Normalizes over the last dimensions, then scales and shifts (Ba, Kiros and Hinton 2016).</summary>
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        readonly long[] shape;
        readonly double eps;

        /// <summary>The scale of each element.</summary>
        public Parameter? weight { get; }
        /// <summary>The shift of each element.</summary>
        public Parameter? bias { get; }

        internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, ScalarType? dtype) : base("LayerNorm")
        {
            (shape, this.eps) = (normalized_shape, eps);
            weight = elementwise_affine ? new Parameter(ones(normalized_shape, dtype)) : null;
            bias = elementwise_affine ? new Parameter(zeros(normalized_shape, dtype)) : null;
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, shape, weight, bias, eps);
    }

    /// <summary>Divides by the root of the mean square over the last dimensions, then scales (Zhang and Sennrich 2019).</summary>
    public sealed class RMSNorm : nn.Module<Tensor, Tensor>
    {
        readonly long[] shape;
        readonly double? eps;

        /// <summary>The scale of each element.</summary>
        public Parameter? weight { get; }

        internal RMSNorm(long[] normalized_shape, double? eps, bool elementwise_affine, ScalarType? dtype) : base("RMSNorm")
        {
            (shape, this.eps) = (normalized_shape, eps);
            register_parameter("weight", weight = elementwise_affine ? new Parameter(ones(normalized_shape, dtype)) : null);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.rms_norm(input, shape, weight, eps);
    }

    /// <summary>Normalizes over groups of channels, then scales and shifts (Wu and He 2018).</summary>
    public sealed class GroupNorm : nn.Module<Tensor, Tensor>
    {
        readonly long groups;
        readonly double eps;

        /// <summary>The scale of each channel.</summary>
        public Parameter? weight { get; }
        /// <summary>The shift of each channel.</summary>
        public Parameter? bias { get; }

        internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, ScalarType? dtype) : base("GroupNorm")
        {
            if (num_groups <= 0 || num_channels % num_groups != 0) throw new ArgumentValueException("num_channels must be divisible by num_groups");
            (groups, this.eps) = (num_groups, eps);
            weight = affine ? new Parameter(ones([num_channels], dtype)) : null;
            bias = affine ? new Parameter(zeros([num_channels], dtype)) : null;
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.group_norm(input, groups, weight, bias, eps);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Normalizes every channel over batch and space.</summary>
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new BatchNorm1d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
            /// <summary>Normalizes every channel over batch and space.</summary>
            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new BatchNorm2d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
            /// <summary>Normalizes every channel over batch and space.</summary>
            public static BatchNorm3d BatchNorm3d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new BatchNorm3d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
            /// <summary>Normalizes over the last dimensions, then scales and shifts.</summary>
            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, Device? device = null, ScalarType? dtype = null) => new LayerNorm(normalized_shape, eps, elementwise_affine, dtype).On(device);
            /// <summary>Normalizes over the last dimension, then scales and shifts.</summary>
            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, Device? device = null, ScalarType? dtype = null) => new LayerNorm([normalized_shape], eps, elementwise_affine, dtype).On(device);
            /// <summary>Divides by the root of the mean square over the last dimensions, then scales; eps is the dtype's precision unless given.</summary>
            public static RMSNorm RMSNorm(long[] normalized_shape, double? eps = null, bool elementwise_affine = true, Device? device = null, ScalarType? dtype = null) => new RMSNorm(normalized_shape, eps, elementwise_affine, dtype).On(device);
            /// <summary>Divides by the root of the mean square over the last dimension, then scales; eps is the dtype's precision unless given.</summary>
            public static RMSNorm RMSNorm(long normalized_shape, double? eps = null, bool elementwise_affine = true, Device? device = null, ScalarType? dtype = null) => new RMSNorm([normalized_shape], eps, elementwise_affine, dtype).On(device);
            /// <summary>Normalizes over groups of channels, then scales and shifts.</summary>
            public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) => new GroupNorm(num_groups, num_channels, eps, affine, dtype).On(device);
        }
    }
}

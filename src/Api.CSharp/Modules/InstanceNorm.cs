namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Normalizes every channel of every example (Ulyanov et al. 2016).</summary>
    public abstract class InstanceNorm : nn.Module<Tensor, Tensor>
    {
        readonly int spatial;
        readonly double eps, momentum;

        /// <summary>The scale of each channel.</summary>
        public Parameter? weight { get; }
        /// <summary>The shift of each channel.</summary>
        public Parameter? bias { get; }
        /// <summary>The running mean of each channel.</summary>
        public Tensor? running_mean { get; }
        /// <summary>The running variance of each channel.</summary>
        public Tensor? running_var { get; }

        private protected InstanceNorm(string name, int spatial, long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype) : base(name)
        {
            (this.spatial, this.eps, this.momentum) = (spatial, eps, momentum ?? 0);
            register_parameter("weight", weight = affine ? new Parameter(ones([num_features], dtype)) : null);
            register_parameter("bias", bias = affine ? new Parameter(zeros([num_features], dtype)) : null);
            register_buffer("running_mean", running_mean = track_running_stats ? zeros([num_features], dtype) : null);
            register_buffer("running_var", running_var = track_running_stats ? ones([num_features], dtype) : null);
            register_buffer("num_batches_tracked", track_running_stats ? tensor(0L) : null);
        }

        private protected override string[] AddedLater => running_mean is null ? [] : ["num_batches_tracked"];

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            if (input.dim() != spatial + 1 && input.dim() != spatial + 2) throw new ShapeException($"expected {spatial + 1}D or {spatial + 2}D input (got {input.dim()}D input)");
            var isBatch = input.dim() == spatial + 2;
            var result = nn.functional.instance_norm(isBatch ? input : unsqueeze(input, 0), running_mean, running_var, weight, bias, training || running_mean is null, momentum, eps);
            return isBatch ? result : squeeze(result, 0);
        }
    }

    /// <summary>Normalizes every channel of every example of sequences.</summary>
    public sealed class InstanceNorm1d : InstanceNorm
    {
        internal InstanceNorm1d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("InstanceNorm1d", 1, num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }

    /// <summary>Normalizes every channel of every example of images.</summary>
    public sealed class InstanceNorm2d : InstanceNorm
    {
        internal InstanceNorm2d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("InstanceNorm2d", 2, num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }

    /// <summary>Normalizes every channel of every example of volumes.</summary>
    public sealed class InstanceNorm3d : InstanceNorm
    {
        internal InstanceNorm3d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, ScalarType? dtype)
            : base("InstanceNorm3d", 3, num_features, eps, momentum, affine, track_running_stats, dtype) { }
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Normalizes every channel of every example of sequences.</summary>
            public static InstanceNorm1d InstanceNorm1d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new InstanceNorm1d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
            /// <summary>Normalizes every channel of every example of images.</summary>
            public static InstanceNorm2d InstanceNorm2d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new InstanceNorm2d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
            /// <summary>Normalizes every channel of every example of volumes.</summary>
            public static InstanceNorm3d InstanceNorm3d(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new InstanceNorm3d(num_features, eps, momentum, affine, track_running_stats, dtype).On(device);
        }
    }
}

namespace Functional.Torch.Modules;

using static Functional.Torch.torch;

/// <summary>Batch normalization over all processes of a group; in one process it is that of its own batch.</summary>
public sealed class SyncBatchNorm : BatchNorm
{
    /// <summary>A norm of its own; <see cref="nn.SyncBatchNorm.convert_sync_batchnorm"/> makes one of another.</summary>
    public SyncBatchNorm(long num_features, double eps = 1e-05, double? momentum = 0.1, bool affine = true, bool track_running_stats = true, ScalarType? dtype = null)
        : base("SyncBatchNorm", [], num_features, eps, momentum, affine, track_running_stats, dtype) { }

    SyncBatchNorm(BatchNorm other) : base("SyncBatchNorm", other) { }

    /// <summary>The module with a SyncBatchNorm, which has the same parameters and statistics, for every batch norm in it.</summary>
    internal static nn.Module Converted(nn.Module module)
    {
        if (module is BatchNorm norm and not SyncBatchNorm) return new SyncBatchNorm(norm);
        foreach (var (name, child) in module.named_children().ToArray())
            if (Converted(child) is var next && !ReferenceEquals(next, child)) module.Exchange(name, next);
        return module;
    }
}

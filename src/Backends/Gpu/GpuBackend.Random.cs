namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Random(RandomKind kind, ulong key, Dtype dtype, int length) =>
        throw Missing("random");
}

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Scan(ScanKind kind, View source, int axis, bool reverse) =>
        throw Missing("scan");
}

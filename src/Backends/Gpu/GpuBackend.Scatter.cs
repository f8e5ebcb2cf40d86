namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Scatter(ScatterMode mode, View target, int axis, View index, View source) =>
        throw Missing("scatter");
}

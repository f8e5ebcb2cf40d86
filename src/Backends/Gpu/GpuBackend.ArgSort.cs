namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer ArgSort(View source, int axis, bool descending, int count) =>
        throw Missing("sort");
}

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Gather(View source, int axis, View index) =>
        throw Missing("gather");
}

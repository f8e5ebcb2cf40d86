namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Mix(SparseMatrix matrix, View source, int axis) =>
        throw Missing("mix");
}

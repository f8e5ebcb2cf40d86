namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Window(WindowKind kind, WindowGeometry? geometry, View source) =>
        throw Missing("pooling");
}

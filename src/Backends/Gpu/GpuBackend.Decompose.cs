namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Decompose(Decomposition? kind, View[] inputs) =>
        throw Missing("decompose");
}

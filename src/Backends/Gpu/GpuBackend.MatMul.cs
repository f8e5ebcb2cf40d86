namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer MatMul(View a, View b) =>
        throw Missing("matmul");
}

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Arange(Dtype dtype, int length, Scalar start, Scalar step) =>
        throw Missing("arange");
}

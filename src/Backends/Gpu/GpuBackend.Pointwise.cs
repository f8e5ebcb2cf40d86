namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public void Pointwise(Program? program, int[] shape, View[] inputs, Scalar[] parameters, Buffer?[] outputs) =>
        throw Missing("pointwise");
}

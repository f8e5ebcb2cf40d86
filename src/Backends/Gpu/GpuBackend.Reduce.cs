namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Reduce(Reduction reduction, Program? program, int[] shape, View[] inputs, Scalar[] parameters, int[] axes) =>
        throw Missing("reduce");
}

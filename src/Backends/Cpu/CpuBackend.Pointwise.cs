namespace Functional.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public void Pointwise(Program? program, int[] shape, View[] inputs, Scalar[] parameters, Buffer?[] outputs) =>
        throw new UnsupportedException("pointwise programs", "cpu", "its kernels have not landed");
}

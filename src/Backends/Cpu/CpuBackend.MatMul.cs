namespace Functional.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer MatMul(View a, View b) =>
        throw new UnsupportedException("matmul", "cpu", "its kernels have not landed");
}

namespace Functional.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Convolve(ConvolutionPass pass, ConvolutionGeometry geometry, View a, View b) =>
        throw new UnsupportedException("convolution", "cpu", "its kernels have not landed");
}

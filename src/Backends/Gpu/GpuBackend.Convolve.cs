namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Convolve(ConvolutionPass pass, ConvolutionGeometry? geometry, View a, View b) =>
        throw Missing("convolution");
}

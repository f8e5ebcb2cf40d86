namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Fourier(View source, int axis, bool inverse) =>
        throw Missing("fft");
}

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer[] ChannelMoments(View source) => ChannelComposition.moments(this, source)!;

    /// <inheritdoc/>
    public Buffer[] NormalizeChannelsPullback(View source, View mean, View variance, double epsilon, View weight, View cotangent) =>
        ChannelComposition.pullback(this, source, mean, variance, epsilon, weight, cotangent)!;
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Mean and variance of every channel, a channel at a time.</summary>
/// <remarks>As <see cref="RowMoments{T}"/>: distances from an estimate of the mean, and once more where that was far off.</remarks>
internal readonly unsafe struct ChannelMoments<T>(T* source, T* means, T* variances, ChannelImages images) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    // A squared distance of the estimate from the mean, in variances, that costs no more than two bits.
    private const double Tolerable = 4;
    private const int Beginning = 64;

    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct =>
        Ranges.Run(images.Channels, images.Count, new Work<S, V>(source, means, variances, images));

    private readonly struct Work<S, V>(T* source, T* means, T* variances, ChannelImages images) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                T* channel = source + start * images.Positions;
                double estimate = 0;
                int beginning = Math.Min(Beginning, images.Positions);
                for (int i = 0; i < beginning && images.Images > 0; i++)
                    estimate += double.CreateTruncating(channel[i]) / beginning;
                var (shift, variance) = Around(channel, T.CreateTruncating(estimate));
                if (shift * shift > Tolerable * variance)
                {
                    estimate = double.CreateTruncating(T.CreateTruncating(estimate)) + shift;
                    (shift, variance) = Around(channel, T.CreateTruncating(estimate));
                }
                means[start] = T.CreateTruncating(double.CreateTruncating(T.CreateTruncating(estimate)) + shift);
                variances[start] = T.CreateTruncating(variance);
            }
        }

        private (double Shift, double Variance) Around(T* channel, T estimate)
        {
            var (sum, squares) = ChannelSums<S, V, T, Deviations<S, V>>.Of(channel, images, new Deviations<S, V>(estimate));
            double shift = sum / images.Count;
            return (shift, Math.Max(0, squares / images.Count - shift * shift));
        }
    }

    /// <summary>Distances from an estimate, and their squares.</summary>
    private readonly struct Deviations<S, V>(T estimate) : IChannelSum<S, V, T>
        where S : struct, ISimd<V, T>
        where V : struct
    {
        private readonly V middle = S.Create(estimate);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Terms(T* place, out V first, out V second, out V factor) =>
            first = second = factor = S.Subtract(S.Load(place), middle);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Term(T* place, out double first, out double second)
        {
            first = double.CreateTruncating(*place - estimate);
            second = first * first;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>What batch norm's pullback reads and writes: elements by channel, numbers for each channel.</summary>
internal readonly unsafe struct ChannelOperands<T>(
    T* source, T* mean, T* variance, T* weight, T* cotangent, T* result, T* ofWeight, T* ofBias)
    where T : unmanaged
{
    public readonly T* Source = source, Mean = mean, Variance = variance, Weight = weight, Cotangent = cotangent;
    public readonly T* Result = result, OfWeight = ofWeight, OfBias = ofBias;
}

/// <summary>The cotangents of batch norm's source, weight and bias: a channel's sums, then its elements while they are in the cache.</summary>
internal readonly unsafe struct ChannelPullback<T>(double epsilon, ChannelOperands<T> operands, ChannelImages images) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct =>
        Ranges.Run(images.Channels, 2 * images.Count, new Work<S, V>(epsilon, operands, images));

    private readonly struct Work<S, V>(double epsilon, ChannelOperands<T> operands, ChannelImages images) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                long first = start * images.Positions;
                T* source = operands.Source + first;
                T mean = operands.Mean[start];
                double scale = 1 / Math.Sqrt(double.CreateTruncating(operands.Variance[start]) + epsilon);
                var slopes = new Slopes<S, V>(mean, operands.Cotangent + first - source);
                var (ofBias, along) = ChannelSums<S, V, T, Slopes<S, V>>.Of(source, images, slopes);
                double ofWeight = along * scale;
                operands.OfBias[start] = T.CreateTruncating(ofBias);
                operands.OfWeight[start] = T.CreateTruncating(ofWeight);
                double factor = double.CreateTruncating(operands.Weight[start]) * scale;
                double bend = -factor * scale * ofWeight / images.Count;
                Elements(first, mean, T.CreateTruncating(factor), T.CreateTruncating(bend), T.CreateTruncating(-factor * ofBias / images.Count));
            }
        }

        /// <summary>cotangent * factor + ((source - mean) * bend + term)</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Elements(long first, T mean, T factor, T bend, T term)
        {
            V middle = S.Create(mean), a = S.Create(factor), b = S.Create(bend), e = S.Create(term);
            int count = images.Positions;
            for (int image = 0; image < images.Images; image++, first += images.Step)
            {
                T* x = operands.Source + first;
                T* c = operands.Cotangent + first;
                T* to = operands.Result + first;
                int i = 0;
                for (; i <= count - S.Count; i += S.Count)
                    S.Store(S.MultiplyAdd(S.Load(c + i), a, S.MultiplyAdd(S.Subtract(S.Load(x + i), middle), b, e)), to + i);
                if (i < count && count >= S.Count)
                {
                    i = count - S.Count;
                    S.Store(S.MultiplyAdd(S.Load(c + i), a, S.MultiplyAdd(S.Subtract(S.Load(x + i), middle), b, e)), to + i);
                    i = count;
                }
                for (; i < count; i++)
                    to[i] = c[i] * factor + ((x[i] - mean) * bend + term);
            }
        }
    }

    /// <summary>Cotangents, and their products with distances from the mean.</summary>
    private readonly struct Slopes<S, V>(T mean, long toCotangent) : IChannelSum<S, V, T>
        where S : struct, ISimd<V, T>
        where V : struct
    {
        private readonly V middle = S.Create(mean);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Terms(T* place, out V first, out V second, out V factor)
        {
            first = second = S.Load(place + toCotangent);
            factor = S.Subtract(S.Load(place), middle);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Term(T* place, out double first, out double second)
        {
            first = double.CreateTruncating(place[toCotangent]);
            second = first * double.CreateTruncating(*place - mean);
        }
    }
}

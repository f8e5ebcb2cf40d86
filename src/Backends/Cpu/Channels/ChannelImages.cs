using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Where a channel lies in row-major [N, C, positions]: one run of positions for each image, evenly apart.</summary>
internal readonly record struct ChannelImages(int Images, int Channels, int Positions)
{
    // Summed in registers for about so many elements, then in double precision.
    private const int Block = 4096;

    public static ChannelImages Of(View source) => new(source.Shape[0], source.Shape[1], source.Shape[2]);

    public long Count => (long)Images * Positions;

    /// <summary>Elements from an image to the next.</summary>
    public long Step => (long)Channels * Positions;

    /// <summary>Images whose sums registers take up before they are handed on.</summary>
    public int BlockImages => Math.Max(1, Block / Math.Max(1, Positions));
}

/// <summary>Two sums over a channel.</summary>
internal interface IChannelSum<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
{
    /// <summary>What an element adds to the first sum, and what it is multiplied with for the second.</summary>
    unsafe void Terms(T* place, out V first, out V second, out V factor);

    /// <summary>The same for one element.</summary>
    unsafe void Term(T* place, out double first, out double second);
}

/// <summary>Walks through a channel's runs: whole registers, then one that overlaps the last of them and counts the rest.</summary>
internal static class ChannelSums<S, V, T, TSum>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
    where TSum : struct, IChannelSum<S, V, T>
{
    /// <summary>The longest part of a run that registers sum up.</summary>
    private const int Longest = 4096;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe (double First, double Second) Of(T* channel, in ChannelImages images, in TSum sum)
    {
        double first = 0, second = 0;
        int count = images.Positions, step = images.BlockImages;
        long apart = images.Step;
        for (int image = 0; image < images.Images; image += step)
        {
            V zero = S.Create(T.Zero);
            V a = zero, b = zero, c = zero, d = zero;
            for (int i = image, last = Math.Min(images.Images, image + step); i < last; i++)
            {
                T* run = channel + i * apart;
                for (int start = 0; start < count; start += Longest)
                {
                    int stop = Math.Min(count, start + Longest);
                    int x = start;
                    for (; x <= stop - 2 * S.Count; x += 2 * S.Count)
                    {
                        sum.Terms(run + x, out V p, out V q, out V r);
                        a = S.Add(a, p);
                        b = S.MultiplyAdd(q, r, b);
                        sum.Terms(run + x + S.Count, out p, out q, out r);
                        c = S.Add(c, p);
                        d = S.MultiplyAdd(q, r, d);
                    }
                    for (; x <= stop - S.Count; x += S.Count)
                    {
                        sum.Terms(run + x, out V p, out V q, out V r);
                        a = S.Add(a, p);
                        b = S.MultiplyAdd(q, r, b);
                    }
                    if (x < stop && stop - start >= S.Count)
                    {
                        V mask = LaneMask.Last<S, V, T>(stop - x);
                        sum.Terms(run + stop - S.Count, out V p, out V q, out V r);
                        c = S.Add(c, S.Select(mask, p, zero));
                        d = S.MultiplyAdd(S.Select(mask, q, zero), S.Select(mask, r, zero), d);
                        x = stop;
                    }
                    for (; x < stop; x++)
                    {
                        sum.Term(run + x, out double p, out double q);
                        first += p;
                        second += q;
                    }
                    if (count > Longest)
                    {
                        first += Total<S, V, T>.Of(S.Add(a, c));
                        second += Total<S, V, T>.Of(S.Add(b, d));
                        a = b = c = d = zero;
                    }
                }
            }
            first += Total<S, V, T>.Of(S.Add(a, c));
            second += Total<S, V, T>.Of(S.Add(b, d));
        }
        return (first, second);
    }
}

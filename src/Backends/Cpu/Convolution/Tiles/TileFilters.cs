using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Filters at the points, eight of them side by side: [eight filters][column and row of points][row phase, column phase, channel][filter].
/// </summary>
internal readonly unsafe struct TileFilters<T>(TileShape shape, TileOrder order, T* weight, T* points) : IVectorAction<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Filters that are multiplied at once.</summary>
    public const int Block = 8;

    private const int Points = TileShape.Points, Taps = TileShape.Results;

    /// <summary>Transforms a weight [filter][channel][row][column]. Filters that lack to a whole block are 0.</summary>
    public static T* Of(in TileShape shape, in TileOrder order, T* weight)
    {
        int filters = Partition.RoundUp(shape.Whole.Filters, Block);
        T* points = ThreadScratch.Rent<T>(ScratchUse.Filter, (nint)filters * order.Count);
        Widest.Invoke<T, TileFilters<T>>(new(shape, order, weight, points));
        return points;
    }

    /// <summary>A register of filters at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int lanes = S.Count, channels = shape.Whole.Channels, filters = Partition.RoundUp(shape.Whole.Filters, Block);
        nint line = Taps * lanes, column = Points * lanes;
        T* taps = stackalloc T[Taps * Taps * lanes], half = stackalloc T[Points * Taps * lanes], full = stackalloc T[Points * Points * lanes];
        for (int filter = 0; filter < filters; filter += lanes)
            for (int value = 0; value < shape.Depth; value++)
            {
                Gather(filter, value, lanes, taps);
                for (int x = 0; x < Taps; x++)
                    Column<S, V>(taps + x * lanes, line, half + x * lanes, line);
                for (int y = 0; y < Points; y++)
                    Column<S, V>(half + y * line, lanes, full + y * lanes, column);
                Scatter(full, filter, Math.Min(lanes, filters - filter), order.Of(value), lanes);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column<S, V>(T* from, nint step, T* to, nint next)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V last = S.Load(from + 3 * step);
        TileTransform<S, V, T>.Filter(
            S.Load(from), S.Load(from + step), S.Load(from + 2 * step), last,
            out V u0, out V u1, out V u2, out V u3, out V u4, out V u5);
        S.Store(u0, to);
        S.Store(u1, to + next);
        S.Store(u2, to + 2 * next);
        S.Store(u3, to + 3 * next);
        S.Store(u4, to + 4 * next);
        S.Store(u5, to + 5 * next);
        S.Store(last, to + 6 * next);
    }

    /// <summary>Taps of a phase and channel, [row][column][filter], and 0 for what it lacks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int filter, int value, int lanes, T* taps)
    {
        var (whole, kernel) = (shape.Whole, shape.Whole.Kernel);
        (int phase, int channel) = Math.DivRem(value, whole.Channels);
        (int py, int px) = Math.DivRem(phase, shape.Stride);
        nint step = (nint)whole.Channels * kernel.Count;
        for (int y = py; y < Taps * shape.Stride; y += shape.Stride)
            for (int x = px; x < Taps * shape.Stride; x += shape.Stride, taps += lanes)
            {
                bool isThere = y < kernel.Height && x < kernel.Width;
                T* from = weight + filter * step + (nint)channel * kernel.Count + y * kernel.Width + x;
                for (int lane = 0; lane < lanes; lane++)
                    taps[lane] = isThere && filter + lane < whole.Filters ? from[lane * step] : T.Zero;
            }
    }

    /// <summary>Values of so many filters at all points to where they belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(T* from, int filter, int count, int* places, int lanes)
    {
        for (int point = 0; point < Points * Points; point++, from += lanes)
            if (places[point] >= 0)
                for (int lane = 0; lane < count; lane++)
                {
                    int place = (filter + lane) % Block;
                    points[(nint)(filter + lane - place) * order.Count + places[point] * Block + place] = from[lane];
                }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// The weight gradient of a handful of filters: lanes run along pixels, so few filters waste none, and nothing is packed.
/// Four taps at a time (two on machines with 16 vector registers) meet all filters.
/// </summary>
internal static unsafe class NarrowGradientKernel<T, TVector, TLanes, TFilters>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
    where TFilters : unmanaged, ICount
{
    /// <summary>
    /// Adds, for every filter f and tap t, the products of line i of the gradient, at <c>gradient + f * filterStep + gradientLines[i]</c>,
    /// with what the tap reads, at <c>image + taps[t] + lines[i]</c>, to vector f * taps + t of the sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        int count, int length, T* image, int* taps, nint* lines, T* gradient, nint filterStep, nint* gradientLines, T* sums)
    {
        int lanes = TLanes.Count;
        TVector a0 = default, a1 = default, a2 = default, a3 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default;
        TVector c0 = default, c1 = default, c2 = default, c3 = default;
        TVector d0 = default, d1 = default, d2 = default, d3 = default;
        TVector e0 = default, e1 = default, e2 = default, e3 = default;
        TVector f0 = default, f1 = default, f2 = default, f3 = default;
        bool wide = TLanes.TileRows > 6;
        nint tap0 = taps[0], tap1 = taps[1], tap2 = wide ? taps[2] : 0, tap3 = wide ? taps[3] : 0;
        nint filterStep2 = 2 * filterStep;
        for (int i = 0; i < count; i++)
        {
            T* line = image + lines[i];
            T* from = gradient + gradientLines[i];
            for (int x = 0; x < length; x += lanes)
            {
                // The last vector overlaps the one before it; what that one has counted is masked out of both factors.
                int place = Math.Min(x, length - lanes);
                TVector mask = TLanes.From(x - place);
                T* pixel = line + place;
                TVector x0 = Masked(mask, pixel + tap0), x1 = Masked(mask, pixel + tap1), x2 = default, x3 = default;
                if (TLanes.TileRows > 6)
                    (x2, x3) = (Masked(mask, pixel + tap2), Masked(mask, pixel + tap3));
                T* y = from + place;
                Step(Masked(mask, y), x0, x1, x2, x3, ref a0, ref a1, ref a2, ref a3);
                if (sizeof(TFilters) > 1)
                    Step(Masked(mask, y + filterStep), x0, x1, x2, x3, ref b0, ref b1, ref b2, ref b3);
                if (sizeof(TFilters) > 2)
                    Step(Masked(mask, y + filterStep2), x0, x1, x2, x3, ref c0, ref c1, ref c2, ref c3);
                y += filterStep + filterStep2;
                if (sizeof(TFilters) > 3)
                    Step(Masked(mask, y), x0, x1, x2, x3, ref d0, ref d1, ref d2, ref d3);
                if (sizeof(TFilters) > 4)
                    Step(Masked(mask, y + filterStep), x0, x1, x2, x3, ref e0, ref e1, ref e2, ref e3);
                if (sizeof(TFilters) > 5)
                    Step(Masked(mask, y + filterStep2), x0, x1, x2, x3, ref f0, ref f1, ref f2, ref f3);
            }
        }
        int row = (wide ? 4 : 2) * lanes;
        Finish(sums, a0, a1, a2, a3);
        if (sizeof(TFilters) > 1)
            Finish(sums + row, b0, b1, b2, b3);
        if (sizeof(TFilters) > 2)
            Finish(sums + 2 * row, c0, c1, c2, c3);
        if (sizeof(TFilters) > 3)
            Finish(sums + 3 * row, d0, d1, d2, d3);
        if (sizeof(TFilters) > 4)
            Finish(sums + 4 * row, e0, e1, e2, e3);
        if (sizeof(TFilters) > 5)
            Finish(sums + 5 * row, f0, f1, f2, f3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Masked(TVector mask, T* source) => TLanes.Select(mask, TLanes.Load(source), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        TVector factor, TVector x0, TVector x1, TVector x2, TVector x3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TLanes.MultiplyAdd(factor, x0, s0);
        s1 = TLanes.MultiplyAdd(factor, x1, s1);
        if (TLanes.TileRows > 6)
        {
            s2 = TLanes.MultiplyAdd(factor, x2, s2);
            s3 = TLanes.MultiplyAdd(factor, x3, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* sums, TVector s0, TVector s1, TVector s2, TVector s3)
    {
        int lanes = TLanes.Count;
        TLanes.Store(sums, TLanes.Add(TLanes.Load(sums), s0));
        TLanes.Store(sums + lanes, TLanes.Add(TLanes.Load(sums + lanes), s1));
        if (TLanes.TileRows > 6)
        {
            TLanes.Store(sums + 2 * lanes, TLanes.Add(TLanes.Load(sums + 2 * lanes), s2));
            TLanes.Store(sums + 3 * lanes, TLanes.Add(TLanes.Load(sums + 3 * lanes), s3));
        }
    }
}

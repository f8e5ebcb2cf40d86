using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Products with a handful of rows: too few uses of each pixel to pay for packing it, so vectors of pixels are read where
/// they lie, four at a time (two on machines with 16 vector registers).
/// </summary>
internal static unsafe class NarrowKernel<T, TVector, TLanes, TRows>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
    where TRows : unmanaged, ICount
{
    /// <summary>
    /// Row r, vector v of the target, at <c>target + r * targetRow + targets[v]</c>, becomes (or grows by) the sum over taps p of
    /// <c>left[r * leftRow + p]</c> times the vector at <c>image + taps[p] + pixels[v]</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        int depth, int* taps, T* image, nint* pixels, T* left, nint leftRow, T* target, nint targetRow, nint* targets, bool accumulate)
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default;
        TVector c0 = default, c1 = default, c2 = default, c3 = default;
        TVector d0 = default, d1 = default, d2 = default, d3 = default;
        TVector e0 = default, e1 = default, e2 = default, e3 = default;
        TVector f0 = default, f1 = default, f2 = default, f3 = default;
        nint pixel0 = pixels[0], pixel1 = pixels[1], pixel2 = pixels[2], pixel3 = pixels[3];
        T* left3 = left + 3 * leftRow;
        nint leftRow2 = 2 * leftRow;
        for (int p = 0; p < depth; p++, left++, left3++)
        {
            T* from = image + taps[p];
            TVector x0 = TLanes.Load(from + pixel0), x1 = TLanes.Load(from + pixel1), x2 = default, x3 = default;
            if (TLanes.TileRows > 6)
                (x2, x3) = (TLanes.Load(from + pixel2), TLanes.Load(from + pixel3));
            Step(*left, x0, x1, x2, x3, ref a0, ref a1, ref a2, ref a3);
            if (sizeof(TRows) > 1)
                Step(left[leftRow], x0, x1, x2, x3, ref b0, ref b1, ref b2, ref b3);
            if (sizeof(TRows) > 2)
                Step(left[leftRow2], x0, x1, x2, x3, ref c0, ref c1, ref c2, ref c3);
            if (sizeof(TRows) > 3)
                Step(*left3, x0, x1, x2, x3, ref d0, ref d1, ref d2, ref d3);
            if (sizeof(TRows) > 4)
                Step(left3[leftRow], x0, x1, x2, x3, ref e0, ref e1, ref e2, ref e3);
            if (sizeof(TRows) > 5)
                Step(left3[leftRow2], x0, x1, x2, x3, ref f0, ref f1, ref f2, ref f3);
        }
        Finish(target, targets, a0, a1, a2, a3, accumulate);
        if (sizeof(TRows) > 1)
            Finish(target + targetRow, targets, b0, b1, b2, b3, accumulate);
        if (sizeof(TRows) > 2)
            Finish(target + 2 * targetRow, targets, c0, c1, c2, c3, accumulate);
        if (sizeof(TRows) > 3)
            Finish(target + 3 * targetRow, targets, d0, d1, d2, d3, accumulate);
        if (sizeof(TRows) > 4)
            Finish(target + 4 * targetRow, targets, e0, e1, e2, e3, accumulate);
        if (sizeof(TRows) > 5)
            Finish(target + 5 * targetRow, targets, f0, f1, f2, f3, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        T left, TVector x0, TVector x1, TVector x2, TVector x3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        TVector factor = TLanes.Broadcast(left);
        s0 = TLanes.MultiplyAdd(factor, x0, s0);
        s1 = TLanes.MultiplyAdd(factor, x1, s1);
        if (TLanes.TileRows > 6)
        {
            s2 = TLanes.MultiplyAdd(factor, x2, s2);
            s3 = TLanes.MultiplyAdd(factor, x3, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* target, nint* targets, TVector s0, TVector s1, TVector s2, TVector s3, bool accumulate)
    {
        Finish(target + targets[0], s0, accumulate);
        Finish(target + targets[1], s1, accumulate);
        if (TLanes.TileRows > 6)
        {
            Finish(target + targets[2], s2, accumulate);
            Finish(target + targets[3], s3, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* target, TVector sum, bool accumulate) =>
        TLanes.Store(target, accumulate ? TLanes.Add(TLanes.Load(target), sum) : sum);
}

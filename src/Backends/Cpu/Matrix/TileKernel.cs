using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The innermost kernel of every matrix product and convolution: one tile of C, held in registers.</summary>
/// <remarks>
/// Rows and vectors are type arguments: what a tile lacks is removed when the kernel is compiled. Each element of C is
/// one chain of multiply-adds in ascending depth whatever the tile, so results do not depend on how C is cut.
/// </remarks>
internal static unsafe class TileKernel<T, TVector, TLanes, TRows, TVectors>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
    where TRows : unmanaged, ICount
    where TVectors : unmanaged, ICount
{
    /// <summary>C (+)= A B for one tile. Row i of A lies at a + i * aRow and advances by aStep; B advances by bStep.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(nint depth, T* a, nint aRow, nint aStep, T* b, nint bStep, T* c, nint cRow, bool accumulate)
    {
        TVector x0 = default, y0 = default;
        TVector x1 = default, y1 = default;
        TVector x2 = default, y2 = default;
        TVector x3 = default, y3 = default;
        TVector x4 = default, y4 = default;
        TVector x5 = default, y5 = default;
        TVector x6 = default, y6 = default;
        TVector x7 = default, y7 = default;
        TVector x8 = default, y8 = default;
        TVector x9 = default, y9 = default;
        TVector x10 = default, y10 = default;
        TVector x11 = default, y11 = default;
        TVector x12 = default, y12 = default;

        // Neighbouring rows, as in a copied block, are reached from one pointer. Two depths a turn: fewer instructions, which
        // count where another thread shares the core (by a sixth, measured there).
        if (aRow == 1)
            for (; depth > 1; depth -= 2)
            {
                TVector b0 = TLanes.Load(b);
                TVector b1 = sizeof(TVectors) > 1 ? TLanes.Load(b + TLanes.Count) : b0;
                b += bStep;
                Step(*a, b0, b1, ref x0, ref y0);
                if (sizeof(TRows) > 1)
                    Step(a[1], b0, b1, ref x1, ref y1);
                if (sizeof(TRows) > 2)
                    Step(a[2], b0, b1, ref x2, ref y2);
                if (sizeof(TRows) > 3)
                    Step(a[3], b0, b1, ref x3, ref y3);
                if (sizeof(TRows) > 4)
                    Step(a[4], b0, b1, ref x4, ref y4);
                if (sizeof(TRows) > 5)
                    Step(a[5], b0, b1, ref x5, ref y5);
                if (sizeof(TRows) > 6)
                    Step(a[6], b0, b1, ref x6, ref y6);
                if (sizeof(TRows) > 7)
                    Step(a[7], b0, b1, ref x7, ref y7);
                if (sizeof(TRows) > 8)
                    Step(a[8], b0, b1, ref x8, ref y8);
                if (sizeof(TRows) > 9)
                    Step(a[9], b0, b1, ref x9, ref y9);
                if (sizeof(TRows) > 10)
                    Step(a[10], b0, b1, ref x10, ref y10);
                if (sizeof(TRows) > 11)
                    Step(a[11], b0, b1, ref x11, ref y11);
                if (sizeof(TRows) > 12)
                    Step(a[12], b0, b1, ref x12, ref y12);
                a += aStep;
                TVector d0 = TLanes.Load(b);
                TVector d1 = sizeof(TVectors) > 1 ? TLanes.Load(b + TLanes.Count) : d0;
                b += bStep;
                Step(*a, d0, d1, ref x0, ref y0);
                if (sizeof(TRows) > 1)
                    Step(a[1], d0, d1, ref x1, ref y1);
                if (sizeof(TRows) > 2)
                    Step(a[2], d0, d1, ref x2, ref y2);
                if (sizeof(TRows) > 3)
                    Step(a[3], d0, d1, ref x3, ref y3);
                if (sizeof(TRows) > 4)
                    Step(a[4], d0, d1, ref x4, ref y4);
                if (sizeof(TRows) > 5)
                    Step(a[5], d0, d1, ref x5, ref y5);
                if (sizeof(TRows) > 6)
                    Step(a[6], d0, d1, ref x6, ref y6);
                if (sizeof(TRows) > 7)
                    Step(a[7], d0, d1, ref x7, ref y7);
                if (sizeof(TRows) > 8)
                    Step(a[8], d0, d1, ref x8, ref y8);
                if (sizeof(TRows) > 9)
                    Step(a[9], d0, d1, ref x9, ref y9);
                if (sizeof(TRows) > 10)
                    Step(a[10], d0, d1, ref x10, ref y10);
                if (sizeof(TRows) > 11)
                    Step(a[11], d0, d1, ref x11, ref y11);
                if (sizeof(TRows) > 12)
                    Step(a[12], d0, d1, ref x12, ref y12);
                a += aStep;
            }

        // One pointer for three rows: three addressing modes reach them, and the general registers suffice.
        T* a0 = a;
        T* a3 = a + 3 * aRow;
        T* a6 = a + 6 * aRow;
        T* a9 = a + 9 * aRow;
        T* a12 = a + 12 * aRow;
        nint aRow2 = 2 * aRow;
        for (; depth > 0; depth--)
        {
            TVector b0 = TLanes.Load(b);
            TVector b1 = sizeof(TVectors) > 1 ? TLanes.Load(b + TLanes.Count) : b0;
            b += bStep;
            Step(*a0, b0, b1, ref x0, ref y0);
            if (sizeof(TRows) > 1)
                Step(a0[aRow], b0, b1, ref x1, ref y1);
            if (sizeof(TRows) > 2)
                Step(a0[aRow2], b0, b1, ref x2, ref y2);
            if (sizeof(TRows) > 3)
                Step(*a3, b0, b1, ref x3, ref y3);
            if (sizeof(TRows) > 4)
                Step(a3[aRow], b0, b1, ref x4, ref y4);
            if (sizeof(TRows) > 5)
                Step(a3[aRow2], b0, b1, ref x5, ref y5);
            if (sizeof(TRows) > 6)
                Step(*a6, b0, b1, ref x6, ref y6);
            if (sizeof(TRows) > 7)
                Step(a6[aRow], b0, b1, ref x7, ref y7);
            if (sizeof(TRows) > 8)
                Step(a6[aRow2], b0, b1, ref x8, ref y8);
            if (sizeof(TRows) > 9)
                Step(*a9, b0, b1, ref x9, ref y9);
            if (sizeof(TRows) > 10)
                Step(a9[aRow], b0, b1, ref x10, ref y10);
            if (sizeof(TRows) > 11)
                Step(a9[aRow2], b0, b1, ref x11, ref y11);
            if (sizeof(TRows) > 12)
                Step(*a12, b0, b1, ref x12, ref y12);
            a0 += aStep;
            if (sizeof(TRows) > 3)
                a3 += aStep;
            if (sizeof(TRows) > 6)
                a6 += aStep;
            if (sizeof(TRows) > 9)
                a9 += aStep;
            if (sizeof(TRows) > 12)
                a12 += aStep;
        }

        Finish(c, x0, y0, accumulate);
        if (sizeof(TRows) > 1)
            Finish(c + cRow, x1, y1, accumulate);
        if (sizeof(TRows) > 2)
            Finish(c + 2 * cRow, x2, y2, accumulate);
        if (sizeof(TRows) > 3)
            Finish(c + 3 * cRow, x3, y3, accumulate);
        if (sizeof(TRows) > 4)
            Finish(c + 4 * cRow, x4, y4, accumulate);
        if (sizeof(TRows) > 5)
            Finish(c + 5 * cRow, x5, y5, accumulate);
        if (sizeof(TRows) > 6)
            Finish(c + 6 * cRow, x6, y6, accumulate);
        if (sizeof(TRows) > 7)
            Finish(c + 7 * cRow, x7, y7, accumulate);
        if (sizeof(TRows) > 8)
            Finish(c + 8 * cRow, x8, y8, accumulate);
        if (sizeof(TRows) > 9)
            Finish(c + 9 * cRow, x9, y9, accumulate);
        if (sizeof(TRows) > 10)
            Finish(c + 10 * cRow, x10, y10, accumulate);
        if (sizeof(TRows) > 11)
            Finish(c + 11 * cRow, x11, y11, accumulate);
        if (sizeof(TRows) > 12)
            Finish(c + 12 * cRow, x12, y12, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T a, TVector b0, TVector b1, ref TVector x, ref TVector y)
    {
        TVector broadcast = TLanes.Broadcast(a);
        x = TLanes.MultiplyAdd(broadcast, b0, x);
        if (sizeof(TVectors) > 1)
            y = TLanes.MultiplyAdd(broadcast, b1, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* c, TVector x, TVector y, bool accumulate)
    {
        TLanes.Store(c, accumulate ? TLanes.Add(TLanes.Load(c), x) : x);
        if (sizeof(TVectors) > 1)
            TLanes.Store(c + TLanes.Count, accumulate ? TLanes.Add(TLanes.Load(c + TLanes.Count), y) : y);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>One row times a matrix. Memory bounds these, so they read each element once, in order, unpacked.</summary>
internal static unsafe class VectorProduct<T, TVector, TLanes>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
{
    /// <summary>c[j] = sum over p of a[p * aStep] * b[p * stride + j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TimesRows(int depth, int columns, T* a, nint aStep, T* b, nint stride, T* c)
    {
        int lanes = TLanes.Count;
        int j = 0;
        for (; j + 8 * lanes <= columns; j += 8 * lanes)
            EightVectors(depth, a, aStep, b + j, stride, c + j);
        for (; j + lanes <= columns; j += lanes)
            OneVector(depth, a, aStep, b + j, stride, c + j);
        if (j < columns)
            Rest(depth, columns - j, a, aStep, b + j, stride, c + j);
    }

    /// <summary>c[j] = sum over p of a[p] * b[p + j * stride].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TimesColumns(int depth, int columns, T* a, T* b, nint stride, T* c)
    {
        int j = 0;
        for (; j + 4 <= columns; j += 4)
            FourDots(depth, a, b + j * stride, stride, c + j);
        for (; j < columns; j++)
            c[j] = Dot(depth, a, b + j * stride);
    }

    /// <summary>The sum of the lanes of each of a row of vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(int count, T* vectors, T* target)
    {
        for (int i = 0; i < count; i++)
            target[i] = TLanes.Sum(TLanes.Load(vectors + i * TLanes.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightVectors(int depth, T* a, nint aStep, T* b, nint stride, T* c)
    {
        int lanes = TLanes.Count;
        TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int p = 0; p < depth; p++, a += aStep, b += stride)
        {
            TVector x = TLanes.Broadcast(*a);
            s0 = TLanes.MultiplyAdd(x, TLanes.Load(b), s0);
            s1 = TLanes.MultiplyAdd(x, TLanes.Load(b + lanes), s1);
            s2 = TLanes.MultiplyAdd(x, TLanes.Load(b + 2 * lanes), s2);
            s3 = TLanes.MultiplyAdd(x, TLanes.Load(b + 3 * lanes), s3);
            s4 = TLanes.MultiplyAdd(x, TLanes.Load(b + 4 * lanes), s4);
            s5 = TLanes.MultiplyAdd(x, TLanes.Load(b + 5 * lanes), s5);
            s6 = TLanes.MultiplyAdd(x, TLanes.Load(b + 6 * lanes), s6);
            s7 = TLanes.MultiplyAdd(x, TLanes.Load(b + 7 * lanes), s7);
        }
        TLanes.Store(c, s0);
        TLanes.Store(c + lanes, s1);
        TLanes.Store(c + 2 * lanes, s2);
        TLanes.Store(c + 3 * lanes, s3);
        TLanes.Store(c + 4 * lanes, s4);
        TLanes.Store(c + 5 * lanes, s5);
        TLanes.Store(c + 6 * lanes, s6);
        TLanes.Store(c + 7 * lanes, s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneVector(int depth, T* a, nint aStep, T* b, nint stride, T* c)
    {
        TVector sum = default;
        for (int p = 0; p < depth; p++, a += aStep, b += stride)
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(*a), TLanes.Load(b), sum);
        TLanes.Store(c, sum);
    }

    /// <summary>Fewer columns than a vector holds: the row is gathered first, so that nothing past the end is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(int depth, int columns, T* a, nint aStep, T* b, nint stride, T* c)
    {
        T* row = stackalloc T[TLanes.Count];
        TVector sum = default;
        for (int p = 0; p < depth; p++, a += aStep, b += stride)
        {
            for (int q = 0; q < columns; q++)
                row[q] = b[q];
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(*a), TLanes.Load(row), sum);
        }
        TLanes.Store(row, sum);
        for (int q = 0; q < columns; q++)
            c[q] = row[q];
    }

    /// <summary>Four columns at a time: their reads overlap, and the row is read once for all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourDots(int depth, T* a, T* b, nint stride, T* c)
    {
        int lanes = TLanes.Count;
        TVector s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
        T* b1 = b + stride;
        T* b2 = b1 + stride;
        T* b3 = b2 + stride;
        int p = 0;
        for (; p + 2 * lanes <= depth; p += 2 * lanes)
        {
            TVector x = TLanes.Load(a + p);
            s0 = TLanes.MultiplyAdd(x, TLanes.Load(b + p), s0);
            s1 = TLanes.MultiplyAdd(x, TLanes.Load(b1 + p), s1);
            s2 = TLanes.MultiplyAdd(x, TLanes.Load(b2 + p), s2);
            s3 = TLanes.MultiplyAdd(x, TLanes.Load(b3 + p), s3);
            x = TLanes.Load(a + p + lanes);
            t0 = TLanes.MultiplyAdd(x, TLanes.Load(b + p + lanes), t0);
            t1 = TLanes.MultiplyAdd(x, TLanes.Load(b1 + p + lanes), t1);
            t2 = TLanes.MultiplyAdd(x, TLanes.Load(b2 + p + lanes), t2);
            t3 = TLanes.MultiplyAdd(x, TLanes.Load(b3 + p + lanes), t3);
        }
        c[0] = Close(depth, p, a, b, s0, t0);
        c[1] = Close(depth, p, a, b1, s1, t1);
        c[2] = Close(depth, p, a, b2, s2, t2);
        c[3] = Close(depth, p, a, b3, s3, t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Dot(int depth, T* a, T* b)
    {
        int lanes = TLanes.Count;
        TVector s = default, t = default;
        int p = 0;
        for (; p + 2 * lanes <= depth; p += 2 * lanes)
        {
            s = TLanes.MultiplyAdd(TLanes.Load(a + p), TLanes.Load(b + p), s);
            t = TLanes.MultiplyAdd(TLanes.Load(a + p + lanes), TLanes.Load(b + p + lanes), t);
        }
        return Close(depth, p, a, b, s, t);
    }

    /// <summary>What the loop over pairs of vectors left, and the sum over lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Close(int depth, int p, T* a, T* b, TVector even, TVector odd)
    {
        int lanes = TLanes.Count;
        if (p + lanes <= depth)
        {
            even = TLanes.MultiplyAdd(TLanes.Load(a + p), TLanes.Load(b + p), even);
            p += lanes;
        }
        if (p < depth)
        {
            T* x = stackalloc T[2 * TLanes.Count];
            T* y = x + lanes;
            for (int q = 0; q < lanes; q++)
                (x[q], y[q]) = p + q < depth ? (a[p + q], b[p + q]) : (default, default);
            odd = TLanes.MultiplyAdd(TLanes.Load(x), TLanes.Load(y), odd);
        }
        return TLanes.Sum(TLanes.Add(even, odd));
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Reads elements at indices along an axis.</summary>
internal static unsafe class GatherKernel
{
    private const int Source = 0;
    private const int Index = 1;
    private const int Result = 2;

    // Indices are looked at as many at a time as stay in the nearest cache until they are used.
    private const int Piece = 512;

    private const int CacheLine = 64;

    // What is asked for before it is copied: of one slice at most, and of so many slices as make this much.
    private const int AheadBytes = 1024;
    private const int AheadOfSlices = 4096;

    /// <summary>
    /// Operands of the nest are the source without its axis, the index, and the result; <paramref name="axisStride"/> is the
    /// source's stride along the axis, which has <paramref name="axisSize"/> elements. False if an index lies outside: then the
    /// result is worth nothing.
    /// </summary>
    public static bool Run<T>(T* source, nint axisStride, int axisSize, long* index, T* result, in LoopNest nest, bool isCold)
        where T : unmanaged
    {
        int outside = 0;
        // Elements one by one had better stay in the caches until their lines are whole; so measured.
        bool isSliced = nest.InnerStride(Index) == 0;
        bool stream = isSliced && RunCopy.Streams(nest.Count * sizeof(T), (long)nest.InnerSize * sizeof(T), isCold);
        var rows = new Rows<T>(source, axisStride, (ulong)axisSize, index, result, nest, stream, &outside);
        if (nest.Count > 0)
            Ranges.Run(nest.Outer().Count, nest.InnerSize, rows);
        return outside == 0;
    }

    private readonly struct Rows<T>(
        T* source, nint axisStride, ulong axisSize, long* index, T* result, LoopNest nest, bool stream, int* outside) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            int size = nest.InnerSize;
            nint step = nest.InnerStride(Source);
            nint indexStep = nest.InnerStride(Index);
            if (nest.Rank == 2 && indexStep == 0 && step == 1)
            {
                Slices((nint)start, (nint)end);
                return;
            }
            if (nest.Rank > 1 && step == 0 && indexStep == 1 && axisStride == 1 && !nest.Strides[Index].AsSpan(0, nest.Rank - 1).ContainsAnyExcept(0))
            {
                Alike(start, end);
                return;
            }
            var odometer = new Odometer(nest.Outer(), start);
            for (; start < end; start++, odometer.Next())
            {
                T* from = source + odometer[Source];
                long* at = index + odometer[Index];
                T* to = result + odometer[Result];
                if (indexStep == 0 ? (ulong)(*at) >= axisSize : !Pieces(from, step, at, indexStep, to, size))
                {
                    *outside = 1;
                    return;
                }
                if (indexStep == 0 && step == 1)
                    RunCopy.Copy((byte*)(from + (nint)(*at) * axisStride), (byte*)to, (nint)size * sizeof(T), stream);
                else if (indexStep == 0)
                    Row(from, step, axisStride, at, 0, to, size);
            }
            RunCopy.Done(stream);
        }

        /// <summary>Contiguous slices, one for each index; those that follow are asked for while one is copied.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Slices(nint start, nint end)
        {
            nint bytes = (nint)nest.InnerSize * sizeof(T);
            nint sourceStep = nest.Strides[Source][0], indexStep = nest.Strides[Index][0], resultStep = nest.Strides[Result][0];
            nint ahead = Math.Max(1, AheadOfSlices / bytes), asked = Math.Min(bytes, AheadBytes);
            for (; start < end; start++)
            {
                long place = index[start * indexStep];
                if ((ulong)place >= axisSize)
                {
                    *outside = 1;
                    return;
                }
                if (Sse.IsSupported && start + ahead < end)
                {
                    byte* next = (byte*)(source + (start + ahead) * sourceStep + (nint)index[(start + ahead) * indexStep] * axisStride);
                    for (nint line = 0; line < asked; line += CacheLine)
                        Sse.Prefetch0(next + line);
                }
                T* from = source + start * sourceStep + (nint)place * axisStride;
                RunCopy.Copy((byte*)from, (byte*)(result + start * resultStep), bytes, stream);
            }
            RunCopy.Done(stream);
        }

        /// <summary>Contiguous lines read at the same indices, which are looked at once.</summary>
        private void Alike(long start, long end)
        {
            int size = nest.InnerSize;
            if (!IndexCheck.AllInside(index, 1, size, axisSize))
            {
                *outside = 1;
                return;
            }
            var odometer = new Odometer(nest.Outer(), start);
            for (; start < end; start++, odometer.Next())
                Line(source + odometer[Source], index, result + odometer[Result], size);
        }

        /// <summary>A line with indices of its own; false if one of them lies outside.</summary>
        private bool Pieces(T* from, nint step, long* at, nint indexStep, T* to, int size)
        {
            for (int i = 0; i < size; i += Piece)
            {
                int count = Math.Min(Piece, size - i);
                if (!IndexCheck.AllInside(at + i * indexStep, indexStep, count, axisSize))
                    return false;
                if (step == 0 && indexStep == 1 && axisStride == 1)
                    Line(from, at + i, to + i, count);
                else
                    Row(from + i * step, step, axisStride, at + i * indexStep, indexStep, to + i, count);
            }
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Four(uint* source, long* index) =>
        Vector128.Create(source[index[0]], source[index[1]], source[index[2]], source[index[3]]);

    /// <summary>A contiguous line read at indices of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line<T>(T* source, long* index, T* result, int size)
        where T : unmanaged
    {
        int i = 0;
        // Put together in registers and stored at once: one store for each element waits for loads of what lies 4 KB away.
        if (sizeof(T) == sizeof(uint))
            for (uint* from = (uint*)source; i <= size - 8; i += 8)
                Vector256.Create(Four(from, index + i), Four(from, index + i + 4)).Store((uint*)result + i);
        if (sizeof(T) == sizeof(ulong))
            for (ulong* from = (ulong*)source; i <= size - 4; i += 4)
            {
                long* at = index + i;
                Vector256.Create(Vector128.Create(from[at[0]], from[at[1]]), Vector128.Create(from[at[2]], from[at[3]])).Store((ulong*)result + i);
            }
        for (; i <= size - 4; i += 4)
        {
            T a = source[index[i]], b = source[index[i + 1]], c = source[index[i + 2]], d = source[index[i + 3]];
            result[i] = a;
            result[i + 1] = b;
            result[i + 2] = c;
            result[i + 3] = d;
        }
        for (; i < size; i++)
            result[i] = source[index[i]];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* source, nint step, nint axisStride, long* index, nint indexStep, T* result, int size)
        where T : unmanaged
    {
        for (int i = 0; i < size; i++)
            result[i] = source[i * step + (nint)index[i * indexStep] * axisStride];
    }
}

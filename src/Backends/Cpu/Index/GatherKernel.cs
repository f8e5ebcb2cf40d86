using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Reads elements at indices along an axis.</summary>
internal static unsafe class GatherKernel
{
    private const int Source = 0;
    private const int Index = 1;
    private const int Result = 2;

    /// <summary>
    /// Operands of the nest are the source without its axis, the index, and the result; <paramref name="axisStride"/> is the
    /// source's stride along the axis.
    /// </summary>
    public static void Run<T>(T* source, nint axisStride, long* index, T* result, in LoopNest nest)
        where T : unmanaged
    {
        if (nest.Count > 0)
            Ranges.Run(nest.Outer().Count, nest.InnerSize, new Rows<T>(source, axisStride, index, result, nest));
    }

    private readonly struct Rows<T>(T* source, nint axisStride, long* index, T* result, LoopNest nest) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            var odometer = new Odometer(nest.Outer(), start);
            int size = nest.InnerSize;
            nint step = nest.InnerStride(Source);
            nint indexStep = nest.InnerStride(Index);
            for (; start < end; start++, odometer.Next())
            {
                T* from = source + odometer[Source];
                long* at = index + odometer[Index];
                T* to = result + odometer[Result];
                if (step == 0 && indexStep == 1 && axisStride == 1)
                    Line(from, at, to, size);
                else if (indexStep == 0 && step == 1)
                    new ReadOnlySpan<T>(from + (nint)(*at) * axisStride, size).CopyTo(new Span<T>(to, size));
                else
                    Row(from, step, axisStride, at, indexStep, to, size);
            }
        }
    }

    /// <summary>A contiguous line read at indices of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line<T>(T* source, long* index, T* result, int size)
        where T : unmanaged
    {
        int i = 0;
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

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
                if (indexStep == 0 && step == 1)
                    new ReadOnlySpan<T>(from + (nint)(*at) * axisStride, size).CopyTo(new Span<T>(to, size));
                else
                    Row(from, step, axisStride, at, indexStep, to, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* source, nint step, nint axisStride, long* index, nint indexStep, T* result, int size)
        where T : unmanaged
    {
        for (int i = 0; i < size; i++)
            result[i] = source[i * step + (nint)index[i * indexStep] * axisStride];
    }
}

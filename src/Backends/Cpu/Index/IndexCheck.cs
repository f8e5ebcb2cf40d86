using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Looks at every index before a single element moves.</summary>
internal static unsafe class IndexCheck
{
    /// <exception cref="IndexException">An index is outside [0, size).</exception>
    public static void Run(string operation, in View index, long* indices, int axis, int size)
    {
        // Repeated dimensions hold the same indices again.
        View view = index;
        int[] shape = [.. index.Shape.Select((n, d) => view.Strides[d] == 0 ? Math.Min(n, 1) : n)];
        LoopNest nest = LoopNest.Of(shape, index.Strides);
        long rows = nest.Outer().Count;
        if (nest.Count == 0)
            return;
        int outside = 0;
        Ranges.Run(rows, nest.InnerSize, new Lines(indices, nest, (ulong)size, &outside));
        if (outside == 0)
            return;
        // Which one is the first does not depend on the threads.
        var odometer = new Odometer(nest.Outer());
        for (long row = 0; row < rows; row++, odometer.Next())
        {
            long* line = indices + odometer[0];
            if (!AllInside(line, nest.InnerStride(0), nest.InnerSize, (ulong)size))
                throw Outside(operation, index, FirstOutside(line, nest.InnerStride(0), (ulong)size), axis, size);
        }
    }

    private readonly struct Lines(long* indices, LoopNest nest, ulong size, int* outside) : IRangeAction
    {
        public void Invoke(long start, long end)
        {
            var odometer = new Odometer(nest.Outer(), start);
            for (; start < end; start++, odometer.Next())
            {
                if (!AllInside(indices + odometer[0], nest.InnerStride(0), nest.InnerSize, size))
                    *outside = 1;
            }
        }
    }

    /// <summary>Whether so many indices, <paramref name="step"/> apart, are in [0, size).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AllInside(long* line, nint step, int count, ulong size)
    {
        ulong largest = 0;
        int i = 0;
        if (step == 1 && count >= Vector<ulong>.Count)
        {
            // A negative index is a large one without a sign.
            Vector<ulong> most = Vector<ulong>.Zero;
            for (; i <= count - Vector<ulong>.Count; i += Vector<ulong>.Count)
                most = Vector.Max(most, *(Vector<ulong>*)(line + i));
            for (int lane = 0; lane < Vector<ulong>.Count; lane++)
                largest = Math.Max(largest, most[lane]);
        }
        for (; i < count; i++)
            largest = Math.Max(largest, (ulong)line[i * step]);
        return count == 0 || largest < size;
    }

    private static long FirstOutside(long* line, nint step, ulong size)
    {
        while ((ulong)*line < size)
            line += step;
        return *line;
    }

    private static IndexException Outside(string operation, in View index, long value, int axis, int size) =>
        IndexWords.Error(IndexWords.Current, operation, value, axis, size, index.Shape);
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Folds elements into places named by indices along an axis, in row-major order of the source. Threads share out a
/// dimension other than the axis, so no two of them meet at one place.
/// </summary>
internal static unsafe class ScatterKernel
{
    private const int Source = 0;
    private const int Index = 1;
    private const int Result = 2;

    /// <summary>
    /// Operands of the nest are the source, the index, and the result without its axis; <paramref name="axisStride"/> is the
    /// result's stride along the axis.
    /// </summary>
    public static void Run<S, V, T, TFold>(T* source, long* index, T* result, nint axisStride, in LoopNest nest)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int shared = SharedDimension(nest);
        if (nest.Count == 0)
            return;
        var rows = new Slices<S, V, T, TFold>(source, index, result, axisStride, nest, shared);
        if (shared < 0)
            rows.Run(nest, 0);
        else
            rows.RunShared();
    }

    /// <summary>The longest dimension in which the result moves; -1 if there is none.</summary>
    private static int SharedDimension(in LoopNest nest)
    {
        int best = -1;
        for (int d = 0; d < nest.Rank; d++)
        {
            if (nest.Strides[Result][d] != 0 && (best < 0 || nest.Sizes[d] > nest.Sizes[best]))
                best = d;
        }
        return best >= 0 && nest.Sizes[best] > 1 ? best : -1;
    }

    private readonly struct Slices<S, V, T, TFold>(
        T* source, long* index, T* result, nint axisStride, LoopNest nest, int shared) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        // Slices of the innermost dimension stay wide enough for registers and cache lines.
        private int SliceSize => shared == nest.Rank - 1 ? Math.Min(128, nest.Sizes[shared]) : 1;

        public void RunShared()
        {
            long slices = (nest.Sizes[shared] + SliceSize - 1) / SliceSize;
            Ranges.Run(slices, nest.Count / slices, this);
        }

        public void Invoke(long start, long end)
        {
            int first = (int)start * SliceSize;
            int last = (int)Math.Min(end * SliceSize, nest.Sizes[shared]);
            Run(nest.Narrow(shared, last - first), first);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in LoopNest slice, nint first)
        {
            T* from = source;
            long* at = index;
            T* to = result;
            if (shared >= 0)
            {
                from += first * slice.Strides[Source][shared];
                at += first * slice.Strides[Index][shared];
                to += first * slice.Strides[Result][shared];
            }
            LoopNest outer = slice.Outer();
            long rows = outer.Count;
            var odometer = new Odometer(outer);
            int size = slice.InnerSize;
            nint step = slice.InnerStride(Source);
            nint indexStep = slice.InnerStride(Index);
            nint resultStep = slice.InnerStride(Result);
            for (long row = 0; row < rows; row++, odometer.Next())
            {
                T* values = from + odometer[Source];
                long* indices = at + odometer[Index];
                T* target = to + odometer[Result];
                if (indexStep == 0 && step == 1 && resultStep == 1)
                    RowMerge.Run<S, V, T, TFold>(values, target + (nint)(*indices) * axisStride, size);
                else
                    Row<T, TFold>(values, step, indices, indexStep, target, resultStep, axisStride, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T, TFold>(
        T* source, nint step, long* index, nint indexStep, T* result, nint resultStep, nint axisStride, int size)
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        for (int i = 0; i < size; i++)
        {
            T* place = result + i * resultStep + (nint)index[i * indexStep] * axisStride;
            *place = TFold.Combine(*place, source[i * step]);
        }
    }
}

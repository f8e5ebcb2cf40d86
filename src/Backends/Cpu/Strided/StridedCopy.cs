using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Copies between two strided layouts of one shape.</summary>
internal static unsafe class StridedCopy
{
    private const int Source = 0;
    private const int Target = 1;

    /// <summary>
    /// Copies from one view to another; the pointers are those of the views' buffers. Much that goes to memory which is in no cache
    /// (<paramref name="isCold"/>) goes around the caches.
    /// </summary>
    public static void Run(Dtype dtype, byte* sourceBuffer, in View source, byte* targetBuffer, in View target, bool isCold = false)
    {
        LoopNest nest = InTargetOrder(source.Shape, source.Strides, target.Strides);
        if (nest.Count > 0)
            Elements.Move(dtype, new Typed(nest, sourceBuffer, source.Offset, targetBuffer, target.Offset, isCold));
    }

    /// <summary>Copies elements of type T along a nest whose operands are source and target.</summary>
    public static void Run<T>(T* source, T* target, in LoopNest nest, bool isCold = false)
        where T : unmanaged, IEquatable<T>
    {
        bool stream = RunCopy.Streams(nest.Count * sizeof(T), (long)nest.InnerSize * sizeof(T), isCold);
        int across = nest.InnerStride(Target) == 1 && nest.InnerStride(Source) > 1
            ? Array.IndexOf(nest.Strides[Source], 1)
            : -1;
        if (nest.Rank == 0)
            *target = *source;
        else if (across >= 0)
            Transpose.Run(source, target, nest, across);
        else if (nest.Rank == 1 && nest.InnerStride(Source) == 1 && nest.InnerStride(Target) == 1)
            Ranges.Run(nest.InnerSize, 1, new Flat<T>(source, target, stream));
        else if (nest.Rank == 1)
            Ranges.Run(nest.InnerSize, 1, new Line<T>(source, nest.InnerStride(Source), target, nest.InnerStride(Target)));
        else
            Ranges.Run(nest.Outer().Count, nest.InnerSize, new Rows<T>(source, target, nest, stream));
    }

    /// <summary>The order of copying is free: the one that writes ahead is the fastest.</summary>
    private static LoopNest InTargetOrder(int[] shape, int[] source, int[] target)
    {
        int[] order = [.. Enumerable.Range(0, shape.Length)];
        // OrderBy is stable, and a row-major target keeps its order.
        order = [.. order.OrderByDescending(d => Math.Abs((long)target[d]))];
        return LoopNest.Of(
            Array.ConvertAll(order, d => shape[d]),
            Array.ConvertAll(order, d => source[d]),
            Array.ConvertAll(order, d => target[d]));
    }

    private readonly struct Typed(LoopNest nest, byte* source, int sourceOffset, byte* target, int targetOffset, bool isCold) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged, IEquatable<T> =>
            Run((T*)source + sourceOffset, (T*)target + targetOffset, nest, isCold);
    }

    private readonly struct Flat<T>(T* source, T* target, bool stream) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            RunCopy.Copy((byte*)(source + start), (byte*)(target + start), (nint)(end - start) * sizeof(T), stream);
            RunCopy.Done(stream);
        }
    }

    /// <summary>One dimension, cut into pieces: a number repeated, above all.</summary>
    private readonly struct Line<T>(T* source, nint from, T* target, nint to) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end) =>
            Row(source + (nint)start * from, from, target + (nint)start * to, to, (int)(end - start));
    }

    private readonly struct Rows<T>(T* source, T* target, LoopNest nest, bool stream) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            // Rows of the next dimension are walked without an odometer.
            int rows = nest.Sizes[nest.Rank - 2];
            nint from = nest.Strides[Source][nest.Rank - 2], to = nest.Strides[Target][nest.Rank - 2];
            var outer = new Odometer(nest.Outer(2), start / rows);
            for (int row = (int)(start % rows); start < end; row = 0, outer.Next())
            {
                int count = (int)Math.Min(end - start, rows - row);
                Block(source + outer[Source] + row * from, target + outer[Target] + row * to, count);
                start += count;
            }
            RunCopy.Done(stream);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Block(T* from, T* to, int rows)
        {
            int size = nest.InnerSize;
            nint fromStep = nest.Strides[Source][nest.Rank - 2], toStep = nest.Strides[Target][nest.Rank - 2];
            nint fromInner = nest.InnerStride(Source), toInner = nest.InnerStride(Target);
            bool isRun = fromInner == 1 && toInner == 1;
            for (; rows > 0; rows--, from += fromStep, to += toStep)
            {
                if (isRun)
                    RunCopy.Copy((byte*)from, (byte*)to, (nint)size * sizeof(T), stream);
                else
                    Row(from, fromInner, to, toInner, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* source, nint from, T* target, nint to, int size)
        where T : unmanaged
    {
        if (from == 1 && to == 1)
        {
            RunCopy.Copy((byte*)source, (byte*)target, (nint)size * sizeof(T), false);
            return;
        }
        if (from == 0 && to == 1)
        {
            new Span<T>(target, size).Fill(*source);
            return;
        }
        for (int i = 0; i < size; i++)
            target[i * to] = source[i * from];
    }
}

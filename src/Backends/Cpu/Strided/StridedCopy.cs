using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Copies between two strided layouts of one shape.</summary>
internal static unsafe class StridedCopy
{
    private const int Source = 0;
    private const int Target = 1;

    /// <summary>Copies from one view to another; the pointers are those of the views' buffers.</summary>
    public static void Run(Dtype dtype, byte* sourceBuffer, in View source, byte* targetBuffer, in View target)
    {
        LoopNest nest = InTargetOrder(source.Shape, source.Strides, target.Strides);
        if (nest.Count > 0)
            Elements.Move(dtype, new Typed(nest, sourceBuffer, source.Offset, targetBuffer, target.Offset));
    }

    /// <summary>Copies elements of type T along a nest whose operands are source and target.</summary>
    public static void Run<T>(T* source, T* target, in LoopNest nest)
        where T : unmanaged, IEquatable<T>
    {
        int across = nest.InnerStride(Target) == 1 && nest.InnerStride(Source) > 1
            ? Array.IndexOf(nest.Strides[Source], 1)
            : -1;
        if (across >= 0)
            Transpose.Run(source, target, nest, across);
        else if (nest.Rank <= 1 && nest.InnerStride(Source) == 1 && nest.InnerStride(Target) == 1)
            Ranges.Run(nest.InnerSize, 1, new Flat<T>(source, target));
        else if (nest.Rank == 1)
            Ranges.Run(nest.InnerSize, 1, new Line<T>(source, nest.InnerStride(Source), target, nest.InnerStride(Target)));
        else
            Ranges.Run(nest.Outer().Count, nest.InnerSize, new Rows<T>(source, target, nest));
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

    private readonly struct Typed(LoopNest nest, byte* source, int sourceOffset, byte* target, int targetOffset) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged, IEquatable<T> =>
            Run((T*)source + sourceOffset, (T*)target + targetOffset, nest);
    }

    private readonly struct Flat<T>(T* source, T* target) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            long bytes = (end - start) * sizeof(T);
            System.Buffer.MemoryCopy(source + start, target + start, bytes, bytes);
        }
    }

    /// <summary>One dimension, cut into pieces: a number repeated, above all.</summary>
    private readonly struct Line<T>(T* source, nint from, T* target, nint to) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end) =>
            Row(source + (nint)start * from, from, target + (nint)start * to, to, (int)(end - start));
    }

    private readonly struct Rows<T>(T* source, T* target, LoopNest nest) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            var outer = new Odometer(nest.Outer(), start);
            int size = nest.InnerSize;
            nint from = nest.InnerStride(Source);
            nint to = nest.InnerStride(Target);
            for (; start < end; start++, outer.Next())
                Row(source + outer[Source], from, target + outer[Target], to, size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* source, nint from, T* target, nint to, int size)
        where T : unmanaged
    {
        if (from == 1 && to == 1)
        {
            new ReadOnlySpan<T>(source, size).CopyTo(new Span<T>(target, size));
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

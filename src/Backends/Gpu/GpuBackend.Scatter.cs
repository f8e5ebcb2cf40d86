using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <summary>Up to so many indices every one of them is compared with all others; more are sorted.</summary>
    private const int FewIndices = 4096;

    /// <inheritdoc/>
    public Buffer Scatter(ScatterMode mode, View target, int axis, View index, View source)
    {
        View into = AtLeastOneDimension(target), indices = AtLeastOneDimension(index), values = AtLeastOneDimension(source);
        IndexFault fault = context.Faults.ForIndex("scatter", indices.Shape, axis, into.Shape[axis]);
        GpuBuffer result = New(target.Dtype, ShapeModule.count(into.Shape));
        Copy(into, ViewModule.contiguous(into.Shape, result));
        if (ShapeModule.count(indices.Shape) > 0)
        {
            if (mode.IsScatterSet)
                ElementTypes.Move(target.Dtype, new Setting(this, into.Shape, axis, indices, values, result, fault));
            else if (mode.IsScatterMaximum || mode.IsScatterMinimum || target.Dtype.IsBool)
                ElementTypes.Number("scatter", target.Dtype, new Choosing(this, mode, into.Shape, axis, indices, values, result, fault));
            else
                ElementTypes.Sum("scatter", target.Dtype, new Accumulating(this, mode, into.Shape, axis, indices, values, result, fault));
        }
        GC.KeepAlive(target.Buffer);
        GC.KeepAlive(index.Buffer);
        GC.KeepAlive(source.Buffer);
        return result;
    }

    /// <summary>Scatters whole rows where one row of indices serves all lines, else walks line by line.</summary>
    private void Scatter<TStored, TValue, TElement, TMeeting>(int[] shape, int axis, View index, View source, GpuBuffer result, IndexFault fault)
        where TStored : unmanaged
        where TValue : unmanaged
        where TElement : struct, IElement<TStored, TValue>
        where TMeeting : struct, IMeeting<TValue>
    {
        View target = ViewModule.contiguous(shape, result);
        int[] lines = [.. index.Shape];
        lines[axis] = 1;
        if (IsOneRow(index, axis))
        {
            GpuBuffer links = Link(index, axis);
            int count = ShapeModule.count(lines);
            Kernels.Launch("scatter", (long)count * index.Shape[axis], new ScatterRows<TStored, TValue, TElement, TMeeting>
            {
                Index = Elements<long>(index),
                IndexOffset = index.Offset,
                IndexStride = index.Strides[axis],
                Links = links.As<int>(),
                Source = Elements<TStored>(source),
                SourceLines = StridedView.Of(Along(source, axis, lines), "scatter"),
                SourceStride = source.Strides[axis],
                Target = result.As<TStored>(),
                TargetLines = StridedView.Of(Along(target, axis, lines), "scatter"),
                TargetStride = target.Strides[axis],
                Lines = count,
                Length = index.Shape[axis],
                Fault = fault,
            });
            links.Release();
            return;
        }
        // Halves are summed in float32, in memory of their own, and rounded once.
        bool isWide = typeof(TStored) == typeof(TValue);
        GpuBuffer wide = isWide ? result : New(DtypeModule.compute(result.Dtype), result.Length);
        if (!isWide)
            Convert<TStored, TValue, TElement>(result, wide, false);
        Kernels.Launch("scatter", ShapeModule.count(lines), new ScatterWalk<TStored, TValue, TElement, TMeeting>
        {
            Index = Elements<long>(index),
            IndexLines = StridedView.Of(Along(index, axis, lines), "scatter"),
            IndexStride = index.Strides[axis],
            Source = Elements<TStored>(source),
            SourceLines = StridedView.Of(Along(source, axis, lines), "scatter"),
            SourceStride = source.Strides[axis],
            Target = wide.As<TValue>(),
            TargetLines = StridedView.Of(Along(target, axis, lines), "scatter"),
            TargetStride = target.Strides[axis],
            Lines = ShapeModule.count(lines),
            Length = index.Shape[axis],
            Fault = fault,
        });
        if (!isWide)
        {
            Convert<TStored, TValue, TElement>(result, wide, true);
            wide.Release();
        }
    }

    private void Convert<TStored, TValue, TElement>(GpuBuffer stored, GpuBuffer wide, bool isNarrowing)
        where TStored : unmanaged
        where TValue : unmanaged
        where TElement : struct, IElement<TStored, TValue> =>
        Kernels.Launch("convert", stored.Length, new WidenKernel<TStored, TValue, TElement>
        {
            Stored = stored.As<TStored>(),
            Wide = wide.As<TValue>(),
            Count = stored.Length,
            IsNarrowing = isNarrowing ? 1 : 0,
        });

    /// <summary>Whether the index does not change but along the axis.</summary>
    private static bool IsOneRow(View index, int axis)
    {
        for (int d = 0; d < index.Shape.Length; d++)
        {
            if (d != axis && index.Shape[d] != 1 && index.Strides[d] != 0)
                return false;
        }
        return true;
    }

    /// <summary>Which indices of a row are equal.</summary>
    private GpuBuffer Link(View index, int axis)
    {
        int count = index.Shape[axis], stride = index.Strides[axis];
        GpuBuffer links = New(Dtype.Int32, count);
        if (count <= FewIndices)
        {
            Kernels.Launch("scatter", count, new IndexLinks
            {
                Index = Elements<long>(index),
                Offset = index.Offset,
                Stride = stride,
                Count = count,
                Links = links.As<int>(),
            });
            return links;
        }
        GpuBuffer order = Own(ArgSort(new View(index.Buffer, index.Offset, [count], [stride]), 0, false, count));
        Kernels.Launch("scatter", count, new SortedIndexLinks
        {
            Index = Elements<long>(index),
            Offset = index.Offset,
            Stride = stride,
            Order = order.As<long>(),
            Count = count,
            Links = links.As<int>(),
        });
        order.Release();
        return links;
    }

    /// <summary>The last value wins, whatever it is.</summary>
    private readonly struct Setting(GpuBackend backend, int[] shape, int axis, View index, View source, GpuBuffer result, IndexFault fault) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged =>
            backend.Scatter<T, T, PlainElement<T>, Replacing<T>>(shape, axis, index, source, result, fault);
    }

    /// <summary>The greatest or the least stays; bools are bytes of 0 and 1, whose sum is the greater and whose product the lesser.</summary>
    private readonly struct Choosing(
        GpuBackend backend, ScatterMode mode, int[] shape, int axis, View index, View source, GpuBuffer result, IndexFault fault) : INumberAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IElement<TStored, TValue>
        {
            if (mode.IsScatterMaximum || mode.IsScatterAdd)
                backend.Scatter<TStored, TValue, TElement, Rising<TValue>>(shape, axis, index, source, result, fault);
            else
                backend.Scatter<TStored, TValue, TElement, Falling<TValue>>(shape, axis, index, source, result, fault);
        }
    }

    /// <summary>Sums and products.</summary>
    private readonly struct Accumulating(
        GpuBackend backend, ScatterMode mode, int[] shape, int axis, View index, View source, GpuBuffer result, IndexFault fault) : ISumAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
            where TElement : struct, IElement<TStored, TValue>
        {
            if (mode.IsScatterAdd)
                backend.Scatter<TStored, TValue, TElement, Adding<TValue>>(shape, axis, index, source, result, fault);
            else
                backend.Scatter<TStored, TValue, TElement, Multiplying<TValue>>(shape, axis, index, source, result, fault);
        }
    }
}

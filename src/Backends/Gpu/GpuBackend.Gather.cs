using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Gather(View source, int axis, View index)
    {
        View values = AtLeastOneDimension(source), indices = AtLeastOneDimension(index);
        CheckIndices("gather", indices, axis, values.Shape[axis]);
        GpuBuffer result = New(source.Dtype, ShapeModule.count(indices.Shape));
        ElementTypes.Move(source.Dtype, new Gathering(this, values, axis, indices, result));
        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(index.Buffer);
        GC.KeepAlive(result);
        return result;
    }

    private static View AtLeastOneDimension(View view) =>
        view.Shape.Length > 0 ? view : new View(view.Buffer, view.Offset, [1], [0]);

    /// <summary>The view, standing still along an axis, with the sizes of another shape.</summary>
    private static View Along(View view, int axis, int[] shape)
    {
        int[] strides = [.. view.Strides];
        strides[axis] = 0;
        return new View(view.Buffer, view.Offset, shape, strides);
    }

    /// <summary>Raises IndexException for an index outside the axis. Where it is known what the indices' memory holds nothing is
    /// looked at; elsewhere the device is asked, which waits for it.</summary>
    private void CheckIndices(string operation, View index, int axis, int size)
    {
        GpuBuffer indices = Own(index.Buffer);
        int count = ShapeModule.count(index.Shape);
        if (count == 0 || (indices.IndexRange is { } range && range.Lowest >= 0 && range.Highest < size))
            return;
        int chunks = (int)(((long)count + IndexCheckKernel.Chunk - 1) / IndexCheckKernel.Chunk);
        var found = new int[chunks];
        GpuBuffer marks = New(Dtype.Int32, chunks);
        Kernels.Launch(operation, new KernelConfig(chunks, RowShape.Threads), new IndexCheckKernel
        {
            Index = indices.As<long>(),
            At = StridedView.Of(index, operation),
            Count = count,
            Size = size,
            Found = marks.As<int>(),
        });
        Download(marks, 0, MemoryMarshal.AsBytes(found.AsSpan()));
        marks.Release();
        int mark = Array.Find(found, value => value > 0);
        if (mark == 0)
        {
            if (ViewModule.isContiguous(index) && count == indices.Length)
                indices.IndexRange = (0, size - 1);
            return;
        }
        Span<long> wrong = [0];
        Download(indices, StridedView.Of(index, operation).At(count - mark), MemoryMarshal.AsBytes(wrong));
        throw new IndexException(
            $"index {wrong[0]} is out of bounds for dimension {axis} with size {size}: {operation} takes indices from 0 to {size - 1} "
            + $"(index of shape {ShapeModule.format(index.Shape)})");
    }

    /// <summary>Sets all bits to zero. Blocks end on whole words.</summary>
    private void Clear(GpuBuffer buffer)
    {
        int words = (int)((buffer.ByteLength + 3) / 4);
        Kernels.Launch("fill", words, new FillKernel { Target = buffer.As<int>(), Count = words, Value = 0 });
    }

    /// <summary>A gather once the size of its elements is known.</summary>
    private readonly struct Gathering(GpuBackend backend, View source, int axis, View index, GpuBuffer result) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged =>
            backend.Kernels.Launch("gather", result.Length, new GatherKernel<T>
            {
                Source = backend.Elements<T>(source),
                From = StridedView.Of(Along(source, axis, index.Shape), "gather"),
                AxisStride = source.Strides[axis],
                Index = backend.Elements<long>(index),
                At = StridedView.Of(index, "gather"),
                Result = result.As<T>(),
                Count = result.Length,
            });
    }
}

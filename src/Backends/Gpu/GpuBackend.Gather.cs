namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Gather(View source, int axis, View index)
    {
        View values = AtLeastOneDimension(source), indices = AtLeastOneDimension(index);
        IndexFault fault = context.Faults.ForIndex("gather", indices.Shape, axis, values.Shape[axis]);
        GpuBuffer result = New(source.Dtype, ShapeModule.count(indices.Shape));
        ElementTypes.Move(source.Dtype, new Gathering(this, values, axis, indices, result, fault));
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

    /// <summary>Sets all bits to zero. Blocks end on whole words.</summary>
    private void Clear(GpuBuffer buffer)
    {
        int words = (int)((buffer.ByteLength + 3) / 4);
        Kernels.Launch("fill", words, new FillKernel { Target = buffer.As<int>(), Count = words, Value = 0 });
    }

    /// <summary>A gather once the size of its elements is known.</summary>
    private readonly struct Gathering(GpuBackend backend, View source, int axis, View index, GpuBuffer result, IndexFault fault) : IMoveAction
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
                Fault = fault,
            });
    }
}

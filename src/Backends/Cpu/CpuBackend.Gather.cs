namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Gather(View source, int axis, View index)
    {
        CpuBuffer values = CpuBuffer.Of(source);
        CpuBuffer indices = CpuBuffer.Of(index);
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(index.Shape));
        fixed (byte* from = values, at = indices, to = result)
        {
            long* first = (long*)at + index.Offset;
            LoopNest nest = LoopNest.Of(
                index.Shape,
                WithoutAxis(source.Strides, axis),
                index.Strides,
                ShapeModule.rowMajor(index.Shape));
            int size = SizeAlong(source, axis);
            bool isInside = true;
            Elements.Move(source.Dtype, new Gathering(from, source.Offset, StrideAlong(source, axis), size, first, to, nest, result.IsCold, &isInside));
            if (!isInside)
                IndexCheck.Run("gather", index, first, axis, size);
        }
        GC.KeepAlive(values);
        GC.KeepAlive(indices);
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>The size of an axis; a 0-d view counts as one element.</summary>
    private static int SizeAlong(in View view, int axis) => view.Shape.Length == 0 ? 1 : view.Shape[axis];

    private static int StrideAlong(in View view, int axis) => view.Shape.Length == 0 ? 0 : view.Strides[axis];

    /// <summary>Strides that stand still along an axis.</summary>
    private static int[] WithoutAxis(int[] strides, int axis)
    {
        int[] result = [.. strides];
        if (result.Length > 0)
            result[axis] = 0;
        return result;
    }

    /// <summary>A gather once the size of its elements is known.</summary>
    private readonly struct Gathering(
        byte* source, int offset, nint axisStride, int axisSize, long* index, byte* result, LoopNest nest, bool isCold, bool* isInside) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged, IEquatable<T> =>
            *isInside = GatherKernel.Run((T*)source + offset, axisStride, axisSize, index, (T*)result, nest, isCold);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer ArgSort(View source, int axis, bool descending, int count)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        int[] shape = [.. source.Shape];
        if (shape.Length > 0)
            shape[axis] = count;
        var result = new CpuBuffer(Dtype.Int64, ShapeModule.count(shape));
        Elements.Invoke("sort", wide.Dtype, new Sorting(wide, axis, descending, shape, result));
        widened?.Release();
        return result;
    }

    /// <summary>A sort once its element type is known.</summary>
    private readonly struct Sorting(View source, int axis, bool descending, int[] shape, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            int[] strides = ShapeModule.rowMajor(shape);
            int size = SizeAlong(source, axis);
            int count = shape.Length == 0 ? 1 : shape[axis];
            int resultStep = shape.Length == 0 ? 0 : strides[axis];
            int[] lines = [.. shape];
            if (lines.Length > 0)
                lines[axis] = 1;
            LoopNest nest = LoopNest.Of(lines, source.Strides, strides);
            CpuBuffer buffer = CpuBuffer.Of(source);
            fixed (byte* from = buffer, to = result)
            {
                T* input = (T*)from + source.Offset;
                if (Unsafe.SizeOf<T>() <= sizeof(uint))
                    ArgSortKernel.Run<T, uint>(input, StrideAlong(source, axis), (long*)to, resultStep, nest, size, count, descending);
                else
                    ArgSortKernel.Run<T, ulong>(input, StrideAlong(source, axis), (long*)to, resultStep, nest, size, count, descending);
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }
    }
}

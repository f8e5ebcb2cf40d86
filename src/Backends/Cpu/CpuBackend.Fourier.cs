using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Fourier(View source, int axis, bool inverse)
    {
        if (!Pairs.Are(source.Dtype))
            throw Elements.Missing("fft", source.Dtype);
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(source.Shape));
        // Single precision takes the detour in double.
        if (source.Dtype.IsComplex128)
            Fourier<double, double>(source, axis, inverse, result);
        else if (FourierPlan<float>.Takes(Math.Max(1, source.Shape[axis])))
            Fourier<float, float>(source, axis, inverse, result);
        else
            Fourier<float, double>(source, axis, inverse, result);
        return result;
    }

    private static void Fourier<T, W>(View source, int axis, bool inverse, CpuBuffer result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where W : unmanaged, IBinaryFloatingPointIeee754<W>
    {
        int length = source.Shape[axis];
        if (result.Length == 0)
            return;
        int[] targetStrides = ShapeModule.rowMajor(source.Shape);
        int[] shape = [.. source.Shape];
        shape[axis] = 1;
        LoopNest lines = LoopNest.Of(shape, source.Strides, targetStrides);
        int width = FourierLines<T, W>.Width(length, lines.Count);
        CpuBuffer buffer = CpuBuffer.Of(source);
        fixed (byte* from = buffer, to = result)
        {
            var work = new FourierLines<T, W>(
                (T*)from + 2 * (nint)source.Offset, source.Strides[axis], (T*)to, targetStrides[axis], length, inverse, width, lines);
            Ranges.Run((lines.Count + width - 1) / width, (long)width * length * (4 + BitOperations.Log2((uint)length)), work);
        }
        GC.KeepAlive(buffer);
        GC.KeepAlive(result);
    }
}

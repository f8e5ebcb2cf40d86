using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Mix(SparseMatrix matrix, View source, int axis)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        AxisLayout layout = AxisLayout.Of(source.Shape, axis);
        var result = new CpuBuffer(wide.Dtype, checked((int)(layout.Outer * matrix.Rows * layout.Inner)));
        using var input = RowMajor.Of(wide);
        Elements.InvokeFloating("mix", wide.Dtype, new MixWork(matrix, input, result, layout));
        widened?.Release();
        return HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>A sparse matrix along an axis once the element type is known.</summary>
    private readonly struct MixWork(SparseMatrix matrix, RowMajor source, CpuBuffer result, AxisLayout layout) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer;
            fixed (byte* from = buffer, to = result)
                Mixing.Run((T*)from + source.Offset, (T*)to, matrix, layout);
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }
    }
}

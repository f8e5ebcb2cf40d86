namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Pad(View source, int[] shape, int[] start, View value)
    {
        CpuBuffer elements = CpuBuffer.Of(source), around = CpuBuffer.Of(value);
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(shape));
        if (result.Length == 0)
            return result;
        using var rows = PadLayout.HasRows(source) ? default : RowMajor.Of(source);
        View input = rows.Buffer is { } copy ? new View(copy, rows.Offset, source.Shape, ShapeModule.rowMajor(source.Shape)) : source;
        CpuBuffer buffer = CpuBuffer.Of(input);
        fixed (byte* from = buffer, number = around, to = result)
        {
            var layout = PadLayout.Of(input, shape, start);
            Elements.Move(source.Dtype, new Padding(from, input.Offset, number, value.Offset, to, layout));
        }
        GC.KeepAlive(elements);
        GC.KeepAlive(buffer);
        GC.KeepAlive(around);
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>Padding once the size of its elements is known.</summary>
    private readonly struct Padding(
        byte* source, int offset, byte* value, int valueOffset, byte* target, PadLayout layout) : IMoveAction
    {
        public void Invoke<T>()
            where T : unmanaged, IEquatable<T> =>
            PadKernel.Run((T*)source + offset, ((T*)value)[valueOffset], (T*)target, layout);
    }
}

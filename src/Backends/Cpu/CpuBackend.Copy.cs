namespace Functional.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void Copy(View source, View target)
    {
        CpuBuffer from = CpuBuffer.Of(source);
        CpuBuffer to = CpuBuffer.Of(target);
        fixed (byte* input = from, output = to)
            StridedCopy.Run(source.Dtype, input, source, output, target, to.IsCold);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }

    /// <summary>Copies a view to row-major memory.</summary>
    internal static unsafe void Gather(in View source, byte* target)
    {
        CpuBuffer from = CpuBuffer.Of(source);
        View whole = new(from, 0, source.Shape, ShapeModule.rowMajor(source.Shape));
        fixed (byte* input = from)
            StridedCopy.Run(source.Dtype, input, source, target, whole);
        GC.KeepAlive(from);
    }
}

namespace Functional.Cpu;

/// <summary>A view's elements in row-major order: its own buffer where they lie so, otherwise a copy that goes with the scope.</summary>
internal readonly unsafe struct RowMajor : IDisposable
{
    private readonly bool isCopy;

    private RowMajor(CpuBuffer buffer, int offset, bool isCopy)
    {
        Buffer = buffer;
        Offset = offset;
        this.isCopy = isCopy;
    }

    public CpuBuffer Buffer { get; }

    /// <summary>The first element.</summary>
    public int Offset { get; }

    /// <summary>Complex elements as pairs of real ones: positions count those.</summary>
    public RowMajor AsPairs() => new(Buffer, 2 * Offset, isCopy);

    public static RowMajor Of(in View view)
    {
        CpuBuffer buffer = CpuBuffer.Of(view);
        if (ShapeModule.isContiguous(view.Shape, view.Strides))
            return new RowMajor(buffer, view.Offset, false);
        var copy = new CpuBuffer(view.Dtype, ShapeModule.count(view.Shape));
        fixed (byte* target = copy)
            CpuBackend.Gather(view, target);
        GC.KeepAlive(copy);
        return new RowMajor(copy, 0, true);
    }

    public void Dispose()
    {
        if (isCopy)
            Buffer.Release();
    }
}

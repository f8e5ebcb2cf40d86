namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Pad(View source, int[] shape, int[] start, View value) => PadComposition.pad(this, source, shape, start, value)!;

    /// <inheritdoc/>
    public void Copy(View source, View target)
    {
        GpuBuffer from = Own(source.Buffer);
        GpuBuffer to = Own(target.Buffer);
        switch (DtypeModule.size(source.Dtype))
        {
            case 1:
                Copy<byte>(from, source, to, target);
                break;
            case 2:
                Copy<ushort>(from, source, to, target);
                break;
            case 4:
                Copy<uint>(from, source, to, target);
                break;
            case 8:
                Copy<ulong>(from, source, to, target);
                break;
            default:
                Copy<Wide>(from, source, to, target);
                break;
        }
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }

    /// <summary>The view as row-major memory: the buffer itself, from its offset, where it is that already, else a copy.</summary>
    internal View RowMajor(View source)
    {
        if (ViewModule.isContiguous(source))
            return source;
        var copy = New(source.Dtype, ShapeModule.count(source.Shape));
        View target = ViewModule.contiguous(source.Shape, copy);
        Copy(source, target);
        return target;
    }

    private void Copy<T>(GpuBuffer from, View source, GpuBuffer to, View target)
        where T : unmanaged
    {
        int count = ShapeModule.count(source.Shape);
        Kernels.Launch("copy", count, new CopyKernel<T>(from.As<T>(), StridedView.Of(source), to.As<T>(), StridedView.Of(target), count));
    }
}

using ILGPU;

namespace Functional.Gpu;

/// <summary>Memory on a device. Its block goes back to the device's pool with <see cref="Release"/> or with the last reference.</summary>
public sealed class GpuBuffer : Buffer
{
    private DeviceBlock? block;

    internal GpuBuffer(GpuContext context, Dtype dtype, int length)
        : base(dtype, length)
    {
        Context = context;
        block = context.Memory.Take((long)length * DtypeModule.size(dtype));
    }

    /// <summary>Hands the block back once nobody can use it any more; work under way on it is ahead of its next use in the stream.</summary>
    ~GpuBuffer() => Release();

    internal GpuContext Context { get; }

    internal long ByteLength => (long)Length * DtypeModule.size(Dtype);

    /// <summary>The whole buffer as elements of a type that kernels see; complex numbers as pairs of reals.</summary>
    internal ArrayView<T> As<T>()
        where T : unmanaged =>
        Block.Bytes.Cast<T>();

    /// <summary>The address for libraries that take one (CUDA alone).</summary>
    internal IntPtr Address => Block.Address;

    private DeviceBlock Block =>
        block ?? throw new DonationException("the memory of this tensor was given back: it was released or donated, and must not be used again");

    /// <inheritdoc/>
    public override void Release()
    {
        if (Interlocked.Exchange(ref block, null) is { } owned)
        {
            Context.Memory.Return(owned);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>A buffer of the device, or DeviceException.</summary>
    internal static GpuBuffer Of(Buffer? buffer, GpuContext context) => buffer switch
    {
        GpuBuffer own when ReferenceEquals(own.Context, context) => own,
        GpuBuffer other => throw Elsewhere(other.Context.Info.Name, context),
        _ => throw Elsewhere(buffer?.GetType().Name ?? "nothing", context),
    };

    private static DeviceException Elsewhere(string found, GpuContext context) => new(
        $"Expected all tensors to be on the same device, but found memory of {found} where {context.Info.Name} needs its own; move the tensor there first");
}

using System.Runtime.CompilerServices;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Device memory for the time of a few kernels; the pool has it again as soon as they are in the stream.</summary>
/// <typeparam name="T">Its elements.</typeparam>
internal readonly struct DeviceScratch<T> : IDisposable
    where T : unmanaged
{
    private readonly GpuContext context;
    private readonly DeviceBlock block;

    public DeviceScratch(GpuContext context, long length)
    {
        this.context = context;
        block = context.Memory.Take(length * Unsafe.SizeOf<T>());
        long whole = block.Size / Unsafe.SizeOf<T>() * Unsafe.SizeOf<T>();
        View = block.Bytes.SubView(0, whole).Cast<T>();
    }

    /// <summary>At least as many elements as were asked for.</summary>
    public ArrayView<T> View { get; }

    public void Dispose() => context.Memory.Return(block);
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The embedded CPU backend: managed kernels in the widest vectors that the machine has.</summary>
/// <remarks>One file per member of the contract; this one holds what needs no kernel.</remarks>
public sealed partial class CpuBackend : IBackend, IThreaded
{
    private CpuBackend()
    {
    }

    /// <summary>The one instance: memory and threads are the process's.</summary>
    public static CpuBackend Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public Device Device { get; } = new("cpu", 0);

    /// <inheritdoc/>
    public int ImmediateLimit => CpuBuffer.ManagedLimit;

    /// <inheritdoc/>
    public int Threads
    {
        get => WorkerPool.Threads;
        set => WorkerPool.Threads = value;
    }

    /// <inheritdoc/>
    public Buffer Allocate(Dtype dtype, int length) => new CpuBuffer(dtype, length);

    /// <inheritdoc/>
    public unsafe void Upload(ReadOnlySpan<byte> source, Buffer? target)
    {
        CpuBuffer buffer = CpuBuffer.Of(target);
        CheckBytes("upload", buffer, 0, source.Length);
        fixed (byte* from = source, to = buffer)
            Unsafe.CopyBlockUnaligned(to, from, (uint)source.Length);
        GC.KeepAlive(buffer);
    }

    /// <inheritdoc/>
    public unsafe void Download(Buffer? source, int offset, Span<byte> target)
    {
        CpuBuffer buffer = CpuBuffer.Of(source);
        long start = (long)offset * DtypeModule.size(buffer.Dtype);
        CheckBytes("download", buffer, start, target.Length);
        fixed (byte* from = buffer, to = target)
            Unsafe.CopyBlockUnaligned(to, from + start, (uint)target.Length);
        GC.KeepAlive(buffer);
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        // Every member returns when its work is done.
    }

    private static void CheckBytes(string operation, CpuBuffer buffer, long start, int count)
    {
        if (start < 0 || start + count > buffer.ByteLength)
            throw new IndexException(
                $"{operation}: bytes {start} to {start + count} are outside a buffer of {buffer.Length} elements "
                + $"of {DtypeModule.name(buffer.Dtype)} ({buffer.ByteLength} bytes)");
    }
}

using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

/// <summary>The GPU backend: kernels of ours for one device, asked for in one stream and waited for only when somebody looks.</summary>
/// <remarks>One file per member of the contract; this one holds what needs no kernel.</remarks>
/// <param name="context">The device.</param>
/// <param name="index">Its place among the devices that this process calls cuda.</param>
public sealed partial class GpuBackend(GpuContext context, int index) : IBackend
{
    private readonly Lazy<CuBlas?> blas = new(() => CuBlas.Open(context));
    private readonly Lazy<CuDnn?> dnn = new(() => CuDnn.Open(context));

    /// <summary>The backend with libraries that were opened already: tests have their own.</summary>
    internal GpuBackend(GpuContext context, int index, CuBlas? blas, CuDnn? dnn)
        : this(context, index) =>
        (this.blas, this.dnn) = (new(blas), new(dnn));

    /// <summary>The device, its memory and its counters.</summary>
    public GpuContext Context => context;

    /// <inheritdoc/>
    public string Name => "gpu";

    /// <inheritdoc/>
    public Device Device { get; } = new("cuda", index);

    /// <summary>Set to 0, no operation waits for the next to share its kernel: fewer kernels to compile, and an error is that of one operation.</summary>
    public const string FusionVariable = "FUNCTIONAL_GPU_FUSION";

    private static readonly bool IsFusing = Environment.GetEnvironmentVariable(FusionVariable) != "0";

    /// <inheritdoc/>
    public int ImmediateLimit => IsFusing ? 0 : int.MaxValue;

    /// <summary>The files of NVIDIA's that do matrix products and convolutions; "none" where kernels of ours do them.</summary>
    public string Libraries => $"matrix products by {blas.Value?.Name ?? "none"}, convolutions by {dnn.Value?.Name ?? "none"}";

    private KernelCache Kernels => context.Kernels;

    /// <inheritdoc/>
    public Buffer Allocate(Dtype dtype, int length) => New(dtype, length);

    /// <inheritdoc/>
    public unsafe void Upload(ReadOnlySpan<byte> source, Buffer? target)
    {
        GpuBuffer buffer = Own(target);
        CheckBytes("upload", buffer, 0, source.Length);
        if (source.IsEmpty)
            return;
        fixed (byte* from = source)
        {
            lock (context.Gate)
            {
                context.Accelerator.Bind();
                // The source is the caller's again when this returns, and only a synchronous copy promises that.
                buffer.As<byte>().SubView(0, source.Length).CopyFromCPU(context.Stream, ref *from, source.Length);
            }
        }
        context.Traffic.Uploaded();
        GC.KeepAlive(buffer);
    }

    /// <inheritdoc/>
    public unsafe void Download(Buffer? source, int offset, Span<byte> target)
    {
        GpuBuffer buffer = Own(source);
        long start = (long)offset * DtypeModule.size(buffer.Dtype);
        CheckBytes("download", buffer, start, target.Length);
        if (target.IsEmpty)
            return;
        fixed (byte* to = target)
        {
            lock (context.Gate)
            {
                context.Accelerator.Bind();
                buffer.As<byte>().SubView(start, target.Length).CopyToCPU(context.Stream, ref *to, target.Length);
                context.Stream.Synchronize();
            }
        }
        context.Traffic.Downloaded();
        GC.KeepAlive(buffer);
        context.Faults.Raise();
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            context.Stream.Synchronize();
        }
        context.Traffic.Waited();
        context.Faults.Raise();
    }

    internal GpuBuffer New(Dtype dtype, int length) => new(context, dtype, length);

    internal GpuBuffer Own(Buffer? buffer) => GpuBuffer.Of(buffer, context);

    private UnsupportedException Missing(string operation, string reason = "it has no kernel for it yet; move the tensors to the cpu") =>
        new(operation, Name, reason);

    private static void CheckBytes(string operation, GpuBuffer buffer, long start, int count)
    {
        if (start < 0 || start + count > buffer.ByteLength)
            throw new IndexException(
                $"{operation}: bytes {start} to {start + count} are outside a buffer of {buffer.Length} elements "
                + $"of {DtypeModule.name(buffer.Dtype)} ({buffer.ByteLength} bytes)");
    }
}

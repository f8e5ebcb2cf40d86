using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>Memory of the CPU backend: a block of the native pool, or a managed array for a handful of elements.</summary>
/// <remarks>
/// Both kinds are padded to 64 bytes, so a kernel over contiguous elements may read and write its last vector whole.
/// Get at the elements with <c>fixed (byte* p = buffer)</c>, and follow the kernel with <c>GC.KeepAlive(buffer)</c>:
/// pinning a native block keeps nobody from reclaiming it.
/// </remarks>
public sealed unsafe class CpuBuffer : Buffer, IHostMemory
{
    /// <summary>Buffers of up to this many elements live in managed memory, where making one costs a few nanoseconds.</summary>
    public const int ManagedLimit = 64;

    private static readonly byte[] Nothing = new byte[SizeClass.Unit];

    private byte[]? array;
    private nint block;
    private int slot = -1;
    private readonly bool isCold;

    /// <summary>A buffer with undefined content.</summary>
    /// <exception cref="OutOfMemoryException">Neither the pool nor the system has the memory.</exception>
    /// <exception cref="ArgumentValueException">The length is negative.</exception>
    public CpuBuffer(Dtype dtype, int length)
        : base(dtype, length)
    {
        if (length < 0)
            throw new ArgumentValueException($"Trying to create tensor with negative dimension {length}");
        int size = DtypeModule.size(dtype);
        if (length > ManagedLimit)
            block = CpuMemory.Attach(this, (long)length * size, out slot, out isCold);
        else
            array = length == 0 ? Nothing : new byte[(length * size + SizeClass.Unit - 1) & -SizeClass.Unit];
    }

    /// <summary>Bytes of all elements, padding left out.</summary>
    public long ByteLength => (long)Length * DtypeModule.size(Dtype);

    /// <summary>Whether the memory was in no near cache when the buffer got it.</summary>
    internal bool IsCold => isCold;

    /// <summary>Whether the memory was handed back.</summary>
    public bool IsReleased => array is null && block == 0;

    /// <summary>The buffer of a view, or a typed error where it belongs to another backend.</summary>
    /// <exception cref="DeviceException">The buffer is not of this backend.</exception>
    public static CpuBuffer Of(Buffer? buffer) =>
        buffer as CpuBuffer
        ?? throw new DeviceException(
            "Expected all tensors to be on the same device, but a tensor of another backend reached the cpu backend; "
            + "copy it there first with .to(\"cpu\")");

    /// <inheritdoc cref="Of(Buffer?)"/>
    public static CpuBuffer Of(in View view) => Of(view.Buffer);

    /// <summary>The first byte, for <c>fixed</c>.</summary>
    /// <exception cref="ArgumentValueException">The buffer was released.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte GetPinnableReference()
    {
        if (array is { } small)
            return ref MemoryMarshal.GetArrayDataReference(small);
        nint address = block;
        if (address == 0)
            ThrowReleased();
        return ref Unsafe.AsRef<byte>((void*)address);
    }

    /// <summary>The elements of a buffer in managed memory, or an empty span for one in native memory.</summary>
    public Span<byte> ManagedBytes => array is { } small ? small.AsSpan(0, (int)ByteLength) : default;

    /// <inheritdoc/>
    public override void Release()
    {
        array = null;
        CpuMemory.Detach(ref slot, ref block);
    }

    private static void ThrowReleased() =>
        throw new ArgumentValueException(
            "the tensor's memory was released (by Dispose, a dispose scope or donation) and cannot be used again; "
            + "keep a clone if you need it");
}

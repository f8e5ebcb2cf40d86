using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

/// <summary>A piece of device memory as the driver gave it.</summary>
internal sealed class DeviceBlock(MemoryBuffer1D<byte, Stride1D.Dense> memory)
{
    /// <summary>Its size in bytes.</summary>
    public long Size => memory.LengthInBytes;

    /// <summary>All of it.</summary>
    public ArrayView<byte> Bytes => memory.View;

    public IntPtr Address => memory.NativePtr;

    /// <summary>Gives it back to the driver.</summary>
    public void Free() => memory.Dispose();
}

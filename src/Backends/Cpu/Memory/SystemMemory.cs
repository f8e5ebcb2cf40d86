using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>Blocks from the operating system. They lie on boundaries of huge pages and ask for such.</summary>
internal static unsafe partial class SystemMemory
{
    /// <summary>Bytes of a huge page; no block is smaller.</summary>
    public const int HugePage = 2 << 20;

    private const int AdviseHugePage = 14;

    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public static nint Allocate(long bytes, nuint alignment = HugePage)
    {
        nuint size = (nuint)bytes;
        void* block = NativeMemory.AlignedAlloc(size, alignment);
        // Only advice: where it is not taken the block works as well, slower on its first touch.
        if (OperatingSystem.IsLinux())
            _ = Advise(block, size, AdviseHugePage);
        return (nint)block;
    }

    public static void Free(nint block) => NativeMemory.AlignedFree((void*)block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}

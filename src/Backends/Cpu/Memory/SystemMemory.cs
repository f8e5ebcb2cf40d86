using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>Blocks from the operating system. Large ones lie on 2 MiB boundaries and ask for huge pages.</summary>
internal static unsafe partial class SystemMemory
{
    private const int HugePage = 2 << 20;
    private const int AdviseHugePage = 14;

    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public static nint Allocate(long bytes, long alignment = HugePage)
    {
        nuint size = (nuint)bytes;
        if (size < HugePage)
            return (nint)NativeMemory.AlignedAlloc(size, SizeClass.Unit);
        void* block = NativeMemory.AlignedAlloc(size, (nuint)alignment);
        // Only advice: where it is not taken the block works as well, slower on its first touch.
        if (OperatingSystem.IsLinux())
            _ = Advise(block, size, AdviseHugePage);
        return (nint)block;
    }

    public static void Free(nint block) => NativeMemory.AlignedFree((void*)block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}

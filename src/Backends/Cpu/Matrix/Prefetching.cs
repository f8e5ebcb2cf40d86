using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Asks for memory some time before it is read or written.</summary>
internal static unsafe class Prefetching
{
    /// <summary>Kernels that run shorter would wait for the asking instead.</summary>
    public const int SmallestDepth = 96;

    /// <summary>The tile of C that a kernel writes when it is done: a fresh or large C is in no near cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile<T>(T* target, nint row, int height, int lanes)
        where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < height; i++, target += row)
        {
            Sse.Prefetch0(target);
            Sse.Prefetch0(target + lanes);
        }
    }

    /// <summary>Asks for a line of cache in each of so many rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines<T>(T* first, nint step, int count)
        where T : unmanaged
    {
        if (Sse.IsSupported)
            for (int i = 0; i < count; i++)
                Sse.Prefetch0(first + i * step);
    }
}

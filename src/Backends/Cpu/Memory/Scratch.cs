using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Room for the temporaries of one kernel, given back at the end of the scope.</summary>
internal readonly unsafe ref struct Scratch<T> : IDisposable
    where T : unmanaged
{
    private readonly int sizeClass;

    /// <summary>Room for <paramref name="count"/> elements, 64-byte aligned, with undefined content.</summary>
    public Scratch(long count)
    {
        sizeClass = SizeClass.Of(count * sizeof(T));
        Pointer = (T*)ScratchBlocks.Take(sizeClass);
    }

    public T* Pointer { get; }

    public void Dispose() => ScratchBlocks.Return((nint)Pointer, sizeClass);
}

/// <summary>
/// One idle block of every small size for each thread: a kernel that needs a tile or two takes no lock for it, and finds the
/// block in its own cache. Larger room comes from the pool.
/// </summary>
internal static class ScratchBlocks
{
    private const long LargestKept = 256 << 10;

    private static readonly int Kept = SizeClass.Of(LargestKept) + 1;

    [ThreadStatic]
    private static Own? own;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Take(int sizeClass)
    {
        if (own is { } mine && sizeClass < mine.Idle.Length && mine.Idle[sizeClass] is var block and not 0)
        {
            mine.Idle[sizeClass] = 0;
            return block;
        }
        return CpuMemory.Take(sizeClass);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(nint block, int sizeClass)
    {
        nint[] idle = (own ??= new Own()).Idle;
        if (sizeClass < idle.Length && idle[sizeClass] == 0)
            idle[sizeClass] = block;
        else
            CpuMemory.Return(block, sizeClass);
    }

    /// <summary>Belongs to a thread; what it keeps goes back to the pool after that has ended.</summary>
    private sealed class Own
    {
        public readonly nint[] Idle = new nint[Kept];

        ~Own()
        {
            for (int sizeClass = 0; sizeClass < Idle.Length; sizeClass++)
            {
                if (Idle[sizeClass] != 0)
                    CpuMemory.Return(Idle[sizeClass], sizeClass);
            }
        }
    }
}

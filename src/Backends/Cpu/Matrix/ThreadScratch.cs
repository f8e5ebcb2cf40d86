using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>What a kernel keeps in scratch memory: each has a block of its own.</summary>
internal enum ScratchUse
{
    Left,
    Right,
    Product,
    Image,
    Filter,
    Offsets,
    Lines,
    Line,
    Points,
    Attention,
    Passes,
}

/// <summary>Native working memory of one thread. It only grows, so kernels in a loop allocate nothing.</summary>
internal static unsafe class ThreadScratch
{
    /// <summary>Past the end of every block lie this many bytes more, for whole-vector stores and loads.</summary>
    public const int Slack = 256;

    [ThreadStatic]
    private static Blocks? blocks;

    /// <summary>At least <paramref name="count"/> elements on a 64-byte boundary, content undefined, valid until the next request for this use.</summary>
    public static T* Rent<T>(ScratchUse use, nint count)
        where T : unmanaged =>
        (T*)(blocks ??= new Blocks()).Rent((int)use, checked(count * sizeof(T)));

    /// <summary>Belongs to a thread and dies with it.</summary>
    private sealed class Blocks
    {
        private const int Uses = (int)ScratchUse.Passes + 1;
        private readonly nint[] address = new nint[Uses];
        private readonly nint[] size = new nint[Uses];

        public void* Rent(int use, nint bytes)
        {
            if (bytes > size[use] || address[use] == 0)
            {
                NativeMemory.AlignedFree((void*)address[use]);
                (address[use], size[use]) = (0, 0);
                nint grown = bytes + (bytes >> 3);
                address[use] = (nint)NativeMemory.AlignedAlloc((nuint)(grown + Slack), 64);
                size[use] = grown;
            }
            return (void*)address[use];
        }

        ~Blocks()
        {
            foreach (nint block in address)
                NativeMemory.AlignedFree((void*)block);
        }
    }
}

namespace Functional.Cpu;

/// <summary>Cuts blocks that are smaller than a huge page out of slabs of huge pages. Not synchronised, as <see cref="BlockPool"/>.</summary>
/// <remarks>
/// The tensors of a network are mostly of this size. On pages of 4 KB a step over 200 MB of them has fifty thousand pages, and where
/// memory was not looked at for a while each costs a walk through tables that are in no cache: 30 ms of a step of 70. Blocks are
/// never given back one by one: a slab goes when all its blocks are idle.
/// </remarks>
internal sealed class BlockSlabs
{
    /// <summary>A slab lies on a boundary of its own size, so that any block tells its slab.</summary>
    public const long SlabBytes = 4 << 20;

    // Neighbours of a power of two would otherwise fall on the same sets of the caches.
    private const long Stagger = 5 * SizeClass.Unit;

    private sealed class Slab(nint start)
    {
        public readonly nint Start = start;
        /// <summary>The first byte that no block has had.</summary>
        public long Used;
        public int Blocks;
    }

    private readonly List<Slab> slabs = [];

    /// <summary>A block of so many bytes from the first slab that has them left, or from a new one.</summary>
    /// <exception cref="OutOfMemoryException">The system has no such slab.</exception>
    public nint Cut(long bytes)
    {
        long padded = bytes + Stagger;
        Slab? slab = slabs.Find(s => s.Used + padded <= SlabBytes);
        if (slab is null)
        {
            slab = new Slab(SystemMemory.Allocate(SlabBytes, (nuint)SlabBytes));
            slabs.Add(slab);
        }
        nint block = slab.Start + (nint)slab.Used;
        slab.Used += padded;
        slab.Blocks++;
        return block;
    }

    /// <summary>Where the slab of a block begins.</summary>
    public static nint StartOf(nint block) => block & ~((nint)SlabBytes - 1);

    /// <summary>Gives slabs back whose blocks are all idle, until <paramref name="bytes"/> are gone, and returns where they began.</summary>
    /// <param name="bytes">How much is wanted.</param>
    /// <param name="idle">Idle blocks of a slab, by its start.</param>
    public HashSet<nint> Free(long bytes, Dictionary<nint, int> idle)
    {
        var freed = new HashSet<nint>();
        for (int i = slabs.Count - 1; i >= 0 && bytes > 0; i--)
        {
            Slab slab = slabs[i];
            if (slab.Blocks != idle.GetValueOrDefault(slab.Start))
                continue;
            SystemMemory.Free(slab.Start);
            slabs.RemoveAt(i);
            freed.Add(slab.Start);
            bytes -= SlabBytes;
        }
        return freed;
    }
}

namespace Functional.Cpu;

/// <summary>Idle native blocks by size class. Not synchronised: <see cref="CpuMemory"/> holds the lock.</summary>
internal sealed class BlockPool
{
    /// <summary>The largest class below a huge page: these and smaller blocks are cut from slabs.</summary>
    private static readonly int LargestCut = SizeClass.Of(SystemMemory.HugePage) - 1;

    private readonly Stack<(nint Block, long Touched)>[] idle = new Stack<(nint Block, long Touched)>[SizeClass.Count];
    private readonly BlockSlabs slabs = new();

    /// <summary>Bytes taken from the system, in use or idle.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Bytes that wait in the pool.</summary>
    public long IdleBytes { get; private set; }

    /// <summary>An idle block of exactly this class and the moment of its last use, or 0.</summary>
    public nint TryTake(int sizeClass, out long touched)
    {
        touched = long.MinValue;
        if (idle[sizeClass] is not { Count: > 0 } blocks)
            return 0;
        IdleBytes -= SizeClass.Bytes(sizeClass);
        (nint block, touched) = blocks.Pop();
        return block;
    }

    /// <summary>A fresh block of this class.</summary>
    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public nint Reserve(int sizeClass)
    {
        long bytes = SizeClass.Bytes(sizeClass);
        nint block = sizeClass <= LargestCut ? slabs.Cut(bytes) : SystemMemory.Allocate(bytes);
        ReservedBytes += bytes;
        return block;
    }

    /// <summary>Takes a block back that was last used at a moment of the caller's clock.</summary>
    public void Return(nint block, int sizeClass, long touched)
    {
        (idle[sizeClass] ??= new Stack<(nint, long)>()).Push((block, touched));
        IdleBytes += SizeClass.Bytes(sizeClass);
    }

    /// <summary>Gives idle blocks back to the system, largest first, until <paramref name="bytes"/> are gone or none is left that can go.</summary>
    public void Trim(long bytes)
    {
        for (int sizeClass = SizeClass.Count - 1; sizeClass > LargestCut && bytes > 0; sizeClass--)
        {
            if (idle[sizeClass] is not { } blocks)
                continue;
            long size = SizeClass.Bytes(sizeClass);
            for (; blocks.Count > 0 && bytes > 0; bytes -= size)
            {
                SystemMemory.Free(blocks.Pop().Block);
                ReservedBytes -= size;
                IdleBytes -= size;
            }
        }
        if (bytes > 0)
            TrimSlabs(bytes);
    }

    private void TrimSlabs(long bytes)
    {
        var counts = new Dictionary<nint, int>();
        for (int sizeClass = 0; sizeClass <= LargestCut; sizeClass++)
        {
            if (idle[sizeClass] is not { } blocks)
                continue;
            foreach (var (block, _) in blocks)
                counts[BlockSlabs.StartOf(block)] = counts.GetValueOrDefault(BlockSlabs.StartOf(block)) + 1;
        }
        var freed = slabs.Free(bytes, counts);
        if (freed.Count == 0)
            return;
        for (int sizeClass = 0; sizeClass <= LargestCut; sizeClass++)
        {
            if (idle[sizeClass] is not { Count: > 0 } blocks)
                continue;
            var kept = blocks.Where(b => !freed.Contains(BlockSlabs.StartOf(b.Block))).Reverse().ToArray();
            long gone = (blocks.Count - kept.Length) * SizeClass.Bytes(sizeClass);
            ReservedBytes -= gone;
            IdleBytes -= gone;
            idle[sizeClass] = new(kept);
        }
    }
}

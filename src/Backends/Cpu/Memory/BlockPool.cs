namespace Functional.Cpu;

/// <summary>Idle native blocks by size class. Not synchronised: <see cref="CpuMemory"/> holds the lock.</summary>
/// <remarks>
/// Those of a class that go round and round are at hand; the others are set aside, for all that go round are the colder
/// the more they are, and what an earlier part of the program needed would go round for ever.
/// </remarks>
internal sealed class BlockPool
{
    /// <summary>The largest class below a huge page: these and smaller blocks are cut from slabs.</summary>
    private static readonly int LargestCut = SizeClass.Of(SystemMemory.HugePage) - 1;

    private readonly Stack<(nint Block, long Touched)>[] atHand = Stacks();
    private readonly Stack<(nint Block, long Touched)>[] aside = Stacks();
    private readonly BlockSlabs slabs = new();

    /// <summary>Bytes taken from the system, in use or idle.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Bytes that wait in the pool, at hand or set aside.</summary>
    public long IdleBytes { get; private set; }

    /// <summary>A block of exactly this class that is at hand and the moment of its last use, or 0.</summary>
    public nint TryTake(int sizeClass, out long touched) => Pop(atHand[sizeClass], sizeClass, out touched);

    /// <summary>A block of exactly this class that was set aside and the moment of its last use, or 0.</summary>
    public nint TryTakeAside(int sizeClass, out long touched) => Pop(aside[sizeClass], sizeClass, out touched);

    /// <summary>Sets idle blocks of a class aside until at most <paramref name="bytes"/> of them, but one at least, are at hand.</summary>
    public void SetAside(int sizeClass, long bytes)
    {
        var blocks = atHand[sizeClass];
        for (long kept = Math.Max(1, bytes / SizeClass.Bytes(sizeClass)); blocks.Count > kept;)
            aside[sizeClass].Push(blocks.Pop());
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
        atHand[sizeClass].Push((block, touched));
        IdleBytes += SizeClass.Bytes(sizeClass);
    }

    /// <summary>
    /// Gives idle blocks back to the system, those set aside first and of these the largest, until <paramref name="bytes"/> are gone or none
    /// is left that can go.
    /// </summary>
    public void Trim(long bytes)
    {
        foreach (var stacks in new[] { aside, atHand })
        {
            for (int sizeClass = SizeClass.Count - 1; sizeClass > LargestCut && bytes > 0; sizeClass--)
            {
                for (long size = SizeClass.Bytes(sizeClass); bytes > 0 && Pop(stacks[sizeClass], sizeClass, out _) is var block and not 0; bytes -= size)
                {
                    SystemMemory.Free(block);
                    ReservedBytes -= size;
                }
            }
        }
        if (bytes > 0)
            TrimSlabs(bytes);
    }

    private void TrimSlabs(long bytes)
    {
        var cut = atHand.Concat(aside).Where((_, i) => i % SizeClass.Count <= LargestCut);
        var counts = new Dictionary<nint, int>();
        foreach (var (block, _) in cut.SelectMany(blocks => blocks))
            counts[BlockSlabs.StartOf(block)] = counts.GetValueOrDefault(BlockSlabs.StartOf(block)) + 1;
        var freed = slabs.Free(bytes, counts);
        if (freed.Count == 0)
            return;
        for (int sizeClass = 0; sizeClass <= LargestCut; sizeClass++)
        {
            long before = IdleBytes;
            Forget(atHand[sizeClass], sizeClass, freed);
            Forget(aside[sizeClass], sizeClass, freed);
            ReservedBytes -= before - IdleBytes;
        }
    }

    private void Forget(Stack<(nint Block, long Touched)> blocks, int sizeClass, HashSet<nint> freed)
    {
        var kept = blocks.Where(b => !freed.Contains(BlockSlabs.StartOf(b.Block))).Reverse().ToArray();
        IdleBytes -= (blocks.Count - kept.Length) * SizeClass.Bytes(sizeClass);
        blocks.Clear();
        foreach (var block in kept)
            blocks.Push(block);
    }

    private nint Pop(Stack<(nint Block, long Touched)> blocks, int sizeClass, out long touched)
    {
        if (!blocks.TryPop(out var idle))
        {
            touched = long.MinValue;
            return 0;
        }
        IdleBytes -= SizeClass.Bytes(sizeClass);
        touched = idle.Touched;
        return idle.Block;
    }

    private static Stack<(nint Block, long Touched)>[] Stacks()
    {
        var stacks = new Stack<(nint Block, long Touched)>[SizeClass.Count];
        for (int sizeClass = 0; sizeClass < stacks.Length; sizeClass++)
            stacks[sizeClass] = [];
        return stacks;
    }
}

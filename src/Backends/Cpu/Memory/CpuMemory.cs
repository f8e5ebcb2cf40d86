using System.Diagnostics;

namespace Functional.Cpu;

/// <summary>What the memory of the CPU backend holds and has done.</summary>
/// <param name="LiveBytes">Bytes in blocks that buffers or kernels own (those of unreachable buffers until the next sweep).</param>
/// <param name="ReservedBytes">Bytes taken from the system, idle ones included.</param>
/// <param name="BudgetBytes">Bytes in use past which unreachable buffers are looked for.</param>
/// <param name="Collections">Garbage collections asked for.</param>
/// <param name="Sweeps">Passes over the list of buffers.</param>
/// <param name="ReclaimTime">Time spent in both.</param>
/// <param name="LongestReclaim">The longest single reclaim.</param>
public readonly record struct MemoryStatistics(
    long LiveBytes,
    long ReservedBytes,
    long BudgetBytes,
    long Collections,
    long Sweeps,
    TimeSpan ReclaimTime,
    TimeSpan LongestReclaim);

/// <summary>The native memory of the CPU backend, reclaimed without anybody calling Dispose.</summary>
/// <remarks>
/// Blocks come from a pool. When no block is at hand and those in use have outgrown the budget, the allocating thread
/// collects (generation 1, sometimes everything), sweeps the list of weak handles and takes what came free. Idle blocks of other sizes do not
/// count, or what an earlier part of the program left behind would make this one collect at every step; they go back to the system, which
/// is slow, when all blocks together come to twice the budget, a quarter at a time. Of the size that was wanted only what the budget has
/// room for stays at hand.
/// </remarks>
public static class CpuMemory
{
    // What this much memory was handed out after is in no near cache any more.
    private const long Warm = 8 << 20;

    private static readonly object Gate = new();
    private static readonly BlockPool Pool = new();
    private static readonly Reclaimer Buffers = new();

    private static readonly MemoryBudget Budget = new(48 << 20);

    // Bytes handed out ever: the clock by which a block is still in the caches or not.
    private static long clock;
    private static int seenCollections;
    private static long collections;
    private static long sweeps;
    private static long reclaimTicks;
    private static long longestReclaim;

    /// <summary>Bytes that buffers may hold before unreachable ones are ever looked for; 48 MB at first.</summary>
    /// <exception cref="ArgumentValueException">The value is negative.</exception>
    public static long MinimumBudget
    {
        get
        {
            lock (Gate)
                return Budget.Minimum;
        }
        set
        {
            if (value < 0)
                throw new ArgumentValueException($"the memory budget must not be negative, got {value}");
            lock (Gate)
                Budget.Minimum = value;
        }
    }

    /// <summary>The figures of this moment.</summary>
    public static MemoryStatistics Statistics
    {
        get
        {
            lock (Gate)
            {
                return new MemoryStatistics(
                    LiveBytes,
                    Pool.ReservedBytes,
                    Budget.Bytes,
                    collections,
                    sweeps,
                    Stopwatch.GetElapsedTime(0, reclaimTicks),
                    Stopwatch.GetElapsedTime(0, longestReclaim));
            }
        }
    }

    /// <summary>Collects everything unreachable, gives all idle memory back to the system, and measures the budget by what is left.</summary>
    public static void Trim()
    {
        lock (Gate)
        {
            Collect(GC.MaxGeneration);
            Pool.Trim(long.MaxValue);
            Budget.Reset(LiveBytes);
        }
    }

    /// <summary>A block that its taker gives back with <see cref="Return"/>; for the temporaries of a kernel.</summary>
    internal static nint Take(int sizeClass)
    {
        lock (Gate)
            return TakeBlock(sizeClass, out _);
    }

    internal static void Return(nint block, int sizeClass)
    {
        lock (Gate)
            Pool.Return(block, sizeClass, clock);
    }

    /// <summary>Gives a buffer its block, and the block back when nobody can reach the buffer any more.</summary>
    internal static nint Attach(CpuBuffer buffer, long bytes, out int slot, out bool isCold)
    {
        int sizeClass = SizeClass.Of(bytes);
        lock (Gate)
        {
            nint block = TakeBlock(sizeClass, out long touched);
            isCold = touched < clock - Warm;
            slot = Buffers.Add(buffer, block, sizeClass);
            return block;
        }
    }

    /// <summary>Takes the block away from a buffer that has not lost it yet. The slot reads -1 afterwards.</summary>
    internal static void Detach(ref int slot, ref nint block)
    {
        lock (Gate)
        {
            if (slot < 0)
                return;
            block = 0;
            Buffers.Remove(slot, Pool, clock);
            slot = -1;
        }
    }

    private static long LiveBytes => Pool.ReservedBytes - Pool.IdleBytes;

    private static nint TakeBlock(int sizeClass, out long touched)
    {
        long bytes = SizeClass.Bytes(sizeClass);
        Budget.Add(bytes);
        clock += bytes;
        nint block = Pool.TryTake(sizeClass, out touched);
        if (block != 0)
            return block;
        // What a collection of the program's own freed costs only the sweep, and keeps the pool from growing to its budget.
        if (GC.CollectionCount(0) != seenCollections)
        {
            Sweep();
            block = Pool.TryTake(sizeClass, out touched);
            if (block != 0)
                return block;
        }
        if (LiveBytes + bytes > Budget.Bytes)
        {
            Reclaim(bytes);
            Pool.SetAside(sizeClass, Budget.Bytes - LiveBytes);
            block = Pool.TryTake(sizeClass, out touched);
            if (block != 0)
                return block;
        }
        block = Pool.TryTakeAside(sizeClass, out touched);
        if (block != 0)
            return block;
        if (Pool.ReservedBytes + bytes > 2 * Budget.Bytes)
            Pool.Trim(Math.Max(bytes, Pool.IdleBytes / 4));
        return Reserve(sizeClass, bytes);
    }

    private static void Reclaim(long bytes)
    {
        long start = Stopwatch.GetTimestamp();
        if (Budget.IsDue(LiveBytes))
        {
            Collect(1);
            if (Budget.AsksForAll(LiveBytes, bytes))
                Collect(GC.MaxGeneration);
            Budget.Measure(start, LiveBytes, bytes);
        }
        else if (GC.CollectionCount(0) != seenCollections)
        {
            // Somebody else collected: what that freed costs only the sweep.
            Sweep();
        }
        long ticks = Stopwatch.GetTimestamp() - start;
        reclaimTicks += ticks;
        longestReclaim = Math.Max(longestReclaim, ticks);
    }

    private static nint Reserve(int sizeClass, long bytes)
    {
        try
        {
            return Pool.Reserve(sizeClass);
        }
        catch (OutOfMemoryException)
        {
            Collect(GC.MaxGeneration);
            Pool.Trim(long.MaxValue);
        }
        try
        {
            return Pool.Reserve(sizeClass);
        }
        catch (OutOfMemoryException)
        {
            throw new OutOfMemoryException(
                $"DefaultCPUAllocator: can't allocate memory: you tried to allocate {bytes} bytes "
                + $"while {LiveBytes} bytes are in use. Use smaller batches, or let go of tensors that are no longer needed.");
        }
    }

    private static void Collect(int generation)
    {
        long start = Stopwatch.GetTimestamp();
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        collections++;
        Sweep();
        if (generation == GC.MaxGeneration)
            Budget.Settle(start, LiveBytes);
    }

    private static void Sweep()
    {
        seenCollections = GC.CollectionCount(0);
        Buffers.Sweep(Pool);
        sweeps++;
    }
}

using System.Diagnostics;

namespace Functional.Cpu;

/// <summary>
/// How many bytes may be in use before unreachable buffers are looked for, and how thoroughly that is done. Not synchronised:
/// <see cref="CpuMemory"/> holds the lock.
/// </summary>
/// <remarks>
/// Blocks that go round and round are the faster the fewer they are, and so is looking for them: 25 us where the collector finds its own
/// records in the caches, 500 where blocks have driven them out. Room for more blocks, given so that collecting took less of the time, made
/// both dearer.
/// </remarks>
internal sealed class MemoryBudget
{
    private const long SmallestQuota = 8 << 20;

    // Collecting everything for no other reason than that it has not been done for long takes at most one part in so many.
    private const long SettlingShare = 256;

    private long minimum;
    private long handedOut;
    // Live bytes when everything unreachable had just been collected, when that was, and how long it took.
    private long settled, settledAt, settlingTicks;

    public MemoryBudget(long minimum) => Minimum = minimum;

    /// <summary>Bytes that may always be in use.</summary>
    public long Minimum
    {
        get => minimum;
        set => minimum = Bytes = value;
    }

    /// <summary>Bytes that may be in use now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts a block that is handed out.</summary>
    public void Add(long bytes) => handedOut += bytes;

    /// <summary>Whether enough was handed out since the last collection for another to find something: a program may just need more memory.</summary>
    public bool IsDue(long live) => handedOut >= Math.Max(SmallestQuota, live / 8);

    /// <summary>
    /// Whether everything should be collected, after the young were. What lived through two collections is found by no other way: this asks for
    /// it when live blocks have grown by half since, and now and then, for what an earlier part of the program left swells the budget.
    /// </summary>
    public bool AsksForAll(long live, long bytes) =>
        live > settled + settled / 2 + minimum / 3
        || 2 * (live + bytes) > minimum && Stopwatch.GetTimestamp() - settledAt > SettlingShare * settlingTicks;

    /// <summary>Takes note that everything was collected, from a moment until now.</summary>
    public void Settle(long start, long live)
    {
        settled = live;
        settledAt = Stopwatch.GetTimestamp();
        settlingTicks = settledAt - start;
    }

    /// <summary>Measures the budget anew, by what was left live after a collection and what is asked for now.</summary>
    public void Measure(long live, long bytes)
    {
        handedOut = 0;
        Bytes = Math.Max(minimum, 2 * (live + bytes));
    }
}

using System.Diagnostics;

namespace Functional.Cpu;

/// <summary>
/// How many bytes may be in use before unreachable buffers are looked for, and how thoroughly that is done. Not synchronised:
/// <see cref="CpuMemory"/> holds the lock.
/// </summary>
/// <remarks>
/// Blocks that go round and round are the faster the fewer they are, but looking for them costs what the machine's memory makes it cost:
/// 25 us where all is in the caches, 500 where nothing is. What is found in the outer cache again while few go round (results of a few
/// megabytes) gets little room; what no cache holds gets as much as keeps collecting down to a tenth of the time.
/// </remarks>
internal sealed class MemoryBudget
{
    private const long SmallestQuota = 8 << 20;

    // Blocks larger than this leave nothing in the outer cache for the next.
    private const long LargestCached = 5 << 20;

    // With a twenty-fifth room fed itself: more blocks drive the collector's records out of the caches, and collecting takes longer.
    private const long CollectingShare = 10;
    private const long LargestRoom = 4;

    // Collecting everything for no other reason than that it has not been done for long takes at most one part in so many.
    private const long SettlingShare = 256;

    private long minimum;
    // What large blocks get of a program that keeps little.
    private long room;
    private long handedOut;
    // Live bytes when everything unreachable had just been collected, when that was, and how long it took.
    private long settled, settledAt, settlingTicks;
    // When the last collection had ended.
    private long lookedAt;

    public MemoryBudget(long minimum) => Minimum = minimum;

    /// <summary>Bytes that may always be in use.</summary>
    public long Minimum
    {
        get => minimum;
        set => minimum = room = Bytes = value;
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

    /// <summary>Measures the budget anew, by what was left live after a collection for a block of so many bytes.</summary>
    public void Measure(long start, long live, long bytes)
    {
        long now = Stopwatch.GetTimestamp();
        handedOut = 0;
        if (bytes > LargestCached)
        {
            long share = (now - start) * CollectingShare, work = start - lookedAt;
            if (share > work)
                room = Math.Min(room + room / 4, LargestRoom * minimum);
            else if (2 * share < work)
                room = Math.Max(room - room / 8, minimum);
        }
        lookedAt = now;
        Bytes = Math.Max(bytes > LargestCached ? room : minimum, 2 * (live + bytes));
    }

    /// <summary>Measures the budget anew where only what is live counts.</summary>
    public void Reset(long live)
    {
        room = minimum;
        Bytes = Math.Max(minimum, 2 * live);
    }
}

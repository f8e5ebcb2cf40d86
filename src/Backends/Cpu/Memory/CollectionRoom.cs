using System.Diagnostics;

namespace Functional.Cpu;

/// <summary>
/// How many bytes may become unreachable before the next collection. Not synchronised: <see cref="CpuMemory"/> holds the lock.
/// </summary>
/// <remarks>
/// Little room keeps the blocks that go round in the caches, a collection of a small heap costs 20 to 100 microseconds. In a
/// large heap it costs more, so the room doubles where collections take more than a third of the time, one with another, and
/// halves again where they take a twelfth.
/// </remarks>
internal struct CollectionRoom()
{
    private const long Least = 12 << 20;
    private const long Most = 48 << 20;
    private const double Large = 1.0 / 3;
    private const double Usual = 1.0 / 6;
    private const double Small = 1.0 / 12;

    private long room = Least;
    private long lastEnd;
    private double share = Usual;

    /// <summary>The room after a collection that began at a moment of <see cref="Stopwatch"/> and left so many bytes in use.</summary>
    public long After(long start, long live)
    {
        long end = Stopwatch.GetTimestamp();
        share = 0.9 * share + 0.1 * (end - start) / Math.Max(1, end - lastEnd);
        lastEnd = end;
        if (share > Large)
            Change(Math.Min(2 * room, Math.Max(Most, live)));
        else if (share < Small)
            Change(Math.Max(room / 2, Least));
        return Math.Max(room, live / 8);
    }

    private void Change(long to)
    {
        room = to;
        share = Usual;
    }
}

using System.Diagnostics;

namespace Functional.Cpu;

/// <summary>
/// How many bytes may become unreachable before the next collection. Not synchronised: <see cref="CpuMemory"/> holds the lock.
/// </summary>
/// <remarks>
/// Little room keeps the blocks that go round in the caches; a collection of a small heap costs 20 to 100 microseconds. The room
/// doubles after a collection that found next to nothing, as in the middle of a training step, and where collections take
/// more than a sixth of the time, one with another. It halves again after many that found something and took little time.
/// </remarks>
internal struct CollectionRoom()
{
    private const long Least = 12 << 20;
    private const long Most = 48 << 20;
    private const double Large = 1.0 / 6;
    private const double Usual = 1.0 / 12;
    private const double Small = 1.0 / 24;
    private const int Patience = 64;

    private long room = Least;
    private long lastEnd;
    private double share = Usual;
    private int useful;

    /// <summary>The room after a collection that began at a moment of <see cref="Stopwatch"/>.</summary>
    /// <param name="start">When it began.</param>
    /// <param name="live">Bytes that it left in use.</param>
    /// <param name="isUseless">Whether it freed little of what was handed out since the one before.</param>
    public long After(long start, long live, bool isUseless)
    {
        long end = Stopwatch.GetTimestamp();
        share = 0.9 * share + 0.1 * (end - start) / Math.Max(1, end - lastEnd);
        lastEnd = end;
        useful = isUseless ? 0 : useful + 1;
        if (isUseless || share > Large)
            Change(Math.Min(2 * room, Math.Max(Most, live)));
        else if (useful > Patience && share < Small)
            Change(Math.Max(room / 2, Least));
        return Math.Max(room, live / 2);
    }

    private void Change(long to)
    {
        room = to;
        share = Usual;
        useful = 0;
    }
}

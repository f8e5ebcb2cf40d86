using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Scans over the threads of a group (Hillis and Steele 1986), each of which comes with what it has folded itself.</summary>
internal static class GroupScan
{
    public const int Threads = 256;

    /// <summary>Neighbouring elements that a thread folds by itself.</summary>
    public const int Each = 8;

    /// <summary>Threads in all that keep a device busy; more of them on one line only cost steps.</summary>
    private const int Enough = 1 << 16;

    /// <summary>How many threads share a line.</summary>
    public static int Lanes(Lines lines)
    {
        uint useful = BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, (lines.Size + Each - 1) / Each));
        uint free = BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, Enough / Math.Max(1, lines.Count)));
        return (int)Math.Min(Threads, Math.Min(useful, free));
    }

    public static Placed<T> Nothing<T>()
        where T : unmanaged =>
        new(default, -1);

    /// <summary>What is kept after both; either may be nothing.</summary>
    public static Placed<T> Join<T, TScan>(Placed<T> first, Placed<T> second)
        where T : unmanaged
        where TScan : struct, IScan<T> =>
        second.Position < 0 ? first : first.Position < 0 ? second : TScan.Next(first, second.Value, second.Position);

    /// <summary>Leaves with every thread's place what the lanes of its line up to it have. All threads of the group must come along.</summary>
    public static void Run<T, TScan>(ArrayView<Placed<T>> scratch, int lanes, Placed<T> own)
        where T : unmanaged
        where TScan : struct, IScan<T>
    {
        int thread = Group.IdxX, lane = thread % lanes;
        scratch[thread] = own;
        Group.Barrier();
        for (int distance = 1; distance < lanes; distance *= 2)
        {
            var before = lane >= distance ? scratch[thread - distance] : Nothing<T>();
            Group.Barrier();
            scratch[thread] = Join<T, TScan>(before, scratch[thread]);
            Group.Barrier();
        }
    }
}

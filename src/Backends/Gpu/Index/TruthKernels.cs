using ILGPU;

namespace Functional.Gpu;

/// <summary>How truths are dealt out: every thread of a group has a few neighbouring ones, every group a stretch.</summary>
internal struct TruthShape
{
    public const int Threads = GroupScan.Threads;
    private const int Each = 16;

    public ArrayView<byte> Truths;
    public int Offset;
    public int Count;

    public readonly int Groups => (int)(((long)Count + Threads * Each - 1) / (Threads * Each));

    /// <summary>The calling thread's first element.</summary>
    public readonly long Start => ((long)Grid.IdxX * Threads + Group.IdxX) * Each;

    /// <summary>One after its last.</summary>
    public readonly long End => IntrinsicMath.Min(Start + Each, Count);

    public readonly bool Holds(long i) => Truths[Offset + i] != 0;

    /// <summary>How many of the calling thread's elements hold.</summary>
    public readonly int Found()
    {
        int found = 0;
        for (long i = Start; i < End; i++)
            found += Holds(i) ? 1 : 0;
        return found;
    }
}

/// <summary>Counts what holds in the stretch of every group.</summary>
internal struct CountTruths : IKernel<CountTruths>
{
    public TruthShape Shape;
    public ArrayView<int> Counts;

    public static void Run(CountTruths call)
    {
        ArrayView<int> scratch = SharedMemory.Allocate<int>(TruthShape.Threads);
        int sum = RowFold.Sum(scratch, TruthShape.Threads, call.Shape.Found());
        if (Group.IdxX == 0)
            call.Counts[Grid.IdxX] = sum;
    }
}

/// <summary>Writes the positions of what holds, each group behind those of the groups before it.</summary>
internal struct PlaceTruths : IKernel<PlaceTruths>
{
    public TruthShape Shape;

    /// <summary>How many there are up to the end of each group's stretch.</summary>
    public ArrayView<int> Ends;
    public ArrayView<long> Places;

    public static void Run(PlaceTruths call)
    {
        ArrayView<Placed<int>> scratch = SharedMemory.Allocate<Placed<int>>(GroupScan.Threads);
        GroupScan.Run<int, RunningSum<int>>(scratch, GroupScan.Threads, new(call.Shape.Found(), Group.IdxX));
        int next = Grid.IdxX > 0 ? call.Ends[Grid.IdxX - 1] : 0;
        if (Group.IdxX > 0)
            next += scratch[Group.IdxX - 1].Value;
        for (long i = call.Shape.Start; i < call.Shape.End; i++)
        {
            if (call.Shape.Holds(i))
                call.Places[next++] = i;
        }
    }
}

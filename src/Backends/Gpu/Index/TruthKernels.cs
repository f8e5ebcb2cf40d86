using ILGPU;

namespace Functional.Gpu;

/// <summary>How truths are dealt out: every thread of a group has a few neighbouring ones, every group a stretch.</summary>
internal struct TruthShape
{
    public const int Threads = 256;
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

/// <summary>One group puts in the place of every count the sum of those before it, and of all behind the last.</summary>
internal struct AddCounts : IKernel<AddCounts>
{
    public ArrayView<int> Counts;
    public int Count;

    public static void Run(AddCounts call)
    {
        ArrayView<int> scratch = SharedMemory.Allocate<int>(TruthShape.Threads);
        int before = 0;
        for (int start = 0; start < call.Count; start += TruthShape.Threads)
        {
            int i = start + Group.IdxX;
            int own = i < call.Count ? call.Counts[i] : 0;
            int sum = GroupScan.Sum(scratch, own);
            if (i < call.Count)
                call.Counts[i] = before + sum - own;
            before += scratch[TruthShape.Threads - 1];
            Group.Barrier();
        }
        if (Group.IdxX == 0)
            call.Counts[call.Count] = before;
    }
}

/// <summary>Writes the positions of what holds, from where the counts before a group's stretch end.</summary>
internal struct PlaceTruths : IKernel<PlaceTruths>
{
    public TruthShape Shape;
    public ArrayView<int> Counts;
    public ArrayView<long> Places;

    public static void Run(PlaceTruths call)
    {
        ArrayView<int> scratch = SharedMemory.Allocate<int>(TruthShape.Threads);
        int own = call.Shape.Found();
        int next = call.Counts[Grid.IdxX] + GroupScan.Sum(scratch, own) - own;
        for (long i = call.Shape.Start; i < call.Shape.End; i++)
        {
            if (call.Shape.Holds(i))
                call.Places[next++] = i;
        }
    }
}

/// <summary>Running sums over the threads of a group (Hillis and Steele 1986). All of them must come along.</summary>
internal static class GroupScan
{
    /// <summary>The sum of the values of the threads up to the calling one, which stay in the scratch memory.</summary>
    public static int Sum(ArrayView<int> scratch, int value)
    {
        int thread = Group.IdxX;
        scratch[thread] = value;
        Group.Barrier();
        for (int distance = 1; distance < TruthShape.Threads; distance *= 2)
        {
            int before = thread >= distance ? scratch[thread - distance] : 0;
            Group.Barrier();
            scratch[thread] += before;
            Group.Barrier();
        }
        return scratch[thread];
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Every result folds contiguous runs: sums along the last dimension, over everything, over images.</summary>
internal static unsafe class RowReduction
{
    // Long runs are cut into segments, short ones gathered into groups of about this many elements.
    public const int Segment = 1 << 15;

    public static void Run<S, V, T, TFold>(T* source, T* result, in ReductionPlan plan)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int run = plan.Folded.InnerSize;
        LoopNest outer = plan.Folded.Outer();
        if (outer.Rank == 0 && run <= Segment)
        {
            // Long ranges, of which each quarter is a stream of memory.
            Ranges.Run(plan.Kept.Count, (run + 1) / 2, new Rows<S, V, T, TFold>(source, result, plan.Kept, run));
            return;
        }

        int segments = (run + Segment - 1) / Segment;
        long pieces = outer.Count * segments;
        int perGroup = (int)Math.Min(pieces, Math.Max(1, Segment / run));
        int groups = (int)((pieces + perGroup - 1) / perGroup);
        long rows = plan.Kept.Count;
        using var partials = new Scratch<T>(rows * groups);
        using var pieceRoom = new Scratch<T>(rows * groups * perGroup);
        Ranges.Run(
            rows * groups,
            (long)perGroup * Math.Min(run, Segment),
            new Groups<S, V, T, TFold>(source, partials.Pointer, pieceRoom.Pointer, plan.Kept, outer, run, groups, perGroup));

        var kept = new Odometer(plan.Kept);
        for (long row = 0; row < rows; row++, kept.Next())
            result[kept[1]] = RunFold<S, V, T, TFold>.FoldPairs(partials.Pointer + row * groups, groups);
    }

    /// <summary>One run gives one result.</summary>
    private readonly struct Rows<S, V, T, TFold>(T* source, T* result, LoopNest kept, int run) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            if (kept.Rank == 1)
            {
                // Evenly spaced rows: an odometer's step would cost as much as a short row.
                nint from = kept.InnerStride(0), to = kept.InnerStride(1);
                if (run <= RunFold<S, V, T, TFold>.Leaf)
                    start = InStreams(from, to, start, end);
                for (; start < end; start++)
                    result[start * to] = RunFold<S, V, T, TFold>.Fold(source + start * from, run);
                return;
            }
            var odometer = new Odometer(kept, start);
            for (; start < end; start++, odometer.Next())
                result[odometer[1]] = RunFold<S, V, T, TFold>.Fold(source + odometer[0], run);
        }

        /// <summary>Short rows, one from each quarter of the range at a time; returns the first that is left over.</summary>
        private long InStreams(nint from, nint to, long start, long end)
        {
            long quarter = (end - start) / 4;
            for (long last = start + quarter; start < last; start++)
            {
                T* target = result + start * to;
                RunFold<S, V, T, TFold>.FoldFour(
                    source + start * from,
                    (nint)quarter * from,
                    run,
                    out *target,
                    out target[quarter * to],
                    out target[2 * quarter * to],
                    out target[3 * quarter * to]);
            }
            return start + 3 * quarter;
        }
    }

    /// <summary>A group of segments gives one partial result.</summary>
    private readonly struct Groups<S, V, T, TFold>(
        T* source, T* partials, T* room, LoopNest kept, LoopNest outer, int run, int groups, int perGroup) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        public void Invoke(long start, long end)
        {
            int segments = (run + Segment - 1) / Segment;
            long pieces = outer.Count * segments;
            for (long i = start; i < end; i++)
            {
                nint row = new Odometer(kept, i / groups)[0];
                long piece = i % groups * perGroup;
                int count = (int)Math.Min(perGroup, pieces - piece);
                var odometer = new Odometer(outer, piece / segments);
                T* values = room + i * perGroup;
                for (int k = 0; k < count; k++, piece++)
                {
                    int from = (int)(piece % segments) * Segment;
                    values[k] = RunFold<S, V, T, TFold>.Fold(source + row + odometer[0] + from, Math.Min(Segment, run - from));
                    if (piece % segments == segments - 1)
                        odometer.Next();
                }
                partials[i] = RunFold<S, V, T, TFold>.FoldPairs(values, count);
            }
        }
    }
}

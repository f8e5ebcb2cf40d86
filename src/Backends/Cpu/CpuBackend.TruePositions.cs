using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer TruePositions(View truths)
    {
        using var input = RowMajor.Of(truths);
        int count = ShapeModule.count(truths.Shape);
        CpuBuffer buffer = input.Buffer;
        fixed (byte* from = buffer)
        {
            byte* truth = from + input.Offset;
            long chunks = (count + (long)TruthChunk - 1) / TruthChunk;
            int[] ends = new int[chunks];
            fixed (int* end = ends)
            {
                Ranges.Run(chunks, TruthChunk, new TruthCounts(truth, count, end));
                for (int i = 1; i < ends.Length; i++)
                    ends[i] += ends[i - 1];
                var result = new CpuBuffer(Dtype.Int64, ends.Length == 0 ? 0 : ends[^1]);
                fixed (byte* to = result)
                    Ranges.Run(chunks, TruthChunk, new TruthPlaces(truth, end, (long*)to));
                GC.KeepAlive(result);
                GC.KeepAlive(buffer);
                return result;
            }
        }
    }

    /// <summary>Elements that one thread looks at between two looks at what is left to do.</summary>
    private const int TruthChunk = 1 << 13;

    /// <summary>How many hold in every chunk.</summary>
    private readonly struct TruthCounts(byte* truths, int count, int* counts) : IRangeAction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                long first = start * TruthChunk;
                int length = (int)Math.Min(TruthChunk, count - first), found = 0, i = 0;
                // Bytes are added up by 255 vectors at most, so that none of them overflows.
                while (i <= length - Vector<byte>.Count)
                {
                    Vector<byte> sums = default;
                    for (int step = 0; step < 255 && i <= length - Vector<byte>.Count; step++, i += Vector<byte>.Count)
                        sums += Vector.Min(*(Vector<byte>*)(truths + first + i), Vector<byte>.One);
                    for (int lane = 0; lane < Vector<byte>.Count; lane++)
                        found += sums[lane];
                }
                for (; i < length; i++)
                    found += truths[first + i] != 0 ? 1 : 0;
                counts[start] = found;
            }
        }
    }

    /// <summary>Writes every chunk's positions in front of its end.</summary>
    private readonly struct TruthPlaces(byte* truths, int* ends, long* places) : IRangeAction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                int next = start == 0 ? 0 : ends[start - 1], last = ends[start];
                for (long i = start * TruthChunk; next < last; i++)
                {
                    // Written whether it holds or not: the next that does comes over it, and no branch is to be guessed.
                    places[next] = i;
                    next += truths[i] != 0 ? 1 : 0;
                }
            }
        }
    }
}

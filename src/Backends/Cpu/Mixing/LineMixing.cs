using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>
/// A sparse matrix whose rows see what is near, for contiguous lines of float32: what sixteen neighbouring results need lies in two
/// registers, and is put in its place by a permutation for each of their entries.
/// </summary>
internal sealed unsafe class LineMixing
{
    private const int Width = 16;

    // Rows with more entries than this gain little.
    private const int Deepest = 12;

    private const int Missing = -1;

    /// <summary>Sixteen results: the first of them, where the two registers lie in the line, and how many entries there are.</summary>
    private readonly record struct Block(int Result, int Low, int High, int Table, int Depth, bool IsFull);

    private readonly int columns;
    private readonly int rows;
    private readonly Block[] blocks;
    private readonly int[] lanes;
    private readonly float[] weights;

    private LineMixing(SparseMatrix matrix, Block[] blocks, int[] lanes, float[] weights)
    {
        columns = matrix.Columns;
        rows = matrix.Rows;
        this.blocks = blocks;
        this.lanes = lanes;
        this.weights = weights;
    }

    /// <summary>The matrix in this form, or null where it has none.</summary>
    public static LineMixing? Of(SparseMatrix matrix, Type element)
    {
        if (!Avx512F.IsSupported || element != typeof(float) || matrix.Rows < Width || matrix.Columns < Width)
            return null;
        var blocks = new Block[(matrix.Rows + Width - 1) / Width];
        var lanes = new List<int>(2 * blocks.Length * Width);
        var weights = new List<float>(2 * blocks.Length * Width);
        for (int i = 0; i < blocks.Length; i++)
        {
            // The last block overlaps the one before it rather than the line's end.
            int result = Math.Min(i * Width, matrix.Rows - Width);
            int first = int.MaxValue, last = 0, depth = 0, shallow = int.MaxValue;
            for (int row = result; row < result + Width; row++)
            {
                int count = matrix.Starts[row + 1] - matrix.Starts[row];
                (depth, shallow) = (Math.Max(depth, count), Math.Min(shallow, count));
                for (int k = matrix.Starts[row]; k < matrix.Starts[row + 1]; k++)
                    (first, last) = (Math.Min(first, matrix.Places[k]), Math.Max(last, matrix.Places[k]));
            }
            int low = Math.Max(0, Math.Min(Math.Min(first, last), matrix.Columns - 2 * Width));
            int high = Math.Min(low + Width, matrix.Columns - Width);
            if (depth > Deepest || last >= high + Width)
                return null;
            blocks[i] = new Block(result, low, high, lanes.Count, depth, shallow == depth);
            for (int entry = 0; entry < depth; entry++)
            {
                for (int row = result; row < result + Width; row++)
                {
                    int k = matrix.Starts[row] + entry;
                    bool isThere = k < matrix.Starts[row + 1];
                    int place = isThere ? matrix.Places[k] : 0;
                    lanes.Add(!isThere ? Missing : place < low + Width ? place - low : Width + place - high);
                    weights.Add(isThere ? (float)matrix.Weights[k] : 0);
                }
            }
        }
        return new LineMixing(matrix, blocks, [.. lanes], [.. weights]);
    }

    /// <summary>Lines start to end - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(float* source, float* result, long start, long end)
    {
        fixed (int* table = lanes)
        fixed (float* weigh = weights)
        {
            for (; start < end; start++)
            {
                float* line = source + start * columns;
                float* to = result + start * rows;
                foreach (ref readonly Block block in blocks.AsSpan())
                {
                    Vector512<float> low = Vector512.Load(line + block.Low), high = Vector512.Load(line + block.High);
                    int* lane = table + block.Table;
                    float* weight = weigh + block.Table;
                    Vector512<float> sum = Vector512<float>.Zero;
                    for (int entry = 0; entry < block.Depth; entry++, lane += Width, weight += Width)
                    {
                        Vector512<int> at = Vector512.Load(lane);
                        Vector512<float> value = Avx512F.PermuteVar16x32x2(low, at, high);
                        Vector512<float> next = entry == 0
                            ? value * Vector512.Load(weight)
                            : Vector512.FusedMultiplyAdd(value, Vector512.Load(weight), sum);
                        sum = block.IsFull
                            ? next
                            : Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(at, Vector512<int>.Zero).AsSingle(), next, sum);
                    }
                    sum.Store(to + block.Result);
                }
            }
        }
    }
}

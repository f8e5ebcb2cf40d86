namespace Functional.Cpu;

/// <summary>
/// Nested loops over several strided operands of one shape, with as few dimensions as their strides allow:
/// dimensions of size 1 are gone, and neighbours that every operand walks in one stride are one dimension.
/// </summary>
internal readonly struct LoopNest
{
    private LoopNest(int[] sizes, int[][] strides)
    {
        Sizes = sizes;
        Strides = strides;
    }

    /// <summary>Sizes, outermost first.</summary>
    public int[] Sizes { get; }

    /// <summary>The strides of every operand, in elements.</summary>
    public int[][] Strides { get; }

    public int Rank => Sizes.Length;

    /// <summary>Iterations of all loops.</summary>
    public long Count => CountOf(Rank);

    /// <summary>The strides of an operand along the innermost dimension, 0 if there is none.</summary>
    public int InnerStride(int operand) => Rank == 0 ? 0 : Strides[operand][Rank - 1];

    /// <summary>The size of the innermost dimension, 1 if there is none.</summary>
    public int InnerSize => Rank == 0 ? 1 : Sizes[Rank - 1];

    /// <summary>The nest of a shape and the strides of its operands, in row-major order.</summary>
    public static LoopNest Of(ReadOnlySpan<int> shape, params ReadOnlySpan<int[]> strides)
    {
        var sizes = new int[shape.Length];
        var merged = new int[strides.Length][];
        for (int k = 0; k < merged.Length; k++)
            merged[k] = new int[shape.Length];

        // Filled from the back, so that a dimension finds the one it may merge with.
        int first = shape.Length;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] == 1)
                continue;
            if (first < shape.Length && Continues(strides, d, merged, first, sizes[first]))
            {
                sizes[first] *= shape[d];
                continue;
            }
            first--;
            sizes[first] = shape[d];
            for (int k = 0; k < merged.Length; k++)
                merged[k][first] = strides[k][d];
        }
        for (int k = 0; k < merged.Length; k++)
            merged[k] = merged[k][first..];
        return new LoopNest(sizes[first..], merged);
    }

    /// <summary>The same loops without the innermost ones; these walk what remains.</summary>
    public LoopNest Outer(int dimensions = 1)
    {
        int rank = Math.Max(0, Rank - dimensions);
        int[][] strides = Array.ConvertAll(Strides, s => s[..rank]);
        return new LoopNest(Sizes[..rank], strides);
    }

    /// <summary>The same loops without one of them.</summary>
    public LoopNest Without(int dimension)
    {
        int[][] strides = Array.ConvertAll(Strides, s => Drop(s, dimension));
        return new LoopNest(Drop(Sizes, dimension), strides);

        static int[] Drop(int[] values, int at) => [.. values[..at], .. values[(at + 1)..]];
    }

    /// <summary>The same loops with another size of one dimension.</summary>
    public LoopNest Narrow(int dimension, int size)
    {
        int[] sizes = [.. Sizes];
        sizes[dimension] = size;
        return new LoopNest(sizes, Strides);
    }

    private long CountOf(int rank)
    {
        long count = 1;
        for (int d = 0; d < rank; d++)
            count *= Sizes[d];
        return count;
    }

    private static bool Continues(ReadOnlySpan<int[]> strides, int d, int[][] merged, int first, int size)
    {
        for (int k = 0; k < merged.Length; k++)
        {
            if (strides[k][d] != (long)merged[k][first] * size)
                return false;
        }
        return true;
    }
}

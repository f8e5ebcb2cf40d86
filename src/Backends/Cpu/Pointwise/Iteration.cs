namespace Functional.Cpu;

/// <summary>
/// The positions of a shape in row-major order and where every input stands at each: dimensions of size 1 are dropped
/// and neighbours that all inputs walk in one stride are merged.
/// </summary>
internal sealed class Iteration
{
    private int[] sizes = new int[8];
    private int[] strides = new int[8 * 8];
    private int inputs;
    private int capacity = 8;

    /// <summary>Merged dimensions, at least one.</summary>
    public int Rank { get; private set; }

    /// <summary>Positions.</summary>
    public long Count { get; private set; }

    /// <summary>The size of the innermost dimension.</summary>
    public int Inner => sizes[Rank - 1];

    /// <summary>The size of a dimension.</summary>
    public int Size(int dimension) => sizes[dimension];

    /// <summary>How far an input moves along a dimension, in elements.</summary>
    public int Stride(int input, int dimension) => strides[input * capacity + dimension];

    /// <summary>How far an input moves along the innermost dimension, in elements.</summary>
    public int InnerStride(int input) => strides[input * capacity + Rank - 1];

    /// <summary>Whether an input stands still along all dimensions but the innermost <paramref name="last"/>.</summary>
    public bool StandsStill(int input, int last)
    {
        for (int d = 0; d < Rank - last; d++)
        {
            if (Stride(input, d) != 0)
                return false;
        }
        return true;
    }

    /// <summary>Takes on a shape and views of it. Nothing is allocated but for more dimensions or inputs than ever before.</summary>
    public void Reset(ReadOnlySpan<int> shape, ReadOnlySpan<View> views)
    {
        inputs = views.Length;
        capacity = Math.Max(8, shape.Length + 1);
        if (sizes.Length < capacity)
            sizes = new int[capacity];
        if (strides.Length < capacity * inputs)
            strides = new int[capacity * inputs];

        // Filled from the outside in, every dimension trying to swallow the one before it.
        Rank = 0;
        Count = 1;
        for (int d = 0; d < shape.Length; d++)
        {
            int size = shape[d];
            Count *= size;
            if (size == 1)
                continue;
            if (Rank > 0 && Continues(views, d, size))
                sizes[Rank - 1] *= size;
            else
                sizes[Rank++] = size;
            for (int i = 0; i < inputs; i++)
                strides[i * capacity + Rank - 1] = views[i].Strides[d];
        }
        // Nothing to walk: one position, or none of them, whatever the other sizes are.
        if (Rank == 0 || Count == 0)
        {
            Rank = 1;
            sizes[0] = 1;
            for (int i = 0; i < inputs; i++)
                strides[i * capacity] = 0;
        }
    }

    /// <summary>The element that an input reads at a position, counted from where its view begins.</summary>
    public long Offset(int input, long position)
    {
        long offset = 0;
        for (int d = Rank - 1; d >= 0; d--)
        {
            offset += position % sizes[d] * Stride(input, d);
            position /= sizes[d];
        }
        return offset;
    }

    private bool Continues(ReadOnlySpan<View> views, int d, int size)
    {
        for (int i = 0; i < inputs; i++)
        {
            if (strides[i * capacity + Rank - 1] != (long)views[i].Strides[d] * size)
                return false;
        }
        return true;
    }
}

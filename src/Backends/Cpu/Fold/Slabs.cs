namespace Functional.Cpu;

/// <summary>A shape cut into slabs that fit the cache: ranges of one dimension, at every position of the dimensions before it.</summary>
/// <param name="Shape">The whole shape.</param>
/// <param name="Dimension">The dimension that is cut.</param>
/// <param name="Length">Positions of that dimension in one slab; the last slab of a row of them may be shorter.</param>
internal readonly record struct Slabs(int[] Shape, int Dimension, int Length)
{
    // Elements of a slab: 128 KB of float32.
    private const int Elements = 1 << 15;

    /// <summary>The slabs of a shape of more elements than one holds.</summary>
    public static Slabs Of(int[] shape)
    {
        int inner = 1;
        int dimension = shape.Length - 1;
        while (dimension > 0 && (long)inner * shape[dimension] <= Elements)
            inner *= shape[dimension--];
        return new Slabs(shape, dimension, Math.Max(1, Elements / inner));
    }

    /// <summary>Whether a shape is worth cutting.</summary>
    public static bool AreWorthwhile(long elements) => elements > 2 * Elements;

    /// <summary>Slabs side by side along the cut dimension.</summary>
    public int PerRow => (Shape[Dimension] + Length - 1) / Length;

    /// <summary>All slabs.</summary>
    public int Count
    {
        get
        {
            int count = PerRow;
            for (int d = 0; d < Dimension; d++)
                count *= Shape[d];
            return count;
        }
    }

    /// <summary>The shape of one slab, of the rank of the whole, and where it begins.</summary>
    public int[] At(int slab, out int[] start)
    {
        int[] shape = [.. Shape];
        start = new int[Shape.Length];
        start[Dimension] = slab % PerRow * Length;
        shape[Dimension] = Math.Min(Length, Shape[Dimension] - start[Dimension]);
        int rest = slab / PerRow;
        for (int d = Dimension - 1; d >= 0; d--)
        {
            start[d] = rest % Shape[d];
            rest /= Shape[d];
            shape[d] = 1;
        }
        return shape;
    }

    /// <summary>A window on a view of the whole shape.</summary>
    public static View Cut(in View view, int[] shape, int[] start)
    {
        int offset = view.Offset;
        for (int d = 0; d < start.Length; d++)
            offset += start[d] * view.Strides[d];
        return new View(view.Buffer, offset, shape, view.Strides);
    }
}

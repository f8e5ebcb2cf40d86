namespace Functional.Gpu;

/// <summary>
/// A window on a buffer as an argument of a kernel: up to eight dimensions, the innermost first, dimensions merged where their
/// strides allow. Strides count elements.
/// </summary>
internal readonly struct StridedView
{
    /// <summary>The most dimensions that are left after merging.</summary>
    public const int MaxRank = 8;

    /// <summary>Where the first element lies.</summary>
    public readonly int Offset;

    /// <summary>Dimensions in use.</summary>
    public readonly int Rank;

    private readonly int size0, size1, size2, size3, size4, size5, size6;
    private readonly int stride0, stride1, stride2, stride3, stride4, stride5, stride6, stride7;

    private StridedView(int offset, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
    {
        static int At(ReadOnlySpan<int> values, int i) => i < values.Length ? values[i] : i == 0 ? 1 : 0;

        Offset = offset;
        Rank = sizes.Length;
        (size0, size1, size2, size3) = (At(sizes, 0), At(sizes, 1), At(sizes, 2), At(sizes, 3));
        (size4, size5, size6) = (At(sizes, 4), At(sizes, 5), At(sizes, 6));
        (stride0, stride1, stride2, stride3) = (At(strides, 0), At(strides, 1), At(strides, 2), At(strides, 3));
        (stride4, stride5, stride6, stride7) = (At(strides, 4), At(strides, 5), At(strides, 6), At(strides, 7));
    }

    /// <summary>The view for a kernel. Raises UnsupportedException where more than eight dimensions cannot be merged.</summary>
    public static StridedView Of(View view, string operation = "a strided view")
    {
        Span<int> sizes = stackalloc int[Math.Max(1, view.Shape.Length)];
        Span<int> strides = stackalloc int[sizes.Length];
        int rank = 0;
        for (int d = view.Shape.Length - 1; d >= 0; d--)
        {
            int size = view.Shape[d];
            if (size == 1)
                continue;
            if (rank > 0 && strides[rank - 1] * sizes[rank - 1] == view.Strides[d])
                sizes[rank - 1] *= size;
            else
                (sizes[rank], strides[rank++]) = (size, view.Strides[d]);
        }
        if (rank > MaxRank)
            throw new UnsupportedException(operation, "gpu", $"a view of shape {ShapeModule.format(view.Shape)} has more than {MaxRank} dimensions that do not merge; make it contiguous first");
        return new StridedView(view.Offset, sizes[..rank], strides[..rank]);
    }

    /// <summary>Whether element i simply lies at offset + i.</summary>
    public bool IsContiguous => Rank == 0 || (Rank == 1 && stride0 == 1);

    /// <summary>Where the element with a flat, row-major index lies.</summary>
    public int At(int index)
    {
        if (Rank <= 1)
            return Offset + index * stride0;
        int at = Offset;
        int rest = index / size0;
        at += (index - rest * size0) * stride0;
        if (Rank == 2)
            return at + rest * stride1;
        int next = rest / size1;
        at += (rest - next * size1) * stride1;
        if (Rank == 3)
            return at + next * stride2;
        rest = next / size2;
        at += (next - rest * size2) * stride2;
        if (Rank == 4)
            return at + rest * stride3;
        next = rest / size3;
        at += (rest - next * size3) * stride3;
        if (Rank == 5)
            return at + next * stride4;
        rest = next / size4;
        at += (next - rest * size4) * stride4;
        if (Rank == 6)
            return at + rest * stride5;
        next = rest / size5;
        at += (rest - next * size5) * stride5;
        if (Rank == 7)
            return at + next * stride6;
        rest = next / size6;
        at += (next - rest * size6) * stride6;
        return at + rest * stride7;
    }
}

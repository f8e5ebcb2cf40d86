namespace Functional.Gpu;

/// <summary>A matrix as BLAS takes it: 0 as it lies, 1 transposed, and the distance of its rows (or columns).</summary>
internal readonly record struct BlasMatrix(int Operation, int Lead)
{
    /// <summary>Null where neither rows nor columns are dense.</summary>
    public static BlasMatrix? Of(int rows, int columns, int rowStride, int columnStride)
    {
        if ((columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1))
            return new(0, rows == 1 ? Math.Max(1, columns) : rowStride);
        if ((rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1))
            return new(1, columns == 1 ? Math.Max(1, rows) : columnStride);
        return null;
    }
}

/// <summary>How a batch of products is asked of a BLAS that knows one even step from product to product: as few calls as the
/// batch's dimensions allow.</summary>
internal sealed class ProductPlan
{
    private readonly int[] sizes;
    private readonly long[] leftStrides;
    private readonly long[] rightStrides;
    private readonly long[] resultStrides;

    private ProductPlan(int rows, int columns, int depth, BlasMatrix left, BlasMatrix right, int[] sizes, long[] leftStrides, long[] rightStrides)
    {
        (Rows, Columns, Depth, Left, Right) = (rows, columns, depth, left, right);
        (this.sizes, this.leftStrides, this.rightStrides) = (sizes, leftStrides, rightStrides);
        resultStrides = new long[sizes.Length];
        long step = (long)rows * columns;
        for (int d = sizes.Length - 1; d >= 0; d--)
        {
            resultStrides[d] = step;
            step *= sizes[d];
        }
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Depth { get; }

    public BlasMatrix Left { get; }

    public BlasMatrix Right { get; }

    /// <summary>Products of one call: the innermost dimension of the batch.</summary>
    public int Count => sizes.Length == 0 ? 1 : sizes[^1];

    public long LeftStep => sizes.Length == 0 ? 0 : leftStrides[^1];

    public long RightStep => sizes.Length == 0 ? 0 : rightStrides[^1];

    public long ResultStep => sizes.Length == 0 ? 0 : resultStrides[^1];

    public int Calls { get; private init; }

    public long LeftOffset(int call) => Offset(call, leftStrides);

    public long RightOffset(int call) => Offset(call, rightStrides);

    public long ResultOffset(int call) => Offset(call, resultStrides);

    /// <summary>Null where a matrix has to be copied first.</summary>
    public static ProductPlan? Of(View a, View b)
    {
        int rank = a.Shape.Length, rows = a.Shape[^2], depth = a.Shape[^1], columns = b.Shape[^1];
        List<int> sizes = [];
        List<long> left = [], right = [];
        int rowStride = a.Strides[^2];
        for (int d = rank - 3; d >= 0; d--)
        {
            int size = a.Shape[d], leftStride = a.Strides[d], rightStride = b.Strides[d];
            if (size == 1)
                continue;
            // Rows that meet the same right side are rows of one taller matrix.
            if (sizes.Count == 0 && rightStride == 0 && (rows == 1 || leftStride == (long)rowStride * rows))
            {
                rowStride = rows == 1 ? leftStride : rowStride;
                rows *= size;
            }
            else if (sizes.Count > 0 && leftStride == left[^1] * sizes[^1] && rightStride == right[^1] * sizes[^1])
                sizes[^1] *= size;
            else
            {
                sizes.Add(size);
                left.Add(leftStride);
                right.Add(rightStride);
            }
        }
        BlasMatrix? first = BlasMatrix.Of(rows, depth, rowStride, a.Strides[^1]), second = BlasMatrix.Of(depth, columns, b.Strides[^2], b.Strides[^1]);
        if (first is not { } leftMatrix || second is not { } rightMatrix)
            return null;
        sizes.Reverse();
        left.Reverse();
        right.Reverse();
        int calls = sizes.Count < 2 ? 1 : sizes[..^1].Aggregate(1, (product, size) => product * size);
        return new(rows, columns, depth, leftMatrix, rightMatrix, [.. sizes], [.. left], [.. right]) { Calls = calls };
    }

    private long Offset(int call, long[] strides)
    {
        long offset = 0;
        for (int d = sizes.Length - 2; d >= 0; d--)
        {
            (call, int place) = Math.DivRem(call, sizes[d]);
            offset += place * strides[d];
        }
        return offset;
    }
}

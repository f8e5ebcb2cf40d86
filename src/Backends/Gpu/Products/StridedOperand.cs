using ILGPU;

namespace Functional.Gpu;

/// <summary>A matrix of a batch as it lies in memory, transposed or not.</summary>
internal struct StridedOperand<TStored, TValue, TElement> : IOperand<TValue, int>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data;

    /// <summary>Where each matrix begins.</summary>
    public StridedView Batch;
    public int Lines;
    public int LineStride;
    public int Depth;
    public int DepthStride;

    /// <summary>Lines are the rows of a view's matrices, or their columns.</summary>
    public static StridedOperand<TStored, TValue, TElement> Of(ArrayView<TStored> data, View view, bool isByColumn)
    {
        int rank = view.Shape.Length, line = isByColumn ? rank - 1 : rank - 2, depth = isByColumn ? rank - 2 : rank - 1;
        return new()
        {
            Data = data,
            Batch = StridedView.Of(new View(view.Buffer, view.Offset, view.Shape[..^2], view.Strides[..^2]), "matmul"),
            Lines = view.Shape[line],
            LineStride = view.Strides[line],
            Depth = view.Shape[depth],
            DepthStride = view.Strides[depth],
        };
    }

    /// <summary>Whether neighbouring lines are nearer in memory than neighbouring depths.</summary>
    public readonly bool IsAlongLines => LineStride != 0 && Math.Abs((long)LineStride) < Math.Abs((long)DepthStride);

    public readonly int Line(int batch, int line) => line < Lines ? Batch.At(batch) + line * LineStride : -1;

    public readonly TValue At(int line, int depth) =>
        line >= 0 && depth < Depth ? TElement.Widen(Data[line + depth * DepthStride]) : default;
}

/// <summary>A batch of row-major matrices that a product is written to.</summary>
internal struct RowMajorResult<TStored, TValue, TElement>(ArrayView<TStored> data, int rows, int columns) : IProductResult<TValue>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Rows = rows;
    public int Columns = columns;

    public readonly void Store(int batch, int row, int column, TValue value) =>
        Data[(batch * Rows + row) * Columns + column] = TElement.Narrow(value);
}

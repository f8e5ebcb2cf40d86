namespace Functional.Gpu;

/// <summary>One side of a product: lines (rows of the left, columns of the right) of elements along the depth. A line may be
/// anything that a kernel wants to compute once rather than for every element of it.</summary>
internal interface IOperand<TValue, TLine>
    where TValue : unmanaged
    where TLine : unmanaged
{
    /// <summary>A line of one product of the batch; lines beyond the last one hold zeros.</summary>
    TLine Line(int batch, int line);

    /// <summary>An element of a line; zero beyond the depth.</summary>
    TValue At(TLine line, int depth);
}

/// <summary>Where a product goes.</summary>
internal interface IProductResult<TValue>
    where TValue : unmanaged
{
    void Store(int batch, int row, int column, TValue value);
}

using ILGPU;

namespace Functional.Gpu;

/// <summary>Row-major products of a batch, as many of each as the depth has splits.</summary>
internal struct SplitResult<TStored, TValue, TElement>(ArrayView<TStored> data, int batches, int splits, int rows, int columns) : IProductResult<TValue>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Batches = batches;
    public int Splits = splits;
    public int Rows = rows;
    public int Columns = columns;

    public readonly void Store(int batch, int row, int column, TValue value)
    {
        int split = batch % Splits, product = batch / Splits;
        Data[((split * Batches + product) * Rows + row) * Columns + column] = TElement.Narrow(value);
    }
}

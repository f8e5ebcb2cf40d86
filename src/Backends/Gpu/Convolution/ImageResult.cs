using ILGPU;

namespace Functional.Gpu;

/// <summary>A product's columns as the pixels of images [N, G R, pixels], R being the product's rows.</summary>
internal struct ImageResult<TStored, TValue, TElement>(ArrayView<TStored> data, int groups, int rows, int pixels) : IProductResult<TValue>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Groups = groups;
    public int Rows = rows;
    public FastDivisor Pixels = new(pixels);

    public readonly void Store(int batch, int row, int column, TValue value)
    {
        int image = Pixels.Quotient(column);
        int pixel = column - image * Pixels.Divisor;
        Data[((image * Groups + batch) * Rows + row) * Pixels.Divisor + pixel] = TElement.Narrow(value);
    }
}

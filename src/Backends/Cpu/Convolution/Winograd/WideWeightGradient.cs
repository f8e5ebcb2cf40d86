using System.Numerics;

namespace Functional.Cpu;

/// <summary>
/// The same as <see cref="WinogradWeightGradient{T}"/> for so many channels and filters that their matrices at the points fit no cache of a
/// core: all tiles become values at the points first, and then each point's product is one piece of work.
/// </summary>
/// <remarks>Blocks of tiles are cut by the shape alone and summed in order, so the result does not depend on the number of threads.</remarks>
internal static unsafe class WideWeightGradient<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Values at the points that are worked on at once: so many fit the outermost cache, and few blocks mean few passes over the sums.</summary>
    private const int LargestValues = 1 << 22;

    public static bool Run(in WinogradShape shape, in WinogradTiles<T>.Images inputs, in WinogradTiles<T>.Images gradients, T* result)
    {
        int all = shape.Batch * shape.TileRows;
        int wanted = LargestValues / (WinogradShape.Products * (shape.Channels + shape.Filters) * shape.TileColumns);
        int rows = Partition.Even(all, Math.Max(1, wanted), 1);
        T* sums = WinogradSums<T>.Rent(shape, 1);
        for (int first = 0; first < all; first += rows)
        {
            int count = Math.Min(rows, all - first);
            var values = WinogradTiles<T>.Rent(ScratchUse.Points, count * shape.TileColumns, shape.Channels);
            var slopes = WinogradTiles<T>.Rent(ScratchUse.Product, count * shape.TileColumns, shape.Filters);
            Ranges.Run(count, WinogradShape.Products * (values.Pitch + slopes.Pitch) * shape.TileColumns, new Filling(shape, inputs, gradients, values, slopes, first));
            WorkerPool.Run(WinogradShape.Products, new Product(shape, values, slopes, sums, first > 0));
        }
        return WinogradSums<T>.Finish(shape, 1, sums, result);
    }

    private readonly struct Filling(
        WinogradShape shape, WinogradTiles<T>.Images inputs, WinogradTiles<T>.Images gradients,
        WinogradTiles<T> values, WinogradTiles<T> slopes, int first) : IRangeAction
    {
        public void Invoke(long start, long end)
        {
            int row = (int)start, count = (int)(end - start);
            values.From(row * shape.TileColumns).Fill(inputs, shape.TileRows, shape.TileColumns, first + row, count);
            slopes.From(row * shape.TileColumns).Fill(gradients, shape.TileRows, shape.TileColumns, first + row, count);
        }
    }

    private readonly struct Product(WinogradShape shape, WinogradTiles<T> values, WinogradTiles<T> slopes, T* sums, bool accumulate) : IChunkAction
    {
        public void Invoke(int point) => WinogradSums<T>.Multiply(shape, values, slopes, sums + point * WinogradSums<T>.Plane(shape), point, accumulate);
    }
}

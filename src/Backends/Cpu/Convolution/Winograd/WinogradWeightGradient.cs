using System.Numerics;

namespace Functional.Cpu;

/// <summary>
/// The transpose of a convolution by filters of 3 x 3 in its filters: tiles of input and output gradient at the points, a matrix
/// product over all tiles for each point, and back to nine taps.
/// </summary>
/// <remarks>
/// Tiles are cut into stretches by the shape alone. Each is summed in order, and then the stretches are, so the result does
/// not depend on the number of threads.
/// </remarks>
internal unsafe struct WinogradWeightGradient<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    private const int Stretches = 4;
    private const int WantedTiles = 52;

    private WinogradShape shape;
    private WinogradTiles<T>.Images inputs, gradients;
    private T* sums;
    private nint matrix;
    private int stretch, rows;

    /// <summary>Computes a weight's gradient if the convolution is of the right kind and the gradient is finite.</summary>
    public static bool TryRun(in ConvolutionShape given, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (!WinogradShape.Takes<T>(given, out var shape) || !WinogradConvolution<T>.Adjoin(strides, shape.Width))
            return false;
        nint outputs = (nint)shape.OutputHeight * shape.OutputWidth;
        WinogradTiles<T>.Images inputs = new(
            (nint)input, strides.Image, strides.Channel, shape.Channels, shape.Height, shape.Width,
            WinogradShape.Reach, shape.PaddingHeight, shape.PaddingWidth);
        WinogradTiles<T>.Images gradients = new(
            (nint)gradient, shape.Filters * outputs, outputs, shape.Filters, shape.OutputHeight, shape.OutputWidth,
            WinogradShape.Tile, 0, 0);
        if (!shape.IsSmall)
            return WideWeightGradient<T>.Run(shape, inputs, gradients, result);
        int all = shape.Batch * shape.TileRows;
        int stretch = Partition.Parts(all, Math.Min(Stretches, Partition.Parts(all * shape.TileColumns, 2 * WantedTiles)));
        int parts = Partition.Parts(all, stretch);
        T* sums = WinogradSums<T>.Rent(shape, parts);
        var action = new WinogradWeightGradient<T>
        {
            shape = shape,
            inputs = inputs,
            gradients = gradients,
            sums = sums,
            matrix = WinogradSums<T>.Plane(shape),
            stretch = stretch,
            rows = Math.Max(1, WantedTiles / shape.TileColumns),
        };
        WorkerPool.Run(parts, action);
        return WinogradSums<T>.Finish(shape, parts, sums, result);
    }

    public readonly void Invoke(int chunk)
    {
        int first = chunk * stretch, last = Math.Min(first + stretch, shape.Batch * shape.TileRows);
        T* sum = sums + chunk * WinogradShape.Products * matrix;
        for (int row = first; row < last; row += rows)
        {
            int count = Math.Min(rows, last - row), tiles = count * shape.TileColumns;
            var values = WinogradTiles<T>.Rent(ScratchUse.Image, tiles, shape.Channels);
            values.Fill(inputs, shape.TileRows, shape.TileColumns, row, count);
            var slopes = WinogradTiles<T>.Rent(ScratchUse.Product, tiles, shape.Filters);
            slopes.Fill(gradients, shape.TileRows, shape.TileColumns, row, count);
            for (int point = 0; point < WinogradShape.Products; point++)
                WinogradSums<T>.Multiply(shape, values, slopes, sum + point * matrix, point, row > first);
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Convolutions by filters of 3 x 3 with a quarter of the multiplications: tiles of six by six pixels and filters become values at 36
/// points, where a convolution is one matrix product a point, and the products become tiles of four by four results.
/// </summary>
/// <remarks>
/// Every tile is computed in one way wherever the work is cut. A number that is not finite spreads through its tile: where one
/// comes out, the convolution is computed again tap by tap.
/// </remarks>
internal unsafe struct WinogradConvolution<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    private WinogradShape shape;
    private WinogradTiles<T>.Images images;
    private WinogradFilters<T> filters;
    private T* target;
    private int rows;
    private int* isBroken;

    /// <summary>Computes a convolution if it is of the right kind and its results are finite. Output and weight are contiguous.</summary>
    public static bool TryForward(in ConvolutionShape given, T* input, ImageStrides strides, T* weight, T* output)
    {
        if (!WinogradShape.Takes<T>(given, out var shape) || !Adjoin(strides, shape.Width))
            return false;
        return Run(shape, input, strides, WinogradFilters<T>.Of(shape.Channels, shape.Filters, weight), output);
    }

    /// <summary>The same for the transpose in the input, from an output's gradient.</summary>
    public static bool TryInputGradient(in ConvolutionShape given, T* weight, T* gradient, ImageStrides strides, T* result)
    {
        if (!WinogradShape.Takes<T>(given, out var shape) || !Adjoin(strides, shape.OutputWidth))
            return false;
        var transposed = shape.Transposed;
        return Run(transposed, gradient, strides, WinogradFilters<T>.Turned(transposed.Channels, transposed.Filters, weight), result);
    }

    /// <summary>Whether the pixels of a channel lie side by side.</summary>
    public static bool Adjoin(ImageStrides strides, int width) => strides.Pixel == 1 && strides.Line == width;

    /// <summary>Rows of tiles that are worked on at once: their values stay in the outer cache of a core.</summary>
    public static int RowsFor(in WinogradShape shape, int threads)
    {
        // Many filters are read from afar for every row of a product: the more tiles, the fewer times.
        int wanted = shape.IsSmall ? 52 : 208;
        int all = shape.Batch * shape.TileRows;
        int most = threads == 1 ? all : Partition.Parts(all, shape.IsSmall ? 3 * threads : threads);
        return Partition.Even(all, Math.Max(1, Math.Min(most, wanted / shape.TileColumns)), 1);
    }

    private static bool Run(in WinogradShape shape, T* source, ImageStrides strides, WinogradFilters<T> filters, T* target)
    {
        int isBroken = 0;
        var action = new WinogradConvolution<T>
        {
            shape = shape,
            images = new(
                (nint)source, strides.Image, strides.Channel, shape.Channels, shape.Height, shape.Width,
                WinogradShape.Reach, shape.PaddingHeight, shape.PaddingWidth),
            filters = filters,
            target = target,
            rows = RowsFor(shape, WorkerPool.Threads),
            isBroken = &isBroken,
        };
        WorkerPool.Run(Partition.Parts(shape.Batch * shape.TileRows, action.rows), action);
        return isBroken == 0;
    }

    public readonly void Invoke(int chunk)
    {
        int first = chunk * rows, count = Math.Min(rows, shape.Batch * shape.TileRows - first);
        int tiles = count * shape.TileColumns;
        var values = WinogradTiles<T>.Rent(ScratchUse.Image, tiles, shape.Channels);
        values.Fill(images, shape.TileRows, shape.TileColumns, first, count);
        var products = WinogradTiles<T>.Rent(ScratchUse.Product, tiles, shape.Filters);
        for (int point = 0; point < WinogradShape.Products; point++)
            Multiply(values, filters.At(point), products, point, tiles);
        Widest.Invoke<T, Results>(new(shape, products, target, first, count, isBroken));
    }

    /// <summary>(tile, channel) times (channel, filter) at one point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(WinogradTiles<T> values, T* filter, WinogradTiles<T> products, int point, int tiles)
    {
        const int LargestDepth = 384;
        var kernels = KernelSet<T>.Best;
        int pitch = WinogradFilters<T>.Pitch(shape.Filters), panels = Partition.Parts(tiles, kernels.Rows);
        int height = tiles / panels, taller = tiles % panels;
        T* a = values.Values + point * values.Plane;
        T* c = products.Values + point * products.Plane;
        for (int j = 0; j < pitch; j += kernels.Columns)
        {
            int width = Math.Min(kernels.Columns, pitch - j);
            var kernel = kernels.Tiles(width / kernels.Lanes);
            T* b = filter + (nint)j * shape.Channels;
            for (int p = 0; p < shape.Channels; p += LargestDepth)
            {
                int depth = Math.Min(LargestDepth, shape.Channels - p);
                for (int panel = 0, i = 0; panel < panels; panel++)
                {
                    int lines = panel < taller ? height + 1 : height;
                    kernel[lines - 1](
                        depth, a + i * values.Pitch + p, values.Pitch, 1, b + p * width, width,
                        c + i * products.Pitch + j, products.Pitch, p > 0);
                    i += lines;
                }
            }
        }
    }

    /// <summary>From products at the points to results, pixel by pixel, and from there to images.</summary>
    private readonly struct Results(
        WinogradShape shape, WinogradTiles<T> products, T* target, int first, int rows, int* isBroken) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            nint pitch = WinogradFilters<T>.Pitch(shape.Filters), pixels = (nint)shape.OutputHeight * shape.OutputWidth;
            int tile = 0, at = first, left = rows;
            while (left > 0)
            {
                (int image, int row) = Math.DivRem(at, shape.TileRows);
                int count = Math.Min(left, shape.TileRows - row);
                int top = row * WinogradShape.Tile, bottom = Math.Min(top + count * WinogradShape.Tile, shape.OutputHeight);
                T* band = ThreadScratch.Rent<T>(ScratchUse.Right, (bottom - top) * shape.OutputWidth * pitch);
                for (int i = 0; i < count; i++, tile += shape.TileColumns)
                {
                    int line = i * WinogradShape.Tile;
                    Line<S, V>(tile, band + (nint)line * shape.OutputWidth * pitch, pitch, Math.Min(WinogradShape.Tile, bottom - top - line));
                }
                T* to = target + (nint)image * shape.Filters * pixels + (nint)top * shape.OutputWidth;
                // A register of filters at a time: so many streams of memory are followed well.
                for (int filter = 0; filter < shape.Filters; filter += S.Count)
                    KernelSet<T>.Best.Transpose(
                        (bottom - top) * shape.OutputWidth, Math.Min(S.Count, shape.Filters - filter), band + filter, pitch, to + filter * pixels, pixels);
                at += count;
                left -= count;
            }
        }

        /// <summary>A row of tiles: so many lines of results.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        private void Line<S, V>(int tile, T* to, nint pitch, int lines)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new WinogradTransform<S, V, T>();
            int lanes = S.Count, columns = shape.TileColumns;
            nint plane = products.Plane, down = WinogradShape.Reach * plane, line = shape.OutputWidth * pitch;
            // Columns of points as results: [result][column].
            T* half = stackalloc T[WinogradShape.Tile * WinogradShape.Reach * lanes];
            nint next = WinogradShape.Reach * lanes;
            V zero = S.Create(T.Zero), broken = zero;
            for (nint block = 0; block < pitch; block += lanes)
                for (int column = 0; column < columns; column++)
                {
                    T* from = products.Values + (tile + column) * products.Pitch + block;
                    for (int x = 0; x < WinogradShape.Reach; x++, from += plane)
                    {
                        transform.Output(
                            S.Load(from), S.Load(from + down), S.Load(from + 2 * down), S.Load(from + 3 * down), S.Load(from + 4 * down),
                            S.Load(from + 5 * down), out V y0, out V y1, out V y2, out V y3);
                        S.Store(y0, half + x * lanes);
                        S.Store(y1, half + next + x * lanes);
                        S.Store(y2, half + 2 * next + x * lanes);
                        S.Store(y3, half + 3 * next + x * lanes);
                    }
                    int left = shape.OutputWidth - column * WinogradShape.Tile;
                    T* put = to + (nint)column * WinogradShape.Tile * pitch + block;
                    for (int y = 0; y < lines; y++, put += line)
                    {
                        T* row = half + y * next;
                        transform.Output(
                            S.Load(row), S.Load(row + lanes), S.Load(row + 2 * lanes), S.Load(row + 3 * lanes), S.Load(row + 4 * lanes),
                            S.Load(row + 5 * lanes), out V y0, out V y1, out V y2, out V y3);
                        // 0 times what is not finite is nan, and stays so.
                        broken = S.MultiplyAdd(S.Add(S.Add(y0, y1), S.Add(y2, y3)), zero, broken);
                        S.Store(y0, put);
                        if (left > 1)
                            S.Store(y1, put + pitch);
                        if (left > 2)
                            S.Store(y2, put + 2 * pitch);
                        if (left > 3)
                            S.Store(y3, put + 3 * pitch);
                    }
                }
            if (!double.IsFinite(Total<S, V, T>.Of(broken)))
                *isBroken = 1;
        }
    }
}

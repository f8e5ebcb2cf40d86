using System.Numerics;
using System.Runtime.CompilerServices;

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
    private nint matrix, pitch;
    private int stretch, rows;

    /// <summary>Computes a weight's gradient if the convolution is of the right kind and the gradient is finite.</summary>
    public static bool TryRun(in ConvolutionShape given, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (!WinogradShape.Takes<T>(given, out var shape) || !shape.IsSmall || !WinogradConvolution<T>.Adjoin(strides, shape.Width))
            return false;
        int all = shape.Batch * shape.TileRows;
        int stretch = Partition.Parts(all, Math.Min(Stretches, Partition.Parts(all * shape.TileColumns, 2 * WantedTiles)));
        int parts = Partition.Parts(all, stretch);
        nint pitch = WinogradFilters<T>.Pitch(shape.Filters), matrix = shape.Channels * pitch;
        nint outputs = (nint)shape.OutputHeight * shape.OutputWidth;
        T* sums = ThreadScratch.Rent<T>(ScratchUse.Filter, matrix * (parts * WinogradShape.Products + WinogradShape.Taps));
        var action = new WinogradWeightGradient<T>
        {
            shape = shape,
            inputs = new(
                (nint)input, strides.Image, strides.Channel, shape.Channels, shape.Height, shape.Width,
                WinogradShape.Reach, shape.PaddingHeight, shape.PaddingWidth),
            gradients = new(
                (nint)gradient, shape.Filters * outputs, outputs, shape.Filters, shape.OutputHeight, shape.OutputWidth,
                WinogradShape.Tile, 0, 0),
            sums = sums,
            matrix = matrix,
            pitch = pitch,
            stretch = stretch,
            rows = Math.Max(1, WantedTiles / shape.TileColumns),
        };
        WorkerPool.Run(parts, action);
        T* taps = sums + matrix * parts * WinogradShape.Products;
        Widest.Invoke<T, Finish>(new(shape.Channels, pitch, parts, sums, taps));
        int depth = shape.Channels * WinogradShape.Taps;
        KernelSet<T>.Best.Transpose(depth, shape.Filters, taps, pitch, result, depth);
        return IsFinite(result, shape.Filters * depth);
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
                Multiply(values, slopes, sum + point * matrix, point, tiles, row > first);
        }
    }

    /// <summary>(channel, tile) times (tile, filter) at one point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(WinogradTiles<T> values, WinogradTiles<T> slopes, T* sum, int point, int tiles, bool accumulate)
    {
        var kernels = KernelSet<T>.Best;
        int panels = Partition.Parts(shape.Channels, kernels.Rows);
        int height = shape.Channels / panels, taller = shape.Channels % panels;
        T* a = values.Values + point * values.Plane;
        T* b = slopes.Values + point * slopes.Plane;
        for (int j = 0; j < pitch; j += kernels.Columns)
        {
            var kernel = kernels.Tiles(pitch - j > kernels.Lanes ? 2 : 1);
            for (int panel = 0, i = 0; panel < panels; panel++)
            {
                int lines = panel < taller ? height + 1 : height;
                kernel[lines - 1](tiles, a + i, 1, values.Pitch, b + j, slopes.Pitch, sum + i * pitch + j, pitch, accumulate);
                i += lines;
            }
        }
    }

    public static bool IsFinite(T* numbers, int count)
    {
        T sum = T.Zero;
        for (int i = 0; i < count; i++)
            sum += numbers[i] * T.Zero;
        return T.IsFinite(sum);
    }

    /// <summary>Adds the stretches up and turns points into taps.</summary>
    private readonly struct Finish(int channels, nint pitch, int parts, T* sums, T* taps) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new WinogradTransform<S, V, T>();
            int lanes = S.Count, reach = WinogradShape.Reach;
            nint matrix = channels * pitch, part = WinogradShape.Products * matrix, down = reach * matrix;
            T* half = stackalloc T[3 * WinogradShape.Reach * lanes];
            for (int channel = 0; channel < channels; channel++)
                for (nint filter = 0; filter < pitch; filter += lanes)
                {
                    T* from = sums + channel * pitch + filter;
                    for (int x = 0; x < reach; x++)
                    {
                        T* place = from + x * matrix;
                        transform.FilterCotangent(
                            Sum<S, V>(place, part), Sum<S, V>(place + down, part), Sum<S, V>(place + 2 * down, part),
                            Sum<S, V>(place + 3 * down, part), Sum<S, V>(place + 4 * down, part), Sum<S, V>(place + 5 * down, part),
                            out V g0, out V g1, out V g2);
                        S.Store(g0, half + x * lanes);
                        S.Store(g1, half + (reach + x) * lanes);
                        S.Store(g2, half + (2 * reach + x) * lanes);
                    }
                    T* to = taps + channel * WinogradShape.Taps * pitch + filter;
                    for (int y = 0; y < 3; y++, to += 3 * pitch)
                    {
                        T* row = half + y * reach * lanes;
                        transform.FilterCotangent(
                            S.Load(row), S.Load(row + lanes), S.Load(row + 2 * lanes), S.Load(row + 3 * lanes), S.Load(row + 4 * lanes),
                            S.Load(row + 5 * lanes), out V g0, out V g1, out V g2);
                        S.Store(g0, to);
                        S.Store(g1, to + pitch);
                        S.Store(g2, to + 2 * pitch);
                    }
                }
        }

        /// <summary>The stretches' sums, one after the other.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Sum<S, V>(T* place, nint part)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            V sum = S.Load(place);
            for (int p = 1; p < parts; p++)
                sum = S.Add(sum, S.Load(place + p * part));
            return sum;
        }
    }
}

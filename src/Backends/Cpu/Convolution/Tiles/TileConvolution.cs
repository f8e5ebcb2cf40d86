using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Convolutions of few channels by filters of four taps to a phase of the stride, both ways, with a quarter of the multiplications: products
/// at 49 points for a register or two of tiles and eight filters become results before they leave the nearest cache.
/// </summary>
/// <remarks>
/// Every tile is computed in one way wherever the work is cut. A number that is not finite spreads through its tile: where one
/// comes out, the convolution is computed again tap by tap.
/// </remarks>
internal unsafe struct TileConvolution<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    /// <summary>The values of so many tiles stay in a core's outer cache.</summary>
    private const int WantedTiles = 224;

    private TileShape shape;
    private TileOrder order;
    private T* input;
    private ImageStrides strides;
    private T* filters;
    private T* output;
    private int rows, columns;
    private int* isBroken;
    private bool isCold;

    /// <summary>Computes a convolution if it is of the right kind and its results are finite. Output and weight are contiguous.</summary>
    public static bool TryForward(in ConvolutionShape given, T* input, ImageStrides strides, T* weight, T* output, bool isCold)
    {
        if (!TileShape.Takes<T>(given, out var shape))
            return false;
        var order = new TileOrder(shape);
        int isBroken = 0, columns = shape.TileColumns(KernelSet<T>.Best.Lanes);
        var action = new TileConvolution<T>
        {
            shape = shape,
            order = order,
            input = input,
            strides = strides,
            filters = TileFilters<T>.Of(shape, order, weight),
            output = output,
            rows = RowsFor(shape, columns),
            columns = columns,
            isBroken = &isBroken,
            isCold = isCold,
        };
        WorkerPool.Run(Partition.Parts(shape.AllRows, action.rows), action);
        return isBroken == 0;
    }

    private static int RowsFor(in TileShape shape, int columns)
    {
        int threads = WorkerPool.Threads, most = threads == 1 ? shape.AllRows : Partition.Parts(shape.AllRows, 3 * threads);
        return Math.Max(1, Math.Min(most, WantedTiles / columns));
    }

    public readonly void Invoke(int chunk) => Widest.Invoke<T, Chunk>(new(this, chunk * rows));

    private readonly struct Chunk(TileConvolution<T> work, int first) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (shape, order) = (work.shape, work.order);
            int count = Math.Min(work.rows, shape.AllRows - first), tiles = count * work.columns, filters = shape.Whole.Filters;
            int group = TileProducts<S, V, T>.Groups * S.Count, block = TileFilters<T>.Block;
            var values = new TileValues<T>(shape, order, count, work.columns, group);
            values.Fill(work.input, work.strides, first, count);

            bool stream = RowScale.Streams(
                work.output, (long)shape.Whole.Batch * filters * shape.Whole.Output.Height, shape.Whole.Output.Width, work.isCold);
            var results = new TileResults<T>(shape, work.columns, first, tiles, group, S.Count, work.output, stream);
            T* half = TileProducts<S, V, T>.Rent();
            V broken = S.Create(T.Zero);
            for (int tile = 0; tile < tiles; tile += group)
                for (int filter = 0; filter < filters; filter += block)
                {
                    TileProducts<S, V, T>.Multiply(values, tile, work.filters + (nint)filter * order.Count, order, half, results, filter);
                    for (int f = 0; f < Math.Min(block, filters - filter); f++)
                        for (int at = tile; at < tile + group; at += S.Count)
                            results.Finish<S, V>(half + TileProducts<S, V, T>.Place(f, at - tile), at, filter + f, ref broken);
                }
            if (!double.IsFinite(Total<S, V, T>.Of(broken)))
                *work.isBroken = 1;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Convolutions by filters of three to seven rows, or of that many to a phase of the stride, with about half of the multiplications or less:
/// rows of pixels and of filters become values at eight points, where what is left is a convolution along the width.
/// </summary>
/// <remarks>
/// Every result is computed in one way wherever the work is cut. A number that is not finite spreads through its tile: where one
/// comes out, the convolution is computed again tap by tap.
/// </remarks>
internal unsafe struct ColumnConvolution<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    /// <summary>So many pixels fill the tiles of a product; the products of so many filters with them stay in a core's outer cache.</summary>
    private const int WantedPixels = 224;
    private const int LargestProducts = 1 << 17;

    private ColumnShape shape;
    private T* input;
    private ImageStrides strides;
    private ColumnFilters<T> filters;
    private T* output;
    private int* taps;
    private int rows;
    private int* isBroken;
    private bool isCold;

    /// <summary>Computes a convolution if it is of the right kind and its results are finite. Output and weight are contiguous.</summary>
    public static bool TryForward(in ConvolutionShape given, T* input, ImageStrides strides, T* weight, T* output, bool isCold)
    {
        if (!ColumnShape.Takes<T>(given, out var shape))
            return false;
        int isBroken = 0, rows = shape.RowsFor(WantedPixels);
        var action = new ColumnConvolution<T>
        {
            shape = shape,
            input = input,
            strides = strides,
            filters = ColumnFilters<T>.Of(shape, weight),
            output = output,
            taps = ColumnValues<T>.Taps(shape, rows),
            rows = rows,
            isBroken = &isBroken,
            isCold = isCold,
        };
        WorkerPool.Run(Partition.Parts(shape.AllRows, rows), action);
        return isBroken == 0;
    }

    public readonly void Invoke(int chunk)
    {
        var whole = shape.Whole;
        int lanes = KernelSet<T>.Best.Lanes, first = chunk * rows, count = Math.Min(rows, shape.AllRows - first);
        var values = ColumnValues<T>.Of(shape, rows, input, strides, first, count);
        nint pitch = ColumnValues<T>.Pitch(count, whole.Output.Width);
        int most = Math.Max(KernelSet<T>.Best.Rows, (int)(LargestProducts / (ColumnShape.Points * pitch)));
        int block = Partition.Even(whole.Filters, most, 1);
        T* products = ThreadScratch.Rent<T>(ScratchUse.Product, ColumnShape.Points * (block * pitch + lanes));
        for (int filter = 0; filter < whole.Filters; filter += block)
        {
            int height = Math.Min(block, whole.Filters - filter);
            nint plane = height * pitch + lanes;
            for (int point = 0; point < ColumnShape.Points; point++)
                values.Multiply(
                    point, new(filters.At(point) + (nint)filter * shape.Depth, shape.Depth, 1), height, shape.DepthAt(point), taps, count,
                    whole.Output.Width, false, products + point * plane, pitch);
            Widest.Invoke<T, Results>(new(this, products, plane, pitch, filter, height, first, count));
        }
    }

    /// <summary>From products at the points to rows of results.</summary>
    private readonly struct Results(
        ColumnConvolution<T> work, T* products, nint plane, nint pitch, int filter, int height, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var whole = work.shape.Whole;
            int width = whole.Output.Width, results = work.shape.Results;
            T* powers = stackalloc T[2 * ColumnShape.Points], end = stackalloc T[S.Count];
            var tiles = new ColumnResults<S, V, T>(results, width, plane, powers);
            nint* places = stackalloc nint[count];
            int* left = stackalloc int[count];
            for (int tile = 0; tile < count; tile++)
            {
                (int image, int row) = Math.DivRem(first + tile, work.shape.TileRows);
                places[tile] = (((nint)image * whole.Filters + filter) * whole.Output.Height + row * results) * width;
                left[tile] = Math.Min(results, whole.Output.Height - row * results);
            }
            long all = (long)whole.Batch * whole.Filters * whole.Output.Count * sizeof(T);
            bool stream = RowScale.IsMuch(all, work.isCold) && width % S.Count == 0 && (nint)work.output % (S.Count * sizeof(T)) == 0;
            V broken = S.Create(T.Zero);
            for (int f = 0; f < height; f++)
                for (int tile = 0; tile < count; tile++)
                {
                    T* to = work.output + places[tile] + (nint)f * whole.Output.Height * width;
                    tiles.Write(products + f * pitch + (nint)tile * width, left[tile], to, width, stream, end, ref broken);
                }
            if (!double.IsFinite(Total<S, V, T>.Of(broken)))
                *work.isBroken = 1;
        }
    }
}

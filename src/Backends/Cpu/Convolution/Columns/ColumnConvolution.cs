using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Convolutions by filters of four and more rows, or of that many to a phase of the stride, with less than half of the multiplications:
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
        int pixels = count * whole.Output.Width;
        // Lines shorter than a vector have zeros behind the last one, as many as such a vector reads.
        bool isShort = whole.Output.Width < lanes;
        nint pitch = Partition.RoundUp(isShort ? pixels + lanes : pixels, lanes);
        int most = Math.Max(KernelSet<T>.Best.Rows, (int)(LargestProducts / (ColumnShape.Points * pitch)));
        int block = Partition.Even(whole.Filters, most, 1);
        T* products = ThreadScratch.Rent<T>(ScratchUse.Product, ColumnShape.Points * (block * pitch + lanes));
        for (int filter = 0; filter < whole.Filters; filter += block)
        {
            int height = Math.Min(block, whole.Filters - filter);
            nint plane = height * pitch + lanes;
            for (int point = 0; point < ColumnShape.Points; point++)
            {
                T* target = products + point * plane;
                Multiply(values, point, filter, height, count, target, pitch);
                for (int row = 0; isShort && row < height; row++)
                    new Span<T>(target + row * pitch + pixels, (int)pitch - pixels).Clear();
            }
            Widest.Invoke<T, Results>(new(this, products, plane, pitch, filter, height, first, count));
        }
    }

    private readonly void Multiply(ColumnValues<T> values, int point, int filter, int height, int count, T* target, nint pitch)
    {
        nint* lines = stackalloc nint[count];
        for (int line = 0; line < count; line++)
            lines[line] = line * values.Line;
        nint run = 0;
        var product = new PixelProduct<T>
        {
            Left = new(filters.At(point) + (nint)filter * shape.Depth, shape.Depth, 1),
            Rows = height,
            Depth = shape.DepthAt(point),
            Taps = taps,
            Image = values.At(point),
            Lines = lines,
            LineLength = shape.Whole.Output.Width,
            LineCount = count,
            Target = target,
            TargetRow = pitch,
            TargetStep = 1,
            Runs = &run,
            RunLength = (int)pitch,
        };
        product.Run();
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
            T* near = stackalloc T[ColumnShape.Points], far = stackalloc T[ColumnShape.Points], end = stackalloc T[S.Count];
            for (int i = 0; i < results; i++)
                (near[i], far[i]) = (T.CreateTruncating(Math.Pow(0.5, i)), T.CreateTruncating(Math.Pow(2, i)));
            long all = (long)whole.Batch * whole.Filters * whole.Output.Count * sizeof(T);
            bool stream = RowScale.IsMuch(all, work.isCold) && width % S.Count == 0 && (nint)work.output % (S.Count * sizeof(T)) == 0;
            nint* places = stackalloc nint[count];
            int* left = stackalloc int[count];
            for (int tile = 0; tile < count; tile++)
            {
                (int image, int row) = Math.DivRem(first + tile, work.shape.TileRows);
                places[tile] = (((nint)image * whole.Filters + filter) * whole.Output.Height + row * results) * width;
                left[tile] = Math.Min(results, whole.Output.Height - row * results);
            }
            V zero = S.Create(T.Zero), broken = zero;
            for (int f = 0; f < height; f++)
                for (int tile = 0; tile < count; tile++)
                {
                    int lines = left[tile];
                    T* from = products + f * pitch + (nint)tile * width;
                    T* to = work.output + places[tile] + (nint)f * whole.Output.Height * width;
                    for (int x = 0; x < width; x += S.Count)
                    {
                        // The last vector overlaps the one before it and computes the same bits again. Of a line shorter than a
                        // vector the rest belongs to the next line, but that of a tile's last line is not this tile's to write.
                        int place = Math.Max(0, Math.Min(x, width - S.Count));
                        T* m = from + place, put = to + place;
                        V m1 = S.Load(m + plane), m2 = S.Load(m + 2 * plane);
                        m += 3 * plane;
                        V m3 = S.Load(m), m4 = S.Load(m + plane), m5 = S.Load(m + 2 * plane), m6 = S.Load(m + 3 * plane), last = S.Load(m + 4 * plane);
                        V even1 = S.Add(m1, m2), odd1 = S.Subtract(m1, m2), evenHalf = S.Add(m3, m4), oddHalf = S.Subtract(m3, m4);
                        V even2 = S.Add(m5, m6), odd2 = S.Subtract(m5, m6);
                        V y = S.Add(S.Add(S.Load(from + place), even1), S.Add(evenHalf, even2));
                        V check = y;
                        for (int i = 1; i < lines; i++)
                        {
                            RowScale.Put<S, V, T>(y, put, stream);
                            put += width;
                            y = i % 2 == 0
                                ? S.MultiplyAdd(S.Create(far[i]), even2, S.MultiplyAdd(S.Create(near[i]), evenHalf, even1))
                                : S.MultiplyAdd(S.Create(far[i]), odd2, S.MultiplyAdd(S.Create(near[i]), oddHalf, odd1));
                            if (i == results - 1)
                                y = S.Add(y, last);
                            check = S.Add(check, y);
                        }
                        if (width >= S.Count)
                            RowScale.Put<S, V, T>(y, put, stream);
                        else
                        {
                            S.Store(y, end);
                            new Span<T>(end, width).CopyTo(new Span<T>(put, width));
                        }
                        // 0 times what is not finite is nan, and stays so.
                        broken = S.MultiplyAdd(check, zero, broken);
                    }
                }
            if (!double.IsFinite(Total<S, V, T>.Of(broken)))
                *work.isBroken = 1;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// The transpose of a convolution by filters of many rows in its filters: rows of pixels and of the output's gradient at eight points, a
/// matrix product over all pixels for each, and back to the rows of filters.
/// </summary>
/// <remarks>
/// Rows of tiles are cut into stretches by the shape alone. Each is summed in order, and then the stretches are, so the result does
/// not depend on the number of threads.
/// </remarks>
internal unsafe struct ColumnWeightGradient<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    private const int Stretches = 4;
    private const int WantedPixels = 224;
    private const int LargestSlopes = 1 << 17;
    private const int LargestRows = 260;

    // Sums at the points that still lie in a core's outer cache, or nearly.
    private const long LargestSums = 1 << 19;

    private ColumnShape shape;
    private T* input, gradient;
    private ImageStrides strides;
    private int* taps;
    private T* sums;
    private nint matrix, pitch;
    private int stretch, rows;

    /// <summary>Computes a weight's gradient if the convolution is of the right kind and the result is finite. Gradient and result are contiguous.</summary>
    public static bool TryRun(in ConvolutionShape given, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (!ColumnShape.Takes<T>(given, out var shape))
            return false;
        nint pitch = Partition.RoundUp(given.Filters, KernelSet<T>.Best.Lanes), matrix = shape.Depth * pitch;
        if (ColumnShape.Points * matrix > LargestSums)
            return false;
        int rows = Math.Max(1, Math.Min(shape.AllRows, WantedPixels / given.Output.Width));
        int stretch = Partition.RoundUp(Partition.Parts(shape.AllRows, Stretches), rows), parts = Partition.Parts(shape.AllRows, stretch);
        T* sums = ThreadScratch.Rent<T>(ScratchUse.Filter, matrix * (parts * ColumnShape.Points) + given.Depth * pitch);
        var action = new ColumnWeightGradient<T>
        {
            shape = shape,
            input = input,
            gradient = gradient,
            strides = strides,
            taps = ColumnValues<T>.Taps(shape, rows),
            sums = sums,
            matrix = matrix,
            pitch = pitch,
            stretch = stretch,
            rows = rows,
        };
        WorkerPool.Run(parts, action);
        T* weights = sums + matrix * parts * ColumnShape.Points;
        Widest.Invoke<T, Finish>(new(action, parts, weights));
        KernelSet<T>.Best.Transpose(given.Depth, given.Filters, weights, pitch, result, given.Depth);
        return Finiteness.Of(result, given.Filters * given.Depth);
    }

    public readonly void Invoke(int chunk)
    {
        var kernels = KernelSet<T>.Best;
        var whole = shape.Whole;
        T* sum = sums + chunk * ColumnShape.Points * matrix;
        int from = chunk * stretch, end = Math.Min(from + stretch, shape.AllRows);
        int most = Math.Max(kernels.Columns, LargestSlopes / (ColumnShape.Points * rows * whole.Output.Width));
        int block = Partition.Even(whole.Filters, most, kernels.Columns);
        nint slopePitch = Partition.RoundUp(Math.Min(block, whole.Filters), kernels.Lanes);
        nint plane = rows * whole.Output.Width * slopePitch + kernels.Lanes;
        for (int first = from; first < end; first += rows)
        {
            int count = Math.Min(rows, end - first), pixels = count * whole.Output.Width;
            var values = ColumnValues<T>.Of(shape, rows, input, strides, first, count);
            for (int filter = 0; filter < whole.Filters; filter += block)
            {
                int filters = Math.Min(block, whole.Filters - filter);
                T* slopes = ThreadScratch.Rent<T>(ScratchUse.Product, ColumnShape.Points * plane);
                Widest.Invoke<T, Slopes>(new(this, slopes, plane, slopePitch, filter, filters, first, count));
                for (int point = 0; point < ColumnShape.Points; point++)
                    Multiply(
                        values, point, count, slopes + point * plane, slopePitch, filters, sum + point * matrix + filter, first > from);
            }
        }
    }

    /// <summary>(tap, pixel) times (pixel, filter) at one point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(
        ColumnValues<T> values, int point, int count, T* slopes, nint slopePitch, int filters, T* sum, bool accumulate)
    {
        var kernels = KernelSet<T>.Best;
        nint* lines = stackalloc nint[count];
        for (int line = 0; line < count; line++)
            lines[line] = line * values.Line;
        int width = shape.Whole.Output.Width, pixels = count * width, depth = shape.DepthAt(point);
        for (int i = 0; i < depth; i += LargestRows)
        {
            int height = Math.Min(LargestRows, depth - i);
            var left = LeftBlock<T>.OfPixels(kernels, height, pixels, taps + i, values.At(point), lines, width, 0);
            int panels = Partition.Parts(height, kernels.Rows);
            for (int j = 0; j < filters; j += kernels.Columns)
            {
                var kernel = kernels.Tiles(filters - j > kernels.Lanes ? 2 : 1);
                for (int panel = 0, row = 0; panel < panels; panel++)
                {
                    int tall = left.Height(panel);
                    T* a = left.Panel(row, tall, out nint aRow, out nint aStep);
                    kernel[tall - 1](pixels, a, aRow, aStep, slopes + j, slopePitch, sum + (i + row) * pitch + j, pitch, accumulate);
                    row += tall;
                }
            }
        }
    }

    /// <summary>Rows of the gradient at the points: [point][row of tiles][pixel][filter].</summary>
    private readonly struct Slopes(
        ColumnWeightGradient<T> work, T* slopes, nint plane, nint pitch, int filter, int filters, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var whole = work.shape.Whole;
            int width = whole.Output.Width, results = work.shape.Results;
            T* band = ThreadScratch.Rent<T>(ScratchUse.Right, results * width * pitch);
            T* near = stackalloc T[ColumnShape.Points], far = stackalloc T[ColumnShape.Points];
            for (int i = 0; i < results; i++)
                (near[i], far[i]) = (T.CreateTruncating(Math.Pow(0.5, i)), T.CreateTruncating(Math.Pow(2, i)));
            V zero = S.Create(T.Zero);
            for (int tile = 0; tile < count; tile++)
            {
                (int image, int row) = Math.DivRem(first + tile, work.shape.TileRows);
                int line = row * results, lines = Math.Min(results, whole.Output.Height - line);
                T* source = work.gradient + (((nint)image * whole.Filters + filter) * whole.Output.Height + line) * width;
                KernelSet<T>.Best.Transpose(filters, lines * width, source, whole.Output.Count, band, pitch);
                for (int x = 0; x < width; x++)
                    for (nint f = 0; f < pitch; f += S.Count)
                    {
                        T* from = band + x * pitch + f, to = slopes + (tile * width + x) * pitch + f;
                        V y = S.Load(from);
                        S.Store(y, to);
                        V even1 = y, evenHalf = y, even2 = y, odd1 = zero, oddHalf = zero, odd2 = zero;
                        for (int i = 1; i < lines; i++)
                        {
                            from += width * pitch;
                            y = S.Load(from);
                            if (i % 2 == 0)
                            {
                                even1 = S.Add(even1, y);
                                evenHalf = S.MultiplyAdd(S.Create(near[i]), y, evenHalf);
                                even2 = S.MultiplyAdd(S.Create(far[i]), y, even2);
                            }
                            else
                            {
                                odd1 = S.Add(odd1, y);
                                oddHalf = S.MultiplyAdd(S.Create(near[i]), y, oddHalf);
                                odd2 = S.MultiplyAdd(S.Create(far[i]), y, odd2);
                            }
                        }
                        to += plane;
                        S.Store(S.Add(even1, odd1), to);
                        S.Store(S.Subtract(even1, odd1), to + plane);
                        S.Store(S.Add(evenHalf, oddHalf), to + 2 * plane);
                        to += 3 * plane;
                        S.Store(S.Subtract(evenHalf, oddHalf), to);
                        S.Store(S.Add(even2, odd2), to + plane);
                        S.Store(S.Subtract(even2, odd2), to + 2 * plane);
                        S.Store(lines == results ? y : zero, to + 3 * plane);
                    }
            }
        }
    }

    /// <summary>Adds the stretches up and turns points into rows of filters: [channel][row][column][filter].</summary>
    private readonly struct Finish(ColumnWeightGradient<T> work, int parts, T* weights) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var shape = work.shape;
            var (whole, kernel) = (shape.Whole, shape.Whole.Kernel);
            V atZero = Of<S, V>(ColumnFilters<T>.AtZero), atOne = Of<S, V>(ColumnFilters<T>.AtOne);
            V atHalf = Of<S, V>(ColumnFilters<T>.AtHalf), atTwo = Of<S, V>(ColumnFilters<T>.AtTwo);
            T* from = work.sums;
            for (int phase = 0; phase < shape.Phases; phase++)
            {
                int taps = shape.TapsOf(phase);
                for (int channel = 0; channel < whole.Channels; channel++)
                    for (int x = 0; x < kernel.Width; x++)
                    {
                        T* to = weights + ((nint)(channel * kernel.Height + phase) * kernel.Width + x) * work.pitch;
                        for (nint f = 0; f < work.pitch; f += S.Count, from += S.Count)
                        {
                            V m1 = Sum<S, V>(from, 1), m2 = Sum<S, V>(from, 2), m3 = Sum<S, V>(from, 3), m4 = Sum<S, V>(from, 4);
                            V m5 = Sum<S, V>(from, 5), m6 = Sum<S, V>(from, 6);
                            V even1 = S.Multiply(atOne, S.Add(m1, m2)), odd1 = S.Multiply(atOne, S.Subtract(m1, m2));
                            V evenHalf = S.Multiply(atHalf, S.Add(m3, m4)), oddHalf = S.Multiply(atHalf, S.Subtract(m3, m4));
                            V even2 = S.Multiply(atTwo, S.Add(m5, m6)), odd2 = S.Multiply(atTwo, S.Subtract(m5, m6));
                            V g = S.MultiplyAdd(atZero, Sum<S, V>(from, 0), S.Add(even1, S.Add(evenHalf, even2)));
                            S.Store(g, to + f);
                            double near = 0.5, far = 2;
                            for (int tap = 1; tap < taps; tap++, near *= 0.5, far *= 2)
                            {
                                g = tap % 2 == 0
                                    ? S.MultiplyAdd(Of<S, V>(far), even2, S.MultiplyAdd(Of<S, V>(near), evenHalf, even1))
                                    : S.MultiplyAdd(Of<S, V>(far), odd2, S.MultiplyAdd(Of<S, V>(near), oddHalf, odd1));
                                if (tap == shape.Taps - 1)
                                    g = S.Add(g, Sum<S, V>(from, 7));
                                S.Store(g, to + (nint)tap * shape.Phases * kernel.Width * work.pitch + f);
                            }
                        }
                    }
            }
        }

        private static V Of<S, V>(double number)
            where S : struct, ISimd<V, T>
            where V : struct =>
            S.Create(T.CreateTruncating(number));

        /// <summary>The stretches' sums at a point, one after the other.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Sum<S, V>(T* place, int point)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            place += point * work.matrix;
            V sum = S.Load(place);
            for (int part = 1; part < parts; part++)
            {
                place += ColumnShape.Points * work.matrix;
                sum = S.Add(sum, S.Load(place));
            }
            return sum;
        }
    }
}

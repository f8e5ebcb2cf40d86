using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// The transpose of a convolution by filters of many rows in its input: rows of the output's gradient at eight points meet, for each
/// residue of the width's stride, filters of all residues of the height's at once.
/// </summary>
/// <remarks>Each result is computed in one way wherever the work is cut; where one is not finite, all are computed again tap by tap.</remarks>
internal unsafe struct ColumnInputGradient<T> : IChunkAction
    where T : unmanaged, INumber<T>
{
    private const int WantedPixels = 112;

    private ConvolutionShape given;
    private Residues height, width;

    /// <summary>The convolution of the gradient that this is: its filters are channels of the input, for each residue of the height's stride.</summary>
    private ColumnShape shape;
    private T* gradient, result;
    private ImageStrides strides;
    private Pass* passes;
    private int rows;
    private int* isBroken;

    /// <summary>One residue of the width's stride: filters at the points, what they read, and how many pixels there are.</summary>
    private struct Pass
    {
        public T* Filters;
        public int* Taps;
        public int Depth, Width;
    }

    /// <summary>Computes an input's gradient if the convolution is of the right kind and the result is finite. Weight and result are contiguous.</summary>
    public static bool TryRun(in ConvolutionShape given, T* weight, T* gradient, ImageStrides strides, T* result)
    {
        var height = new Residues(given.Input.Height, given.Kernel.Height, given.Stride.Height, given.Padding.Height, given.Dilation.Height);
        var width = new Residues(given.Input.Width, given.Kernel.Width, given.Stride.Width, given.Padding.Width, given.Dilation.Width);
        if (!ColumnShape.TakesTransposed<T>(given, height, width, out var shape))
            return false;
        int isBroken = 0;
        Pass* passes = stackalloc Pass[width.Stride];
        var action = new ColumnInputGradient<T>
        {
            given = given,
            height = height,
            width = width,
            shape = shape,
            gradient = gradient,
            result = result,
            strides = strides,
            passes = passes,
            rows = shape.RowsFor(WantedPixels),
            isBroken = &isBroken,
        };
        action.Prepare(weight);
        WorkerPool.Run(Partition.Parts(shape.AllRows, action.rows), action);
        return isBroken == 0;
    }

    private readonly int Rows => shape.Whole.Filters;

    /// <summary>From a point's filters to the next one's: not the same sets of the caches.</summary>
    private readonly nint Plane(int residue) => (nint)Rows * passes[residue].Depth + KernelSet<T>.Best.Lanes;

    /// <summary>Filters at the points, [row][filter][tap], and where their taps lie, for every residue of the width.</summary>
    private readonly void Prepare(T* weight)
    {
        int all = given.Filters * given.Kernel.Width;
        T* filters = ThreadScratch.Rent<T>(ScratchUse.Filter, ColumnShape.Points * ((nint)Rows * all + width.Stride * KernelSet<T>.Best.Lanes));
        int* taps = ThreadScratch.Rent<int>(ScratchUse.Offsets, all);
        nint channel = rows * ColumnValues<T>.LineOf(shape);
        for (int residue = 0; residue < width.Stride; residue++)
        {
            int depth = given.Filters * width.Taps(residue);
            passes[residue] = new Pass { Filters = filters, Taps = taps, Depth = depth, Width = width.Count(residue) };
            for (int filter = 0; filter < given.Filters; filter++)
                for (int x = 0; x < given.Kernel.Width; x++)
                    if (width.Reaches(residue, x, out int shift))
                        *taps++ = checked((int)(filter * channel + shift + width.Before));
            filters += ColumnShape.Points * Plane(residue);
        }
        Widest.Invoke<T, Filling>(new(this, weight));
    }

    private readonly struct Filling(ColumnInputGradient<T> work, T* weight) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            Ranges.Run(work.Rows, ColumnShape.Points * work.given.Filters * work.given.Kernel.Width, new Filters<S, V>(this));

        private readonly struct Filters<S, V>(Filling filling) : IRangeAction
            where S : struct, ISimd<V, T>
            where V : struct
        {
            public void Invoke(long start, long end) => filling.Run<S, V>((int)start, (int)end);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Run<S, V>(int start, int end)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (given, kernel, height) = (work.given, work.given.Kernel, work.height);
            nint step = -(nint)given.Stride.Height * kernel.Width, room = Partition.RoundUp(kernel.Width, S.Count);
            T* readable = weight + (nint)given.Filters * given.Depth;
            T* apart = stackalloc T[ColumnShape.Points * (int)room];
            int* residues = stackalloc int[kernel.Width];
            for (int x = 0; x < kernel.Width; x++)
                for (int residue = 0; residue < given.Stride.Width; residue++)
                    if (work.width.Reaches(residue, x, out _))
                        residues[x] = residue;
            T** to = stackalloc T*[given.Stride.Width];
            for (int row = start; row < end; row++)
            {
                (int place, int channel) = Math.DivRem(row, given.Channels);
                // Taps of a residue follow one another upwards in the gradient and downwards in the filter.
                int last = kernel.Height - 1;
                while (!height.Reaches(place, last, out _))
                    last--;
                height.Reaches(place, last, out int shift);
                int first = shift + height.Before, taps = height.Taps(place);
                for (int residue = 0; residue < given.Stride.Width; residue++)
                    to[residue] = work.passes[residue].Filters + (nint)row * work.passes[residue].Depth;
                for (int filter = 0; filter < given.Filters; filter++)
                {
                    T* from = weight + (((nint)filter * given.Channels + channel) * kernel.Height + last) * kernel.Width;
                    if (given.Stride.Width == 1)
                    {
                        T* behind = work.passes[0].Filters + (row + 1) * (nint)work.passes[0].Depth;
                        ColumnFilters<T>.Transform<S, V>(
                            from, step, kernel.Width, first, taps, work.shape.Taps, to[0], work.Plane(0), readable, behind);
                        to[0] += kernel.Width;
                        continue;
                    }
                    ColumnFilters<T>.Transform<S, V>(
                        from, step, kernel.Width, first, taps, work.shape.Taps, apart, room, readable, apart + room);
                    for (int x = 0; x < kernel.Width; x++)
                    {
                        int residue = residues[x];
                        T* put = to[residue]++;
                        nint plane = work.Plane(residue);
                        for (int point = 0; point < ColumnShape.Points; point++, put += plane)
                            *put = apart[point * room + x];
                    }
                }
            }
        }
    }

    public readonly void Invoke(int chunk)
    {
        int lanes = KernelSet<T>.Best.Lanes, first = chunk * rows, count = Math.Min(rows, shape.AllRows - first);
        var values = ColumnValues<T>.Of(shape, rows, gradient, strides, first, count);
        // The last residue has the shortest lines.
        nint pitch = Math.Max(ColumnValues<T>.Pitch(count, width.Count(0)), ColumnValues<T>.Pitch(count, width.Count(width.Stride - 1)));
        nint plane = Rows * pitch + lanes;
        T* products = ThreadScratch.Rent<T>(ScratchUse.Points, width.Stride * ColumnShape.Points * plane);
        for (int residue = 0; residue < width.Stride; residue++)
        {
            var pass = passes[residue];
            for (int point = 0; point < ColumnShape.Points; point++)
                values.Multiply(
                    point, new(pass.Filters + point * Plane(residue), pass.Depth, 1), Rows, pass.Depth, pass.Taps, count,
                    pass.Width, Rows <= NarrowProduct<T>.LargestRows, products + (residue * ColumnShape.Points + point) * plane, pitch);
        }
        Widest.Invoke<T, Results>(new(this, products, plane, pitch, first, count));
    }

    /// <summary>From products at the points to rows of results, in which the residues of the width take turns.</summary>
    private readonly struct Results(
        ColumnInputGradient<T> work, T* products, nint plane, nint pitch, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (given, input, results) = (work.given, work.given.Input, work.shape.Results);
            int step = given.Stride.Width, lanes = S.Count;
            T* powers = stackalloc T[2 * ColumnShape.Points], end = stackalloc T[lanes];
            nint linePitch = Partition.RoundUp(work.width.Count(0), lanes), between = results * linePitch;
            // A register may write past the end of a short line, but not into a line of another residue of the height.
            bool isDirect = step == 1 && (given.Stride.Height == 1 || work.width.Count(0) >= lanes);
            T* apart = isDirect ? null : ThreadScratch.Rent<T>(ScratchUse.Right, step * between);
            V broken = S.Create(T.Zero);
            for (int row = 0; row < work.Rows; row++)
            {
                (int place, int channel) = Math.DivRem(row, given.Channels);
                for (int tile = 0; tile < count; tile++)
                {
                    (int image, int tileRow) = Math.DivRem(first + tile, work.shape.TileRows);
                    int line = tileRow * results, lines = Math.Min(results, work.height.Count(place) - line);
                    if (lines <= 0)
                        continue;
                    nint at = ((nint)image * given.Channels + channel) * input.Height + place + (nint)line * given.Stride.Height;
                    T* to = work.result + at * input.Width;
                    nint next = (nint)given.Stride.Height * input.Width;
                    for (int residue = 0; residue < step; residue++)
                    {
                        int width = work.passes[residue].Width;
                        var tiles = new ColumnResults<S, V, T>(results, width, plane, powers);
                        T* from = products + residue * ColumnShape.Points * plane + row * pitch + (nint)tile * width;
                        if (isDirect)
                            tiles.Write(from, lines, to, next, false, end, ref broken);
                        else
                            tiles.Write(from, lines, apart + residue * between, linePitch, false, end, ref broken);
                    }
                    for (int i = 0; !isDirect && i < lines; i++)
                        Join(apart + i * linePitch, between, to + i * next);
                }
            }
            if (!double.IsFinite(Total<S, V, T>.Of(broken)))
                *work.isBroken = 1;
        }

        /// <summary>Puts pixels of all residues where they belong.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Join(T* from, nint between, T* to)
        {
            int step = work.given.Stride.Width;
            if (step == 2 && sizeof(T) == sizeof(uint))
                LineJoin.Run((uint*)from, (uint*)(from + between), work.passes[1].Width, work.passes[0].Width, (uint*)to);
            else
                for (int residue = 0; residue < step; residue++, from += between, to++)
                    for (int x = 0; x < work.passes[residue].Width; x++)
                        to[(nint)x * step] = from[x];
        }
    }
}

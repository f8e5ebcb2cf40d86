using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Rows of tiles, numbered through all images, as values at the points: [point][phase][channel][row of tiles][pixel].</summary>
/// <remarks>Lines of pixels lie as in <see cref="PaddedImages"/>: with zeros at both ends, a phase of the width's stride after the other.</remarks>
internal readonly unsafe struct ColumnValues<T>
    where T : unmanaged, INumber<T>
{
    private readonly T* values;
    private readonly nint plane;

    private ColumnValues(in ColumnShape shape, int rows)
    {
        Line = LineOf(shape);
        plane = shape.Phases * shape.Whole.Channels * rows * Line + KernelSet<T>.Best.Lanes;
        values = ThreadScratch.Rent<T>(ScratchUse.Lines, ColumnShape.Points * plane);
    }

    /// <summary>Elements from a line of pixels to the next.</summary>
    public nint Line { get; }

    public T* At(int point) => values + point * plane;

    /// <summary>For every phase, channel and column of a filter: how far from an output's first pixel it reads. Chunks hold so many rows of tiles.</summary>
    public static int* Taps(in ColumnShape shape, int rows)
    {
        var whole = shape.Whole;
        var padded = Padded(shape, rows);
        int* taps = ThreadScratch.Rent<int>(ScratchUse.Offsets, shape.Depth);
        for (int channel = 0, tap = 0; channel < shape.Phases * whole.Channels; channel++)
            for (int x = 0; x < whole.Kernel.Width; x++, tap++)
                taps[tap] = checked((int)(channel * rows * LineOf(shape) + padded.At(0, 0, x * whole.Dilation.Width)));
        return taps;
    }

    /// <summary>The values of <paramref name="count"/> rows of tiles, where a chunk has room for <paramref name="rows"/>.</summary>
    public static ColumnValues<T> Of(in ColumnShape shape, int rows, T* input, ImageStrides strides, int first, int count)
    {
        var result = new ColumnValues<T>(shape, rows);
        var whole = shape.Whole;
        // Lines that need no rearrangement are read where they lie.
        bool inPlace = whole.Stride.Width == 1 && strides.Pixel == 1 && whole.Input.Width >= KernelSet<T>.Best.Lanes
            && whole.Padding.Width + whole.Input.Width <= result.Line;
        for (int done = 0; done < count;)
        {
            (int image, int row) = Math.DivRem(first + done, shape.TileRows);
            int here = Math.Min(count - done, shape.TileRows - row), top = row * shape.Phases * shape.Results - whole.Padding.Height;
            T* source = input + image * strides.Image;
            if (inPlace)
            {
                T* staged = ThreadScratch.Rent<T>(ScratchUse.Image, ColumnShape.Points * whole.Input.Width);
                Widest.Invoke<T, InPlace>(new(shape, source, strides, top, staged, result, rows, done, here));
            }
            else
            {
                var padded = Padded(shape, here);
                T* lines = ThreadScratch.Rent<T>(ScratchUse.Image, padded.Image);
                padded.Fill(1, source, strides, whole.Input, new(0, -top, whole.Padding.Width), lines);
                Widest.Invoke<T, Rearranged>(new(shape, padded, lines, result, rows, done, here));
            }
            done += here;
        }
        return result;
    }

    /// <summary>Where a row of tiles of the chunk has its values for a phase and channel at the first point.</summary>
    private T* Place(int channel, int rows, int row) => values + ((nint)channel * rows + row) * Line;

    /// <summary>
    /// Filters at a point, so many rows of them, times what they read: a matrix (row; row of tiles, pixel) with lines of so many pixels.
    /// Where these are shorter than a register, zeros follow the last one, as many as a register that begins with it reads.
    /// </summary>
    public void Multiply(int point, Strided<T> filters, int height, int depth, int* taps, int count, int width, bool isNarrow, T* target, nint pitch)
    {
        nint* lines = stackalloc nint[count];
        for (int line = 0; line < count; line++)
            lines[line] = line * Line;
        nint run = 0;
        var product = new PixelProduct<T>
        {
            Left = filters,
            Rows = height,
            IsNarrow = isNarrow,
            Depth = depth,
            Taps = taps,
            Image = At(point),
            Lines = lines,
            LineLength = width,
            LineCount = count,
            Target = target,
            TargetRow = pitch,
            TargetStep = 1,
            Runs = &run,
            RunLength = (int)pitch,
        };
        product.Run();
        int pixels = count * width;
        for (int row = 0; row < height && width < KernelSet<T>.Best.Lanes; row++)
            new Span<T>(target + row * pitch + pixels, (int)pitch - pixels).Clear();
    }

    /// <summary>From a row of such a matrix to the next, for lines of so many pixels at most.</summary>
    public static nint Pitch(int count, int width)
    {
        int lanes = KernelSet<T>.Best.Lanes;
        return Partition.RoundUp(width < lanes ? count * width + lanes : count * width, lanes);
    }

    /// <summary>Whole registers, so that no line is written into by the one before it.</summary>
    public static nint LineOf(in ColumnShape shape) => Partition.RoundUp((int)Padded(shape, 1).Line, KernelSet<T>.Best.Lanes);

    /// <summary>The lines of pixels that so many rows of tiles read, for every channel.</summary>
    private static PaddedImages Padded(in ColumnShape shape, int rows)
    {
        var whole = shape.Whole;
        int height = ((rows - 1) * shape.Results + ColumnShape.Points) * shape.Phases;
        int width = (whole.Output.Width - 1) * whole.Stride.Width + (whole.Kernel.Width - 1) * whole.Dilation.Width + 1;
        return new(whole.Channels, new(1, height, width), whole.Stride.Width);
    }

    /// <summary>A register of each of eight lines so far apart as values at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Transform<S, V>(in ColumnTransform<S, V, T> transform, T* from, nint step, T* to)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* low = from + 4 * step, high = to + 4 * plane;
        transform.Input(
            S.Load(from), S.Load(from + step), S.Load(from + 2 * step), S.Load(from + 3 * step),
            S.Load(low), S.Load(low + step), S.Load(low + 2 * step), S.Load(low + 3 * step),
            out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6, out V v7);
        S.Store(v0, to);
        S.Store(v1, to + plane);
        S.Store(v2, to + 2 * plane);
        S.Store(v3, to + 3 * plane);
        S.Store(v4, high);
        S.Store(v5, high + plane);
        S.Store(v6, high + 2 * plane);
        S.Store(v7, high + 3 * plane);
    }

    /// <summary>Lines that were copied with zeros around them.</summary>
    private readonly struct Rearranged(
        ColumnShape shape, PaddedImages padded, T* lines, ColumnValues<T> values, int rows, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new ColumnTransform<S, V, T>();
            int channels = shape.Whole.Channels;
            nint length = padded.Line, step = shape.Phases * length;
            for (int phase = 0; phase < shape.Phases; phase++)
                for (int channel = 0; channel < channels; channel++)
                    for (int tile = 0; tile < count; tile++)
                    {
                        T* from = lines + channel * padded.Channel + padded.At(0, tile * shape.Phases * shape.Results + phase, 0);
                        T* to = values.Place(phase * channels + channel, rows, first + tile);
                        for (nint x = 0; x < length; x += S.Count)
                            values.Transform(transform, from + x, step, to + x);
                    }
        }
    }

    /// <summary>Lines where they lie; the eight of a tile that reaches over an edge are put together in <paramref name="staged"/>.</summary>
    private readonly struct InPlace(
        ColumnShape shape, T* source, ImageStrides strides, int top, T* staged, ColumnValues<T> values, int rows, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new ColumnTransform<S, V, T>();
            var whole = shape.Whole;
            int channels = whole.Channels, width = whole.Input.Width, before = whole.Padding.Width;
            for (int phase = 0; phase < shape.Phases; phase++)
                for (int channel = 0; channel < channels; channel++)
                    for (int tile = 0; tile < count; tile++)
                    {
                        T* to = values.Place(phase * channels + channel, rows, first + tile);
                        T* from = Lines(channel, top + tile * shape.Phases * shape.Results + phase, out nint step);
                        for (nint x = 0; x < before; x += S.Count)
                            Clear<S, V>(to + x);
                        for (nint x = values.Line - S.Count; x + S.Count > before + width; x -= S.Count)
                            Clear<S, V>(to + x);
                        for (int x = 0; x < width; x += S.Count)
                        {
                            int place = Math.Min(x, width - S.Count);
                            // The next channel lies far from this one, where no prefetcher looks.
                            Prefetching.Lines(from + strides.Channel + place, step, ColumnShape.Points);
                            values.Transform(transform, from + place, step, to + before + place);
                        }
                    }
        }

        private void Clear<S, V>(T* to)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            for (int point = 0; point < ColumnShape.Points; point++)
                S.Store(S.Create(T.Zero), to + point * values.plane);
        }

        private T* Lines(int channel, int line, out nint step)
        {
            int height = shape.Whole.Input.Height, width = shape.Whole.Input.Width;
            T* plane = source + channel * strides.Channel;
            step = shape.Phases * strides.Line;
            if (line >= 0 && line + (ColumnShape.Points - 1) * shape.Phases < height)
                return plane + line * strides.Line;
            step = width;
            for (int i = 0; i < ColumnShape.Points; i++, line += shape.Phases)
            {
                var to = new Span<T>(staged + i * width, width);
                if ((uint)line < (uint)height)
                    new Span<T>(plane + line * strides.Line, width).CopyTo(to);
                else
                    to.Clear();
            }
            return staged;
        }
    }
}

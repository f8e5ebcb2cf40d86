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
        int step = shape.Phases * shape.Results;
        for (int done = 0; done < count;)
        {
            (int image, int row) = Math.DivRem(first + done, shape.TileRows);
            int here = Math.Min(count - done, shape.TileRows - row);
            var padded = Padded(shape, here);
            T* lines = ThreadScratch.Rent<T>(ScratchUse.Image, padded.Image);
            var before = new Spatial(0, whole.Padding.Height - row * step, whole.Padding.Width);
            padded.Fill(1, input + image * strides.Image, strides, whole.Input, before, lines);
            Widest.Invoke<T, Transformation>(new(shape, padded, lines, result, rows, done, here));
            done += here;
        }
        return result;
    }

    /// <summary>Whole registers, so that no line is written into by the one before it.</summary>
    private static nint LineOf(in ColumnShape shape) => Partition.RoundUp((int)Padded(shape, 1).Line, KernelSet<T>.Best.Lanes);

    /// <summary>The lines of pixels that so many rows of tiles read, for every channel.</summary>
    private static PaddedImages Padded(in ColumnShape shape, int rows)
    {
        var whole = shape.Whole;
        int height = ((rows - 1) * shape.Results + ColumnShape.Points) * shape.Phases;
        int width = (whole.Output.Width - 1) * whole.Stride.Width + (whole.Kernel.Width - 1) * whole.Dilation.Width + 1;
        return new(whole.Channels, new(1, height, width), whole.Stride.Width);
    }

    private readonly struct Transformation(
        ColumnShape shape, PaddedImages padded, T* lines, ColumnValues<T> values, int rows, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new ColumnTransform<S, V, T>();
            int channels = shape.Whole.Channels;
            nint length = padded.Line, step = shape.Phases * length, plane = values.plane;
            for (int phase = 0; phase < shape.Phases; phase++)
                for (int channel = 0; channel < channels; channel++)
                    for (int tile = 0; tile < count; tile++)
                    {
                        T* from = lines + channel * padded.Channel + padded.At(0, tile * shape.Phases * shape.Results + phase, 0);
                        T* to = values.values + ((nint)(phase * channels + channel) * rows + first + tile) * values.Line;
                        for (nint x = 0; x < length; x += S.Count, from += S.Count, to += S.Count)
                        {
                            T* low = from + 4 * step;
                            transform.Input(
                                S.Load(from), S.Load(from + step), S.Load(from + 2 * step), S.Load(from + 3 * step),
                                S.Load(low), S.Load(low + step), S.Load(low + 2 * step), S.Load(low + 3 * step),
                                out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6, out V v7);
                            S.Store(v0, to);
                            S.Store(v1, to + plane);
                            S.Store(v2, to + 2 * plane);
                            S.Store(v3, to + 3 * plane);
                            T* high = to + 4 * plane;
                            S.Store(v4, high);
                            S.Store(v5, high + plane);
                            S.Store(v6, high + 2 * plane);
                            S.Store(v7, high + 3 * plane);
                        }
                    }
        }
    }
}

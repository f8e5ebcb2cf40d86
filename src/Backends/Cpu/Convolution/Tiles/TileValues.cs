using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Rows of tiles, numbered through all images, as values at the points: [column and row of points][row phase, column phase, channel][tile].
/// </summary>
/// <remarks>
/// Lines of pixels are first cut into as many phases as a tile advances pixels: the neighbours of all tiles of a row then lie side by side,
/// a register of tiles at a time, and both transformations need no more than loads.
/// </remarks>
internal readonly unsafe struct TileValues<T>
    where T : unmanaged, INumber<T>
{
    private const int Points = TileShape.Points;

    private readonly TileShape shape;
    private readonly TileOrder order;
    private readonly int columns, tiles;

    /// <summary>The first value; those of the next phase or channel lie <see cref="Pitch"/> further.</summary>
    public readonly T* Values;
    public readonly nint Pitch;

    /// <summary>Room for so many rows of so many tiles, and for a multiple of <paramref name="multiple"/> tiles.</summary>
    public TileValues(in TileShape shape, in TileOrder order, int rows, int columns, int multiple)
    {
        (this.shape, this.order, this.columns) = (shape, order, columns);
        tiles = Partition.RoundUp(rows * columns, multiple);
        Pitch = tiles + KernelSet<T>.Best.Lanes;
        Values = ThreadScratch.Rent<T>(ScratchUse.Lines, order.Count * Pitch);
    }

    /// <summary>Fills in <paramref name="count"/> rows of tiles, and 0 for tiles behind them.</summary>
    public void Fill(T* input, ImageStrides strides, int first, int count)
    {
        var whole = shape.Whole;
        int step = TileShape.Results * shape.Stride, reach = Points * shape.Stride;
        for (int done = 0; done < count;)
        {
            (int image, int row) = Math.DivRem(first + done, shape.TileRows);
            int here = Math.Min(count - done, shape.TileRows - row);
            int pixels = Partition.RoundUp((columns - 1) * step + reach, step * KernelSet<T>.Best.Lanes);
            var lines = new PaddedImages(whole.Channels, new(1, (here - 1) * step + reach, pixels), step);
            T* images = ThreadScratch.Rent<T>(ScratchUse.Image, lines.Image);
            lines.Fill(
                1, input + image * strides.Image, strides, whole.Input, new(0, whole.Padding.Height - row * step, whole.Padding.Width), images);
            Widest.Invoke<T, Transformation>(new(this, lines, images, done, here));
            done += here;
        }
        for (int tile = count * columns; tile < tiles; tile++)
            for (int value = 0; value < order.Count; value++)
                Values[value * Pitch + tile] = T.Zero;
    }

    /// <summary>Rows of an image's tiles.</summary>
    private readonly struct Transformation(TileValues<T> values, PaddedImages lines, T* images, int first, int count) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var shape = values.shape;
            int stride = shape.Stride, channels = shape.Whole.Channels;
            nint length = lines.Line, next = length + S.Count, step = stride * length;
            T* half = ThreadScratch.Rent<T>(ScratchUse.Points, Points * next + S.Count);
            for (int tile = 0; tile < count; tile++)
            {
                T* target = values.Values + (nint)(first + tile) * values.columns;
                for (int py = 0; py < stride; py++)
                    for (int channel = 0; channel < channels; channel++)
                    {
                        T* from = images + channel * lines.Channel + lines.At(0, tile * TileShape.Results * stride + py, 0);
                        for (nint x = 0; x < length; x += S.Count)
                            Line<S, V>(from + x, step, half + x, next);
                        for (int px = 0; px < stride; px++)
                        {
                            int* places = values.order.Of((py * stride + px) * channels + channel);
                            for (int row = 0; row < Points && places[row] >= 0; row++)
                                Columns<S, V>(half + row * next + lines.At(0, 0, px), lines.At(0, 0, stride), places + row, target);
                        }
                    }
            }
        }

        /// <summary>A register of each of seven lines as values at the points.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Line<S, V>(T* from, nint step, T* to, nint next)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            T* low = from + 4 * step, high = to + 4 * next;
            TileTransform<S, V, T>.Input(
                S.Load(from), S.Load(from + step), S.Load(from + 2 * step), S.Load(from + 3 * step),
                S.Load(low), S.Load(low + step), S.Load(low + 2 * step),
                out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6);
            S.Store(v0, to);
            S.Store(v1, to + next);
            S.Store(v2, to + 2 * next);
            S.Store(v3, to + 3 * next);
            S.Store(v4, high);
            S.Store(v5, high + next);
            S.Store(v6, high + 2 * next);
        }

        /// <summary>
        /// Neighbours of all tiles of a row as values at the points: the first four lie so far apart, and each of the others behind one of them.
        /// What is written behind the last tile is written again later.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Columns<S, V>(T* from, nint step, int* places, T* target)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            const int Next = Points;
            nint pitch = values.Pitch;
            T* t0 = target + places[0] * pitch, t1 = target + places[Next] * pitch, t2 = target + places[2 * Next] * pitch;
            T* t3 = target + places[3 * Next] * pitch, t4 = target + places[4 * Next] * pitch, t5 = target + places[5 * Next] * pitch;
            nint last = places[6 * Next] * pitch;
            for (nint x = 0; x < values.columns; x += S.Count, from += S.Count)
            {
                T* third = from + 2 * step;
                TileTransform<S, V, T>.Input(
                    S.Load(from), S.Load(from + step), S.Load(third), S.Load(third + step),
                    S.Load(from + 1), S.Load(from + step + 1), S.Load(third + 1),
                    out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6);
                S.Store(v0, t0 + x);
                S.Store(v1, t1 + x);
                S.Store(v2, t2 + x);
                S.Store(v3, t3 + x);
                S.Store(v4, t4 + x);
                S.Store(v5, t5 + x);
                if (last >= 0)
                    S.Store(v6, target + last + x);
            }
        }
    }
}

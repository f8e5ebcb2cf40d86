using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Rows of tiles, numbered through all images, as values at the points: [point][tile][channel].</summary>
internal unsafe struct WinogradTiles<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Elements from a tile to the next, and from a point to the next.</summary>
    public nint Pitch, Plane;
    public T* Values;
    public int Count;

    private static KernelSet<T> Kernels => KernelSet<T>.Best;

    /// <summary>Room for so many tiles; planes do not fall on the same cache sets.</summary>
    public static WinogradTiles<T> Rent(ScratchUse use, int count, int channels)
    {
        int lanes = Kernels.Lanes;
        nint pitch = Partition.RoundUp(channels, lanes);
        if (pitch * sizeof(T) % 1024 == 0)
            pitch += lanes;
        nint plane = count * pitch + lanes;
        return new() { Pitch = pitch, Plane = plane, Count = count, Values = ThreadScratch.Rent<T>(use, WinogradShape.Products * plane) };
    }

    /// <summary>The tiles from one on, at all points.</summary>
    public readonly WinogradTiles<T> From(int tile) => this with { Values = Values + tile * Pitch, Count = Count - tile };

    /// <summary>Images of some channels, whose pixels lie side by side, and what lies where relative to a tile.</summary>
    public readonly record struct Images(
        nint Source, nint ImageStep, nint ChannelStep, int Channels, int Height, int Width, int Reach, int PaddingHeight, int PaddingWidth);

    /// <summary>Fills tiles with the rows of tiles from <paramref name="first"/> on: six neighbours along both dimensions, or four cotangents.</summary>
    public readonly void Fill(in Images images, int tileRows, int tileColumns, int first, int rows)
    {
        nint pitch = Partition.RoundUp(images.Channels, Kernels.Lanes);
        int tile = 0;
        while (rows > 0)
        {
            (int image, int row) = Math.DivRem(first, tileRows);
            int count = Math.Min(rows, tileRows - row);
            // Pixels of the lines that these tiles read, each with all its channels side by side.
            int top = row * WinogradShape.Tile - images.PaddingHeight;
            int firstLine = Math.Clamp(top, 0, images.Height);
            int lastLine = Math.Clamp(top + (count - 1) * WinogradShape.Tile + images.Reach, firstLine, images.Height);
            int pixels = (lastLine - firstLine) * images.Width;
            T* band = ThreadScratch.Rent<T>(ScratchUse.Left, Math.Max(1, pixels) * pitch);
            T* source = (T*)images.Source + image * images.ImageStep + (nint)firstLine * images.Width;
            Kernels.Transpose(images.Channels, pixels, source, images.ChannelStep, band, pitch);
            var lines = new WinogradLines<T>(band, pitch, firstLine, lastLine, images, this);
            for (int i = 0; i < count; i++, tile += tileColumns)
                lines.Fill((row + i) * WinogradShape.Tile - images.PaddingHeight, tileColumns, tile);
            first += count;
            rows -= count;
        }
    }
}

/// <summary>Lines of pixels with their channels side by side, on their way into tiles.</summary>
internal readonly unsafe struct WinogradLines<T>(
    T* band, nint pitch, int firstLine, int lastLine, WinogradTiles<T>.Images images, WinogradTiles<T> tiles)
    where T : unmanaged, INumber<T>
{
    /// <summary>A row of tiles, the first of which begins at line <paramref name="top"/>.</summary>
    public void Fill(int top, int columns, int tile) => Widest.Invoke<T, Row>(new(this, top, columns, tile));

    private readonly struct Row(WinogradLines<T> lines, int top, int columns, int tile) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            if (lines.images.Reach == WinogradShape.Reach)
                lines.Inputs<S, V>(top, columns, tile);
            else
                lines.Cotangents<S, V>(top, columns, tile);
        }

        private readonly WinogradLines<T> lines = lines;
    }

    private readonly WinogradTiles<T>.Images images = images;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* Line(int line, T* zeros, nint block, out nint step)
    {
        bool isThere = line >= firstLine && line < lastLine;
        step = isThere ? pitch : 0;
        return isThere ? band + (nint)(line - firstLine) * images.Width * pitch + block : zeros;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Inputs<S, V>(int top, int columns, int tile)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        var transform = new WinogradTransform<S, V, T>();
        int lanes = S.Count, width = columns * WinogradShape.Tile + 2;
        // Columns of pixels at the points: [column][point].
        T* strip = ThreadScratch.Rent<T>(ScratchUse.Lines, (nint)(width + 1) * WinogradShape.Reach * lanes);
        T* zeros = strip + (nint)width * WinogradShape.Reach * lanes;
        V zero = S.Create(T.Zero);
        S.Store(zero, zeros);
        int first = Math.Min(images.PaddingWidth, width), last = Math.Min(images.PaddingWidth + images.Width, width);
        Clear<S, V>(strip, 0, first);
        Clear<S, V>(strip, last, width);
        nint plane = tiles.Plane;
        for (nint block = 0; block < pitch; block += lanes)
        {
            T* l0 = Line(top, zeros, block, out nint s0), l1 = Line(top + 1, zeros, block, out nint s1);
            T* l2 = Line(top + 2, zeros, block, out nint s2), l3 = Line(top + 3, zeros, block, out nint s3);
            T* l4 = Line(top + 4, zeros, block, out nint s4), l5 = Line(top + 5, zeros, block, out nint s5);
            T* to = strip + (nint)first * WinogradShape.Reach * lanes;
            for (int x = first; x < last; x++, to += WinogradShape.Reach * lanes)
            {
                transform.Input(
                    S.Load(l0), S.Load(l1), S.Load(l2), S.Load(l3), S.Load(l4), S.Load(l5),
                    out V v0, out V v1, out V v2, out V v3, out V v4, out V v5);
                S.Store(v0, to);
                S.Store(v1, to + lanes);
                S.Store(v2, to + 2 * lanes);
                S.Store(v3, to + 3 * lanes);
                S.Store(v4, to + 4 * lanes);
                S.Store(v5, to + 5 * lanes);
                l0 += s0;
                l1 += s1;
                l2 += s2;
                l3 += s3;
                l4 += s4;
                l5 += s5;
            }
            T* target = tiles.Values + tile * tiles.Pitch + block;
            T* from = strip;
            nint next = WinogradShape.Reach * lanes;
            for (int column = 0; column < columns; column++, target += tiles.Pitch, from += WinogradShape.Tile * next)
            {
                T* put = target;
                for (int y = 0; y < WinogradShape.Reach; y++)
                {
                    T* row = from + y * lanes;
                    transform.Input(
                        S.Load(row), S.Load(row + next), S.Load(row + 2 * next), S.Load(row + 3 * next), S.Load(row + 4 * next), S.Load(row + 5 * next),
                        out V v0, out V v1, out V v2, out V v3, out V v4, out V v5);
                    S.Store(v0, put);
                    S.Store(v1, put + plane);
                    S.Store(v2, put + 2 * plane);
                    S.Store(v3, put + 3 * plane);
                    S.Store(v4, put + 4 * plane);
                    S.Store(v5, put + 5 * plane);
                    put += WinogradShape.Reach * plane;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Cotangents<S, V>(int top, int columns, int tile)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        var transform = new WinogradTransform<S, V, T>();
        int lanes = S.Count, width = columns * WinogradShape.Tile;
        T* strip = ThreadScratch.Rent<T>(ScratchUse.Lines, (nint)(width + 1) * WinogradShape.Reach * lanes);
        T* zeros = strip + (nint)width * WinogradShape.Reach * lanes;
        S.Store(S.Create(T.Zero), zeros);
        Clear<S, V>(strip, images.Width, width);
        nint plane = tiles.Plane;
        for (nint block = 0; block < pitch; block += lanes)
        {
            T* l0 = Line(top, zeros, block, out nint s0), l1 = Line(top + 1, zeros, block, out nint s1);
            T* l2 = Line(top + 2, zeros, block, out nint s2), l3 = Line(top + 3, zeros, block, out nint s3);
            T* to = strip;
            for (int x = 0; x < images.Width; x++, to += WinogradShape.Reach * lanes)
            {
                V y0 = S.Load(l0), y3 = S.Load(l3);
                transform.Cotangent(y0, S.Load(l1), S.Load(l2), y3, out V m1, out V m2, out V m3, out V m4);
                S.Store(y0, to);
                S.Store(m1, to + lanes);
                S.Store(m2, to + 2 * lanes);
                S.Store(m3, to + 3 * lanes);
                S.Store(m4, to + 4 * lanes);
                S.Store(y3, to + 5 * lanes);
                l0 += s0;
                l1 += s1;
                l2 += s2;
                l3 += s3;
            }
            T* target = tiles.Values + tile * tiles.Pitch + block;
            T* from = strip;
            nint next = WinogradShape.Reach * lanes;
            for (int column = 0; column < columns; column++, target += tiles.Pitch, from += WinogradShape.Tile * next)
            {
                T* put = target;
                for (int y = 0; y < WinogradShape.Reach; y++)
                {
                    T* row = from + y * lanes;
                    V y0 = S.Load(row), y3 = S.Load(row + 3 * next);
                    transform.Cotangent(y0, S.Load(row + next), S.Load(row + 2 * next), y3, out V m1, out V m2, out V m3, out V m4);
                    S.Store(y0, put);
                    S.Store(m1, put + plane);
                    S.Store(m2, put + 2 * plane);
                    S.Store(m3, put + 3 * plane);
                    S.Store(m4, put + 4 * plane);
                    S.Store(y3, put + 5 * plane);
                    put += WinogradShape.Reach * plane;
                }
            }
        }
    }

    private static void Clear<S, V>(T* strip, int first, int last)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        if (last > first)
            new Span<T>(strip + (nint)first * WinogradShape.Reach * S.Count, (last - first) * WinogradShape.Reach * S.Count).Clear();
    }
}

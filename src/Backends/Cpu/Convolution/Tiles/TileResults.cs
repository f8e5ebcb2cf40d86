using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>From products to results of some rows of tiles: a register of tiles becomes four registers of pixels on each of four lines.</summary>
internal readonly unsafe struct TileResults<T>
    where T : unmanaged, INumber<T>
{
    private const int Points = TileShape.Points, Results = TileShape.Results;

    private readonly T* output;
    private readonly nint plane, width;
    private readonly Place* places;
    private readonly bool stream;

    /// <summary>Where a register of pixels belongs: of a filter's image, so many lines of so many pixels.</summary>
    private struct Place
    {
        public nint First;
        public int Lines, Width;
    }

    /// <summary>Of so many tiles from a row of tiles on; those up to a multiple of <paramref name="multiple"/> are none.</summary>
    public TileResults(in TileShape shape, int columns, int first, int tiles, int multiple, int lanes, T* output, bool stream)
    {
        var (whole, size) = (shape.Whole, shape.Whole.Output);
        this.output = output;
        (this.stream, plane, width) = (stream, size.Count, size.Width);
        int pixels = Partition.RoundUp(tiles, multiple) * Results;
        places = ThreadScratch.Rent<Place>(ScratchUse.Offsets, pixels / lanes);
        for (int pixel = 0; pixel < pixels; pixel += lanes)
        {
            (int tileRow, int x) = Math.DivRem(pixel, columns * Results);
            (int image, int row) = Math.DivRem(first + tileRow, shape.TileRows);
            int y = row * Results;
            places[pixel / lanes] = new Place
            {
                First = ((nint)image * whole.Filters * size.Height + y) * width + x,
                Lines = pixel < tiles * Results ? Math.Min(Results, size.Height - y) : 0,
                Width = Math.Clamp(size.Width - x, 0, lanes),
            };
        }
    }

    /// <summary>
    /// Asks for the lines of a filter's results: they are far apart, and written in bursts, which would wait for memory, or for where in
    /// memory they are, each time. Those that are stored around the caches need no more than to be found: a line of the first page and one of the last.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ahead(int tile, int filter, int lanes)
    {
        Place* to = places + tile * Results / lanes;
        T* image = output + filter * plane;
        T* o0 = image + to[0].First, o1 = image + to[1].First, o2 = image + to[2].First, o3 = image + to[3].First;
        if (stream)
            RowScale.Ahead(o0, o3 + 3 * width, true);
        for (int line = 0; line < Results && !stream; line++)
        {
            RowScale.Ahead(o0 + line * width, o1 + line * width, true);
            RowScale.Ahead(o2 + line * width, o3 + line * width, true);
        }
    }

    /// <summary>Results of a register of tiles from their rows of points, [result][point], and in <paramref name="broken"/> a nan where one is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish<S, V>(T* half, int tile, int filter, ref V broken)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int lanes = S.Count;
        nint next = Points * lanes;
        Place* to = places + tile * Results / lanes;
        T* image = output + filter * plane;
        V check = broken;
        bool isWhole = true;
        for (int i = 0; i < Results; i++)
            isWhole &= to[i].Lines == Results && to[i].Width == lanes;
        if (isWhole)
        {
            T* o0 = image + to[0].First, o1 = image + to[1].First, o2 = image + to[2].First, o3 = image + to[3].First;
            Line<S, V>(half, o0, o1, o2, o3, ref check);
            Line<S, V>(half + next, o0 + width, o1 + width, o2 + width, o3 + width, ref check);
            nint down = 2 * width;
            Line<S, V>(half + 2 * next, o0 + down, o1 + down, o2 + down, o3 + down, ref check);
            down += width;
            Line<S, V>(half + 3 * next, o0 + down, o1 + down, o2 + down, o3 + down, ref check);
        }
        else
        {
            T* pixels = stackalloc T[Results * lanes];
            for (int line = 0; line < Results; line++)
            {
                Pixels<S, V>(half + line * next, ref check, out V y0, out V y1, out V y2, out V y3);
                S.Store(y0, pixels);
                S.Store(y1, pixels + lanes);
                S.Store(y2, pixels + 2 * lanes);
                S.Store(y3, pixels + 3 * lanes);
                for (int i = 0; i < Results; i++)
                    if (line < to[i].Lines)
                        new Span<T>(pixels + i * lanes, to[i].Width).CopyTo(new Span<T>(image + to[i].First + line * width, to[i].Width));
            }
        }
        broken = check;
    }

    /// <summary>Four registers of pixels of a line where there is room for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Line<S, V>(T* points, T* o0, T* o1, T* o2, T* o3, ref V check)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        Pixels<S, V>(points, ref check, out V y0, out V y1, out V y2, out V y3);
        if (stream)
        {
            S.Stream(y0, o0);
            S.Stream(y1, o1);
            S.Stream(y2, o2);
            S.Stream(y3, o3);
        }
        else
        {
            S.Store(y0, o0);
            S.Store(y1, o1);
            S.Store(y2, o2);
            S.Store(y3, o3);
        }
    }

    /// <summary>A row of points as pixels side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pixels<S, V>(T* points, ref V check, out V y0, out V y1, out V y2, out V y3)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int lanes = S.Count;
        TileTransform<S, V, T>.Output(
            S.Load(points), S.Load(points + lanes), S.Load(points + 2 * lanes), S.Load(points + 3 * lanes), S.Load(points + 4 * lanes),
            S.Load(points + 5 * lanes), S.Load(points + 6 * lanes), out y0, out y1, out y2, out y3);
        // 0 times what is not finite is nan, and stays so.
        check = S.MultiplyAdd(S.Add(S.Add(y0, y1), S.Add(y2, y3)), S.Create(T.Zero), check);
        S.Interleave(y0, y2, out V low02, out V high02);
        S.Interleave(y1, y3, out V low13, out V high13);
        S.Interleave(low02, low13, out y0, out y1);
        S.Interleave(high02, high13, out y2, out y3);
    }
}

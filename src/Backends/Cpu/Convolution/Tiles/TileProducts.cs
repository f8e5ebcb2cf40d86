using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Filters times tiles at the points, and these as results along the height: of each tile four rows of seven points along the width.</summary>
internal static unsafe class TileProducts<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    private const int Points = TileShape.Points, Results = TileShape.Results, Block = TileFilters<T>.Block;

    /// <summary>Registers of tiles that are multiplied at once: two where there are 32 registers for them.</summary>
    public static int Groups
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => S.Count * sizeof(T) == 64 ? 2 : 1;
    }

    /// <summary>Room for what a block of filters and tiles becomes, and for the products at a column of points.</summary>
    public static T* Rent() => ThreadScratch.Rent<T>(ScratchUse.Product, (Results + 1) * Points * Block * Groups * S.Count);

    /// <summary>Where the results along the height are of a filter of the block and the register that begins with a tile: [result][column of points].</summary>
    public static nint Place(int filter, int tile) => (filter * Groups * S.Count + tile) * Results * Points;

    /// <summary>Multiplies values from a tile on with a block of filters and calls for where the results will be put.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in TileValues<T> values, int tile, T* filter, in TileOrder order, T* half, in TileResults<T> results, int first)
    {
        int lanes = S.Count, items = Block * Groups;
        nint step = items * lanes, next = Points * lanes, pitch = values.Pitch;
        T* value = values.Values + tile, products = half + Results * Points * step;
        for (int column = 0, point = 0; column < Points; column++)
        {
            for (int item = column; item < items; item += Points)
                results.Ahead(tile + item % Groups * lanes, first + item / Groups, lanes);
            T* to = products;
            for (int row = 0; row < Points; row++, point++, to += step)
            {
                V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
                V d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default, d6 = default, d7 = default;
                for (int depth = order.Depth(point); depth > 0; depth--)
                {
                    V x = S.Load(value), y = Groups > 1 ? S.Load(value + lanes) : x;
                    value += pitch;
                    Step(filter[0], x, y, ref c0, ref d0);
                    Step(filter[1], x, y, ref c1, ref d1);
                    Step(filter[2], x, y, ref c2, ref d2);
                    Step(filter[3], x, y, ref c3, ref d3);
                    Step(filter[4], x, y, ref c4, ref d4);
                    Step(filter[5], x, y, ref c5, ref d5);
                    Step(filter[6], x, y, ref c6, ref d6);
                    Step(filter[7], x, y, ref c7, ref d7);
                    filter += Block;
                }
                Store(c0, d0, to);
                Store(c1, d1, to + Groups * lanes);
                Store(c2, d2, to + 2 * Groups * lanes);
                Store(c3, d3, to + 3 * Groups * lanes);
                Store(c4, d4, to + 4 * Groups * lanes);
                Store(c5, d5, to + 5 * Groups * lanes);
                Store(c6, d6, to + 6 * Groups * lanes);
                Store(c7, d7, to + 7 * Groups * lanes);
            }
            T* put = half + column * lanes, from = products;
            for (int item = 0; item < items; item++, from += lanes, put += Results * next)
            {
                TileTransform<S, V, T>.Output(
                    S.Load(from), S.Load(from + step), S.Load(from + 2 * step), S.Load(from + 3 * step), S.Load(from + 4 * step),
                    S.Load(from + 5 * step), S.Load(from + 6 * step), out V y0, out V y1, out V y2, out V y3);
                S.Store(y0, put);
                S.Store(y1, put + next);
                S.Store(y2, put + 2 * next);
                S.Store(y3, put + 3 * next);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T filter, V x, V y, ref V c, ref V d)
    {
        V all = S.Create(filter);
        c = S.MultiplyAdd(all, x, c);
        if (Groups > 1)
            d = S.MultiplyAdd(all, y, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V c, V d, T* to)
    {
        S.Store(c, to);
        if (Groups > 1)
            S.Store(d, to + S.Count);
    }
}

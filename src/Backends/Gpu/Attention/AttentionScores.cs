using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Scores of a tile: a thread's four queries by four keys, scaled and masked.</summary>
internal static class AttentionScores
{
    /// <summary>-infinity where a query may not look. The batch's mask begins at `mask`.</summary>
    public static Tile<TValue> Masked<TStored, TValue, TElement>(
        AttentionShape<TStored> shape, int mask, int query, int key, Tile<TValue> products)
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IRealElement<TStored, TValue> =>
        new(Row<TStored, TValue, TElement>(shape, mask, query, key, products.First),
            Row<TStored, TValue, TElement>(shape, mask, query + 1, key, products.Second),
            Row<TStored, TValue, TElement>(shape, mask, query + 2, key, products.Third),
            Row<TStored, TValue, TElement>(shape, mask, query + 3, key, products.Fourth));

    private static Quad<TValue> Row<TStored, TValue, TElement>(
        AttentionShape<TStored> shape, int mask, int query, int key, Quad<TValue> products)
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IRealElement<TStored, TValue> =>
        new(One<TStored, TValue, TElement>(shape, mask, query, key, products.X),
            One<TStored, TValue, TElement>(shape, mask, query, key + 1, products.Y),
            One<TStored, TValue, TElement>(shape, mask, query, key + 2, products.Z),
            One<TStored, TValue, TElement>(shape, mask, query, key + 3, products.W));

    private static TValue One<TStored, TValue, TElement>(AttentionShape<TStored> shape, int mask, int query, int key, TValue product)
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IRealElement<TStored, TValue>
    {
        if (!shape.Sees(query, key))
            return TElement.Of(double.NegativeInfinity);
        TValue score = product * TElement.Of(shape.Scale);
        if (shape.HasMask != 0)
            score += TElement.Widen(shape.MaskAt(mask, query, key));
        return score;
    }

    /// <summary>Stores a thread's part of a tile [queries, keys] into shared memory with the keys as rows.</summary>
    public static void StoreByKey<TValue>(ArrayView<TValue> tile, Tile<TValue> values)
        where TValue : unmanaged, INumber<TValue>
    {
        ArrayView<Quad<TValue>> quads = tile.Cast<Quad<TValue>>();
        int row = Group.IdxX / 16, key = Group.IdxX % 16 * 4;
        quads[key * (Strips.Pitch / 4) + row] = new(values.First.X, values.Second.X, values.Third.X, values.Fourth.X);
        quads[(key + 1) * (Strips.Pitch / 4) + row] = new(values.First.Y, values.Second.Y, values.Third.Y, values.Fourth.Y);
        quads[(key + 2) * (Strips.Pitch / 4) + row] = new(values.First.Z, values.Second.Z, values.Third.Z, values.Fourth.Z);
        quads[(key + 3) * (Strips.Pitch / 4) + row] = new(values.First.W, values.Second.W, values.Third.W, values.Fourth.W);
    }

    /// <summary>The same with the queries as rows.</summary>
    public static void StoreByQuery<TValue>(ArrayView<TValue> tile, Tile<TValue> values)
        where TValue : unmanaged, INumber<TValue>
    {
        ArrayView<Quad<TValue>> quads = tile.Cast<Quad<TValue>>();
        int query = Group.IdxX / 16 * 4, column = Group.IdxX % 16;
        quads[query * (Strips.Pitch / 4) + column] = values.First;
        quads[(query + 1) * (Strips.Pitch / 4) + column] = values.Second;
        quads[(query + 2) * (Strips.Pitch / 4) + column] = values.Third;
        quads[(query + 3) * (Strips.Pitch / 4) + column] = values.Fourth;
    }
}

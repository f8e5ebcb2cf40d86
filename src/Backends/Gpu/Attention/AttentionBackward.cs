using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Which cotangent of an attention a kernel computes.</summary>
internal static class AttentionSide
{
    public const int Query = 0;
    public const int Key = 1;
    public const int Values = 2;
}

/// <summary>One cotangent of an attention, without its matrix of weights: tiles of that are computed again from each query's statistics.
/// A group works on 64 rows and 64 columns of the result.</summary>
internal struct AttentionBackward<TStored, TValue, TElement> : IKernel<AttentionBackward<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public AttentionShape<TStored> Shape;
    public StridedOperand<TStored, TValue, TElement> Query;
    public StridedOperand<TStored, TValue, TElement> Key;
    public StridedOperand<TStored, TValue, TElement> Values;

    /// <summary>The cotangent of the attention's result.</summary>
    public StridedOperand<TStored, TValue, TElement> Slopes;

    /// <summary>What the tiles are multiplied by, by columns.</summary>
    public StridedOperand<TStored, TValue, TElement> Factors;
    public RowMajorResult<TStored, TValue, TElement> Result;

    /// <summary>As the forward kernel leaves them.</summary>
    public ArrayView<TValue> Statistics;
    public int Measured;

    /// <summary>The inner product of result and cotangent of every query.</summary>
    public ArrayView<TValue> Means;

    /// <summary>One of <see cref="AttentionSide"/>.</summary>
    public int Side;

    public static void Run(AttentionBackward<TStored, TValue, TElement> call)
    {
        AttentionShape<TStored> shape = call.Shape;
        int kind = call.Side;
        ArrayView<TValue> leftStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ArrayView<TValue> rightStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ArrayView<TValue> tile = SharedMemory.Allocate<TValue>(Strips.Side * Strips.Pitch);
        int columnTiles = (call.Result.Columns + Strips.Side - 1) / Strips.Side;
        int rowTiles = kind == AttentionSide.Query ? shape.QueryTiles : shape.KeyTiles;
        int block = Grid.IdxX;
        int column = block % columnTiles * Strips.Side;
        block /= columnTiles;
        int row = block % rowTiles * Strips.Side, batch = block / rowTiles;

        int mask = shape.MaskStart(batch);

        // The other side's tiles; a causal query meets no later key.
        int from = 0, end = kind == AttentionSide.Query ? shape.Keys : shape.Queries;
        if (shape.IsCausal != 0 && kind == AttentionSide.Query)
            end = IntrinsicMath.Min(end, row + Strips.Side);
        if (shape.IsCausal != 0 && kind != AttentionSide.Query)
            from = row;
        Tile<TValue> sums = default;
        for (int other = from; other < end; other += Strips.Side)
        {
            int queryStart = kind == AttentionSide.Query ? row : other, keyStart = kind == AttentionSide.Query ? other : row;
            int queryAt = queryStart + Group.IdxX / 16 * 4, keyAt = keyStart + Group.IdxX % 16 * 4;
            Tile<TValue> scores = AttentionScores.Masked<TStored, TValue, TElement>(
                shape, mask, queryAt, keyAt,
                Strips.Product<TValue, StridedOperand<TStored, TValue, TElement>, int, StridedOperand<TStored, TValue, TElement>, int>(
                    call.Query, call.Key, batch, queryStart, keyStart, 0, shape.Width, false, false, leftStrip, rightStrip));
            Tile<TValue> along = default;
            if (kind != AttentionSide.Values)
            {
                along = Strips.Product<TValue, StridedOperand<TStored, TValue, TElement>, int, StridedOperand<TStored, TValue, TElement>, int>(
                    call.Slopes, call.Values, batch, queryStart, keyStart, 0, call.Slopes.Depth, false, false, leftStrip, rightStrip);
            }
            Tile<TValue> terms = new(
                call.Terms(batch, queryAt, scores.First, along.First),
                call.Terms(batch, queryAt + 1, scores.Second, along.Second),
                call.Terms(batch, queryAt + 2, scores.Third, along.Third),
                call.Terms(batch, queryAt + 3, scores.Fourth, along.Fourth));
            if (kind == AttentionSide.Query)
                AttentionScores.StoreByKey(tile, terms);
            else
                AttentionScores.StoreByQuery(tile, terms);
            Group.Barrier();
            sums = Strips.Weighted(sums, tile, call.Factors, batch, column, other, rightStrip);
        }
        Strips.Store(call.Result, batch, row, column, kind == AttentionSide.Query ? shape.Queries : shape.Keys, call.Result.Columns, sums);
    }

    /// <summary>A query's weights of four keys, or the cotangents of their scores.</summary>
    private readonly Quad<TValue> Terms(int batch, int query, Quad<TValue> scores, Quad<TValue> along)
    {
        if (query >= Shape.Queries)
            return default;
        long row = (long)batch * Shape.Queries + query;
        TValue shift = Statistics[row], total = Statistics[Measured + row];
        Quad<TValue> weights = new(
            TElement.Exp(scores.X - shift) / total,
            TElement.Exp(scores.Y - shift) / total,
            TElement.Exp(scores.Z - shift) / total,
            TElement.Exp(scores.W - shift) / total);
        if (Side == AttentionSide.Values)
            return weights;
        TValue mean = Means[row], scale = TElement.Of(Shape.Scale);
        return new(
            scale * weights.X * (along.X - mean),
            scale * weights.Y * (along.Y - mean),
            scale * weights.Z * (along.Z - mean),
            scale * weights.W * (along.W - mean));
    }
}

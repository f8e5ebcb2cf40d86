using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Attention of 64 queries to blocks of 64 keys with a running maximum (Dao et al. 2022): scores never leave the group. A group
/// works on 64 queries and 64 columns of the result.</summary>
internal struct AttentionForward<TStored, TValue, TElement> : IKernel<AttentionForward<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public AttentionShape<TStored> Shape;
    public StridedOperand<TStored, TValue, TElement> Query;
    public StridedOperand<TStored, TValue, TElement> Key;

    /// <summary>By columns.</summary>
    public StridedOperand<TStored, TValue, TElement> Values;

    /// <summary>Without columns only statistics are computed.</summary>
    public RowMajorResult<TStored, TValue, TElement> Result;

    /// <summary>Each query's largest score, and behind all of them each query's sum of exponentials.</summary>
    public ArrayView<TValue> Statistics;

    /// <summary>How many queries the statistics are for; 0 for none.</summary>
    public int Measured;

    public static void Run(AttentionForward<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> leftStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ArrayView<TValue> rightStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ArrayView<TValue> weights = SharedMemory.Allocate<TValue>(Strips.Side * Strips.Pitch);
        ArrayView<TValue> parts = SharedMemory.Allocate<TValue>(4 * Strips.Side);
        ArrayView<TValue> factors = SharedMemory.Allocate<TValue>(Strips.Side);
        ArrayView<Quad<TValue>> factorQuads = factors.Cast<Quad<TValue>>();

        int columnTiles = IntrinsicMath.Max(1, (call.Result.Columns + Strips.Side - 1) / Strips.Side);
        int block = Grid.IdxX;
        int column = block % columnTiles * Strips.Side;
        block /= columnTiles;
        int start = block % call.Shape.QueryTiles * Strips.Side, batch = block / call.Shape.QueryTiles;
        int mask = call.Shape.MaskStart(batch);
        int thread = Group.IdxX, mine = thread % Strips.Side, part = thread / Strips.Side * (Strips.Side / 4);
        int end = call.Shape.IsCausal != 0 ? IntrinsicMath.Min(call.Shape.Keys, start + Strips.Side) : call.Shape.Keys;

        // Every thread of a query's four keeps the same maximum and sum.
        TValue top = TElement.Of(double.NegativeInfinity), total = default, shift = default;
        Tile<TValue> sums = default;
        for (int first = 0; first < end; first += Strips.Side)
        {
            Tile<TValue> products = Strips.Product<TValue, StridedOperand<TStored, TValue, TElement>, int, StridedOperand<TStored, TValue, TElement>, int>(
                call.Query, call.Key, batch, start, first, 0, call.Shape.Width, false, false, leftStrip, rightStrip);
            AttentionScores.StoreByKey(weights, AttentionScores.Masked<TStored, TValue, TElement>(
                call.Shape, mask, start + thread / 16 * 4, first + thread % 16 * 4, products));
            Group.Barrier();
            TValue best = top;
            for (int k = 0; k < Strips.Side / 4; k++)
            {
                TValue score = weights[(part + k) * Strips.Pitch + mine];
                if (score > best)
                    best = score;
            }
            parts[thread] = best;
            Group.Barrier();
            for (int other = 0; other < 4; other++)
            {
                TValue theirs = parts[other * Strips.Side + mine];
                if (theirs > best)
                    best = theirs;
            }
            // Where nothing has been seen yet any shift will do: all weights are zero.
            shift = best == TElement.Of(double.NegativeInfinity) ? default : best;
            TValue factor = TElement.Exp(top - shift);
            top = best;
            Group.Barrier();
            TValue sum = default;
            for (int k = 0; k < Strips.Side / 4; k++)
            {
                TValue weight = TElement.Exp(weights[(part + k) * Strips.Pitch + mine] - shift);
                weights[(part + k) * Strips.Pitch + mine] = weight;
                sum += weight;
            }
            parts[thread] = sum;
            factors[mine] = factor;
            Group.Barrier();
            total = total * factor + (parts[mine] + parts[Strips.Side + mine]) + (parts[2 * Strips.Side + mine] + parts[3 * Strips.Side + mine]);
            if (call.Result.Columns > 0)
            {
                sums = sums.Times(factorQuads[thread / 16]);
                sums = Strips.Weighted(sums, weights, call.Values, batch, column, first, rightStrip);
            }
            Group.Barrier();
        }
        factors[mine] = TElement.Of(1) / total;
        Group.Barrier();
        if (call.Measured > 0 && column == 0 && thread < Strips.Side && start + mine < call.Shape.Queries)
        {
            long row = (long)batch * call.Shape.Queries + start + mine;
            call.Statistics[row] = shift;
            call.Statistics[call.Measured + row] = total;
        }
        Strips.Store(call.Result, batch, start, column, call.Shape.Queries, call.Result.Columns, sums.Times(factorQuads[thread / 16]));
    }
}

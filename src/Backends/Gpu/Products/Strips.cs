using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>What every product in tiles of 64 by 64 does: a group of 256 threads brings strips of both sides into shared memory,
/// each thread keeps four by four sums in registers.</summary>
internal static class Strips
{
    public const int Side = 64;
    public const int Threads = 256;
    public const int Depth = 8;

    /// <summary>Elements from one depth of a strip to the next: the padding keeps stores along the depth apart, and quads aligned.</summary>
    public const int Pitch = Side + 4;

    public const int Size = Depth * Pitch;

    /// <summary>The calling thread's part of a tile of left times right, from depth `start` to `end`. Barriers stand before and behind
    /// every use of the strips; every thread of the group must come along.</summary>
    public static Tile<TValue> Product<TValue, TLeft, TLeftLine, TRight, TRightLine>(
        TLeft left, TRight right, int batch, int leftStart, int rightStart, int start, int end,
        bool leftAlongLines, bool rightAlongLines, ArrayView<TValue> leftStrip, ArrayView<TValue> rightStrip)
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TLeft : struct, IOperand<TValue, TLeftLine>
        where TLeftLine : unmanaged
        where TRight : struct, IOperand<TValue, TRightLine>
        where TRightLine : unmanaged
    {
        ArrayView<Quad<TValue>> leftQuads = leftStrip.Cast<Quad<TValue>>();
        ArrayView<Quad<TValue>> rightQuads = rightStrip.Cast<Quad<TValue>>();
        // Which two elements of a strip a thread fetches: one line at two depths, or one depth of two lines.
        int thread = Group.IdxX;
        int leftLine = leftAlongLines ? thread % Side : thread / Depth, leftDepth = leftAlongLines ? thread / Side : thread % Depth;
        int rightLine = rightAlongLines ? thread % Side : thread / Depth, rightDepth = rightAlongLines ? thread / Side : thread % Depth;
        int leftStep = leftAlongLines ? Depth / 2 : 0, rightStep = rightAlongLines ? Depth / 2 : 0;
        TLeftLine left0 = left.Line(batch, leftStart + leftLine);
        TLeftLine left1 = left.Line(batch, leftStart + (leftAlongLines ? leftLine : leftLine + Side / 2));
        TRightLine right0 = right.Line(batch, rightStart + rightLine);
        TRightLine right1 = right.Line(batch, rightStart + (rightAlongLines ? rightLine : rightLine + Side / 2));
        int leftPlace = leftDepth * Pitch + leftLine, leftHop = leftAlongLines ? Depth / 2 * Pitch : Side / 2;
        int rightPlace = rightDepth * Pitch + rightLine, rightHop = rightAlongLines ? Depth / 2 * Pitch : Side / 2;

        Tile<TValue> sums = default;
        for (int strip = start; strip < end; strip += Depth)
        {
            leftStrip[leftPlace] = Fetch<TValue, TLeft, TLeftLine>(left, left0, strip + leftDepth, end);
            leftStrip[leftPlace + leftHop] = Fetch<TValue, TLeft, TLeftLine>(left, left1, strip + leftDepth + leftStep, end);
            rightStrip[rightPlace] = Fetch<TValue, TRight, TRightLine>(right, right0, strip + rightDepth, end);
            rightStrip[rightPlace + rightHop] = Fetch<TValue, TRight, TRightLine>(right, right1, strip + rightDepth + rightStep, end);
            Group.Barrier();
            for (int k = 0; k < Depth; k++)
                sums = sums.Plus(leftQuads[k * (Pitch / 4) + thread / 16], rightQuads[k * (Pitch / 4) + thread % 16]);
            Group.Barrier();
        }
        return sums;
    }

    /// <summary>Adds to `sums` the product of 64 depths of a whole tile in shared memory, [64 depths, 64 lines], and the right side from depth
    /// `start` on; the right side is fetched along its lines.</summary>
    public static Tile<TValue> Weighted<TValue, TRight>(
        Tile<TValue> sums, ArrayView<TValue> weights, TRight right, int batch, int rightStart, int start, ArrayView<TValue> rightStrip)
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TRight : struct, IOperand<TValue, int>
    {
        ArrayView<Quad<TValue>> leftQuads = weights.Cast<Quad<TValue>>();
        ArrayView<Quad<TValue>> rightQuads = rightStrip.Cast<Quad<TValue>>();
        int thread = Group.IdxX;
        int line = right.Line(batch, rightStart + thread % Side);
        int depth = thread / Side, place = depth * Pitch + thread % Side;
        for (int strip = 0; strip < Side; strip += Depth)
        {
            rightStrip[place] = right.At(line, start + strip + depth);
            rightStrip[place + Depth / 2 * Pitch] = right.At(line, start + strip + depth + Depth / 2);
            Group.Barrier();
            for (int k = 0; k < Depth; k++)
                sums = sums.Plus(leftQuads[(strip + k) * (Pitch / 4) + thread / 16], rightQuads[k * (Pitch / 4) + thread % 16]);
            Group.Barrier();
        }
        return sums;
    }

    /// <summary>Stores the calling thread's part of a tile, as far as it lies inside.</summary>
    public static void Store<TValue, TResult>(TResult result, int batch, int rowStart, int columnStart, int rows, int columns, Tile<TValue> sums)
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TResult : struct, IProductResult<TValue>
    {
        int row = rowStart + Group.IdxX / 16 * 4, column = columnStart + Group.IdxX % 16 * 4;
        StoreRow(result, batch, row, column, rows, columns, sums.First);
        StoreRow(result, batch, row + 1, column, rows, columns, sums.Second);
        StoreRow(result, batch, row + 2, column, rows, columns, sums.Third);
        StoreRow(result, batch, row + 3, column, rows, columns, sums.Fourth);
    }

    private static TValue Fetch<TValue, TOperand, TLine>(TOperand operand, TLine line, int depth, int end)
        where TValue : unmanaged
        where TOperand : struct, IOperand<TValue, TLine>
        where TLine : unmanaged =>
        depth < end ? operand.At(line, depth) : default;

    private static void StoreRow<TValue, TResult>(TResult result, int batch, int row, int column, int rows, int columns, Quad<TValue> values)
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TResult : struct, IProductResult<TValue>
    {
        if (row >= rows)
            return;
        if (column < columns)
            result.Store(batch, row, column, values.X);
        if (column + 1 < columns)
            result.Store(batch, row, column + 1, values.Y);
        if (column + 2 < columns)
            result.Store(batch, row, column + 2, values.Z);
        if (column + 3 < columns)
            result.Store(batch, row, column + 3, values.W);
    }
}

using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Sizes of a batch of products, and how either side is fetched so that neighbouring threads read neighbouring memory.
/// The depth may be cut into splits of `Chunk`: products of their own, numbered fastest.</summary>
internal struct ProductShape
{
    public int Rows;
    public int Columns;
    public int Depth;
    public int Splits;
    public int Chunk;
    public int IsLeftAlongLines;
    public int IsRightAlongLines;

    public readonly int RowTiles => (Rows + Strips.Side - 1) / Strips.Side;

    public readonly int ColumnTiles => (Columns + Strips.Side - 1) / Strips.Side;
}

/// <summary>A batch of products of any two sides, a group for every tile of 64 by 64.</summary>
internal struct TiledProduct<TValue, TLeft, TLeftLine, TRight, TRightLine, TResult>
    : IKernel<TiledProduct<TValue, TLeft, TLeftLine, TRight, TRightLine, TResult>>
    where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
    where TLeft : struct, IOperand<TValue, TLeftLine>
    where TLeftLine : unmanaged
    where TRight : struct, IOperand<TValue, TRightLine>
    where TRightLine : unmanaged
    where TResult : struct, IProductResult<TValue>
{
    public TLeft Left;
    public TRight Right;
    public TResult Result;
    public ProductShape Shape;

    public static void Run(TiledProduct<TValue, TLeft, TLeftLine, TRight, TRightLine, TResult> call)
    {
        ArrayView<TValue> leftStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ArrayView<TValue> rightStrip = SharedMemory.Allocate<TValue>(Strips.Size);
        ProductShape shape = call.Shape;
        int block = Grid.IdxX;
        int column = block % shape.ColumnTiles * Strips.Side;
        block /= shape.ColumnTiles;
        int row = block % shape.RowTiles * Strips.Side;
        int product = block / shape.RowTiles;
        int batch = product / shape.Splits;
        int start = (product - batch * shape.Splits) * shape.Chunk;
        int end = IntrinsicMath.Min(shape.Depth, start + shape.Chunk);
        Tile<TValue> sums = Strips.Product<TValue, TLeft, TLeftLine, TRight, TRightLine>(
            call.Left, call.Right, batch, row, column, start, end,
            shape.IsLeftAlongLines != 0, shape.IsRightAlongLines != 0, leftStrip, rightStrip);
        Strips.Store(call.Result, product, row, column, shape.Rows, shape.Columns, sums);
    }
}

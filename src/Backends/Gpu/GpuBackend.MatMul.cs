using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <summary>Groups that keep a large device busy: with fewer tiles than these the depth of a product is cut.</summary>
    private const int EnoughGroups = 512;

    /// <summary>The least depth that is worth a group of its own.</summary>
    private const int LeastDepth = 256;

    /// <inheritdoc/>
    public Buffer MatMul(View a, View b)
    {
        if (a.Dtype.IsBool)
            throw ElementTypes.Missing("matmul", a.Dtype);
        long length = b.Shape[^1];
        foreach (int size in a.Shape.AsSpan(0, a.Shape.Length - 1))
            length *= size;
        if (length > int.MaxValue)
        {
            throw new ShapeException(
                $"matmul: the product of shapes {ShapeModule.format(a.Shape)} and {ShapeModule.format(b.Shape)} has {length} elements, "
                + "more than a buffer can hold (2147483647)");
        }
        GpuBuffer result = New(a.Dtype, (int)length);
        if (length > 0 && !(a.Shape[^1] > 0 && blas.Value is { } library && TryMultiply(library, a, b, result)))
            ElementTypes.Sum("matmul", a.Dtype, new MatMulWork(this, a, b, result));
        GC.KeepAlive(a.Buffer);
        GC.KeepAlive(b.Buffer);
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>By the library, from copies of operands that lie as it cannot read them.</summary>
    private bool TryMultiply(CuBlas library, View a, View b, GpuBuffer result)
    {
        if (library.TryMultiply(a, b, result))
            return true;
        if (ViewModule.isContiguous(a) && ViewModule.isContiguous(b))
            return false;
        View left = RowMajor(a), right = RowMajor(b);
        bool isDone = library.TryMultiply(left, right, result);
        Finished(result, a, left);
        Finished(result, b, right);
        return isDone;
    }

    /// <summary>A matrix product once its element type is known.</summary>
    private readonly struct MatMulWork(GpuBackend backend, View a, View b, GpuBuffer result) : ISumAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
            where TElement : struct, IElement<TStored, TValue>
        {
            var left = StridedOperand<TStored, TValue, TElement>.Of(backend.Elements<TStored>(a), a, false);
            var right = StridedOperand<TStored, TValue, TElement>.Of(backend.Elements<TStored>(b), b, true);
            backend.Multiply<TStored, TValue, TElement, StridedOperand<TStored, TValue, TElement>, int, StridedOperand<TStored, TValue, TElement>, int>(
                "matmul", left, right, result, left.Lines, right.Lines, left.Depth, left.IsAlongLines, right.IsAlongLines);
        }
    }

    /// <summary>A batch of products into row-major matrices. Where these are few and deep, their depth is cut and the parts are summed.</summary>
    private void Multiply<TStored, TValue, TElement, TLeft, TLeftLine, TRight, TRightLine>(
        string operation, TLeft left, TRight right, GpuBuffer result, int rows, int columns, int depth, bool leftAlongLines, bool rightAlongLines)
        where TStored : unmanaged
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TElement : struct, IElement<TStored, TValue>
        where TLeft : struct, IOperand<TValue, TLeftLine>
        where TLeftLine : unmanaged
        where TRight : struct, IOperand<TValue, TRightLine>
        where TRightLine : unmanaged
    {
        int batch = result.Length / (rows * columns);
        ProductShape shape = Whole(rows, columns, depth, leftAlongLines, rightAlongLines);
        long tiles = (long)shape.RowTiles * shape.ColumnTiles * batch;
        int splits = (int)Math.Min(depth / LeastDepth, EnoughGroups / tiles);
        if (splits < 2 || (long)splits * result.Length > int.MaxValue)
        {
            Launch<TValue, TLeft, TLeftLine, TRight, TRightLine, RowMajorResult<TStored, TValue, TElement>>(
                operation, left, right, new(result.As<TStored>(), rows, columns), shape, batch);
            return;
        }
        shape.Chunk = ((depth + splits - 1) / splits + Strips.Depth - 1) / Strips.Depth * Strips.Depth;
        shape.Splits = splits = (depth + shape.Chunk - 1) / shape.Chunk;
        GpuBuffer parts = New(DtypeModule.compute(result.Dtype), splits * result.Length);
        Launch<TValue, TLeft, TLeftLine, TRight, TRightLine, SplitResult<TValue, TValue, PlainElement<TValue>>>(
            operation, left, right, new(parts.As<TValue>(), batch, splits, rows, columns), shape, batch);
        SumParts<TStored, TValue, TElement>(operation, parts, result, splits);
    }

    /// <summary>Sums what several groups of threads left, each of the result's length, and lets go of it.</summary>
    private void SumParts<TStored, TValue, TElement>(string operation, GpuBuffer parts, GpuBuffer result, int count)
        where TStored : unmanaged
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>
        where TElement : struct, IElement<TStored, TValue>
    {
        Kernels.Launch(operation, result.Length, new SplitSum<TStored, TValue, TElement>
        {
            Parts = parts.As<TValue>(),
            Result = result.As<TStored>(),
            Count = result.Length,
            Splits = count,
        });
        parts.Release();
    }

    private static ProductShape Whole(int rows, int columns, int depth, bool leftAlongLines, bool rightAlongLines) => new()
    {
        Rows = rows,
        Columns = columns,
        Depth = depth,
        Splits = 1,
        Chunk = depth,
        IsLeftAlongLines = leftAlongLines ? 1 : 0,
        IsRightAlongLines = rightAlongLines ? 1 : 0,
    };

    private void Launch<TValue, TLeft, TLeftLine, TRight, TRightLine, TResult>(
        string operation, TLeft left, TRight right, TResult result, ProductShape shape, int batch)
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TLeft : struct, IOperand<TValue, TLeftLine>
        where TLeftLine : unmanaged
        where TRight : struct, IOperand<TValue, TRightLine>
        where TRightLine : unmanaged
        where TResult : struct, IProductResult<TValue>
    {
        int groups = checked(shape.RowTiles * shape.ColumnTiles * batch * shape.Splits);
        Kernels.Launch(
            operation,
            new KernelConfig(groups, Strips.Threads),
            new TiledProduct<TValue, TLeft, TLeftLine, TRight, TRightLine, TResult> { Left = left, Right = right, Result = result, Shape = shape });
    }
}

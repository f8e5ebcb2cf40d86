using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>A row's largest number, and the sum of the exponentials of what its numbers are above it.</summary>
internal readonly struct Exponentials<TValue>(TValue top, TValue total)
    where TValue : unmanaged, INumber<TValue>
{
    public readonly TValue Top = top;
    public readonly TValue Total = total;

    public static Exponentials<TValue> Of<TStored, TElement>(ArrayView<TStored> source, int start, ArrayView<TValue> scratch, RowShape shape)
        where TStored : unmanaged
        where TElement : struct, IRealElement<TStored, TValue>
    {
        int count = shape.Own;
        TValue top = TElement.Of(double.NegativeInfinity);
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue value = TElement.Widen(source[start + i]);
            if (value > top)
                top = value;
        }
        top = RowFold.Maximum(scratch, shape.Lanes, top);
        TValue total = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
            total += TElement.Exp(TElement.Widen(source[start + i]) - top);
        return new(top, RowFold.Sum(scratch, shape.Lanes, total));
    }
}

/// <summary>Softmax, or its logarithm, of row-major rows.</summary>
internal struct SoftmaxKernel<TStored, TValue, TElement> : IKernel<SoftmaxKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TStored> Result;
    public RowShape Shape;
    public int IsLogarithm;

    public static void Run(SoftmaxKernel<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, from = call.Offset + start, count = shape.Own;
        var row = Exponentials<TValue>.Of<TStored, TElement>(call.Source, from, scratch, shape);
        TValue top = row.Top, total = row.Total;
        if (call.IsLogarithm != 0)
        {
            TValue logarithm = TElement.Log(total);
            for (int i = shape.Lane; i < count; i += shape.Lanes)
                call.Result[start + i] = TElement.Narrow(TElement.Widen(call.Source[from + i]) - top - logarithm);
        }
        else
        {
            for (int i = shape.Lane; i < count; i += shape.Lanes)
                call.Result[start + i] = TElement.Narrow(TElement.Exp(TElement.Widen(call.Source[from + i]) - top) / total);
        }
    }
}

/// <summary>The cotangent of softmax's source, or that of its logarithm, from result and cotangent.</summary>
internal struct SoftmaxPullback<TStored, TValue, TElement> : IKernel<SoftmaxPullback<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Point;
    public int PointOffset;
    public ArrayView<TStored> Cotangent;
    public int CotangentOffset;
    public ArrayView<TStored> Result;
    public RowShape Shape;
    public int IsLogarithm;

    public static void Run(SoftmaxPullback<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, count = shape.Own;
        int pointAt = call.PointOffset + start, cotangentAt = call.CotangentOffset + start;
        bool isLogarithm = call.IsLogarithm != 0;
        TValue sum = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue slope = TElement.Widen(call.Cotangent[cotangentAt + i]);
            sum += isLogarithm ? slope : slope * TElement.Widen(call.Point[pointAt + i]);
        }
        sum = RowFold.Sum(scratch, shape.Lanes, sum);
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue slope = TElement.Widen(call.Cotangent[cotangentAt + i]), value = TElement.Widen(call.Point[pointAt + i]);
            call.Result[start + i] = TElement.Narrow(isLogarithm ? slope - TElement.Exp(value) * sum : value * (slope - sum));
        }
    }
}

/// <summary>The inner product of every row of two matrices.</summary>
internal struct RowDot<TStored, TValue, TElement> : IKernel<RowDot<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Left;
    public int LeftOffset;
    public ArrayView<TStored> Right;
    public int RightOffset;
    public ArrayView<TValue> Result;
    public RowShape Shape;

    public static void Run(RowDot<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, count = shape.Own;
        TValue sum = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
            sum += TElement.Widen(call.Left[call.LeftOffset + start + i]) * TElement.Widen(call.Right[call.RightOffset + start + i]);
        sum = RowFold.Sum(scratch, shape.Lanes, sum);
        if (shape.Lane == 0 && shape.Row < shape.Rows)
            call.Result[shape.Row] = sum;
    }
}

using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>The cross entropy of row-major rows of logits with their classes, log(sum(exp(row))) - row[class]; 0 where there is no such class.</summary>
internal struct CrossEntropyKernel<TStored, TValue, TElement> : IKernel<CrossEntropyKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<long> Classes;
    public int ClassesOffset;
    public ArrayView<TStored> Result;
    public RowShape Shape;
    public IndexFault Fault;

    public static void Run(CrossEntropyKernel<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int from = call.Offset + shape.Start, row = shape.Row;
        var all = Exponentials<TValue>.Of<TStored, TElement>(call.Source, from, scratch, shape);
        if (shape.Lane != 0 || row >= shape.Rows)
            return;
        long right = call.Classes[call.ClassesOffset + row];
        call.Result[row] = call.Fault.Refuses(right)
            ? default
            : TElement.Narrow(TElement.Log(all.Total) - (TElement.Widen(call.Source[from + (int)right]) - all.Top));
    }
}

/// <summary>The cotangent of the logits: a row's own times its softmax, of which 1 is taken at the class.</summary>
internal struct CrossEntropyPullback<TStored, TValue, TElement> : IKernel<CrossEntropyPullback<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<long> Classes;
    public int ClassesOffset;
    public ArrayView<TStored> Cotangent;
    public int CotangentOffset;
    public ArrayView<TStored> Result;
    public RowShape Shape;
    public IndexFault Fault;

    public static void Run(CrossEntropyPullback<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, from = call.Offset + start, count = shape.Own, row = shape.Row;
        var all = Exponentials<TValue>.Of<TStored, TElement>(call.Source, from, scratch, shape);
        if (row >= shape.Rows)
            return;
        // A wrong class is told by one of the row's threads, and none of them meets it below.
        long right = call.Classes[call.ClassesOffset + row];
        if (shape.Lane == 0)
            call.Fault.Refuses(right);
        TValue slope = TElement.Widen(call.Cotangent[call.CotangentOffset + row]);
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue share = TElement.Exp(TElement.Widen(call.Source[from + i]) - all.Top) / all.Total;
            call.Result[start + i] = TElement.Narrow(slope * (i == right ? share - TElement.Of(1.0) : share));
        }
    }
}

using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>A sparse matrix along the middle axis of row-major [outer, axis, inner]: a thread for every element of the result.</summary>
internal struct MixKernel<TStored, TValue, TElement> : IKernel<MixKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;

    /// <summary>Where each row's entries begin, then where the last one's end, then the entries' places.</summary>
    public ArrayView<int> Pattern;
    public ArrayView<double> Weights;
    public ArrayView<TStored> Result;
    public int Count;
    public int Rows;
    public int Columns;
    public int Inner;

    public static void Run(MixKernel<TStored, TValue, TElement> call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i >= call.Count)
            return;
        int line = (int)i / call.Inner, within = (int)i - line * call.Inner, outer = line / call.Rows, row = line - outer * call.Rows;
        int from = call.Offset + outer * call.Columns * call.Inner + within;
        TValue sum = default;
        for (int k = call.Pattern[row]; k < call.Pattern[row + 1]; k++)
            sum += TElement.Of(call.Weights[k]) * TElement.Widen(call.Source[from + call.Pattern[call.Rows + 1 + k] * call.Inner]);
        call.Result[i] = TElement.Narrow(sum);
    }
}

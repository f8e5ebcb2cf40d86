using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>The sum of what the splits of a product's depth gave.</summary>
internal struct SplitSum<TStored, TValue, TElement> : IKernel<SplitSum<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TValue> Parts;
    public ArrayView<TStored> Result;
    public int Count;
    public int Splits;

    public static void Run(SplitSum<TStored, TValue, TElement> call)
    {
        long at = Grid.LongGlobalIndex.X;
        if (at >= call.Count)
            return;
        TValue sum = default;
        for (int split = 0; split < call.Splits; split++)
            sum += call.Parts[(long)split * call.Count + at];
        call.Result[at] = TElement.Narrow(sum);
    }
}

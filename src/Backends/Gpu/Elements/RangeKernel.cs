using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>start, start + step, ...: whole numbers exactly, others in double precision and rounded once.</summary>
internal readonly struct RangeKernel<TElement, TStored, T>(ArrayView<TStored> target, int count, Scalar start, Scalar step, bool isWhole)
    : IKernel<RangeKernel<TElement, TStored, T>>
    where TElement : struct, INumberElement<TStored, T>
    where TStored : unmanaged
    where T : unmanaged, INumber<T>
{
    private readonly ArrayView<TStored> target = target;
    private readonly int count = count;
    private readonly int isWhole = isWhole ? 1 : 0;
    private readonly long wholeStart = isWhole ? start.AsInteger : 0L;
    private readonly long wholeStep = isWhole ? step.AsInteger : 0L;
    private readonly double start = start.AsFloat;
    private readonly double step = step.AsFloat;

    public static void Run(RangeKernel<TElement, TStored, T> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= call.count)
            return;
        call.target[i] = call.isWhole != 0
            ? TElement.Narrow(TElement.Of(call.wholeStart + i * call.wholeStep))
            : TElement.Narrow(TElement.Of(call.start + Intrinsics.Multiply((double)i, call.step)));
    }
}

using ILGPU;

namespace Functional.Gpu;

/// <summary>Sixteen bytes that move together.</summary>
internal readonly record struct Wide(ulong Low, ulong High);

/// <summary>Copies one view to another, element by element whatever the elements mean.</summary>
internal readonly struct CopyKernel<T>(ArrayView<T> source, StridedView from, ArrayView<T> target, StridedView to, int count)
    : IKernel<CopyKernel<T>>
    where T : unmanaged
{
    private readonly ArrayView<T> source = source;
    private readonly StridedView from = from;
    private readonly ArrayView<T> target = target;
    private readonly StridedView to = to;
    private readonly int count = count;

    public static void Run(CopyKernel<T> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.target[call.to.At(i)] = call.source[call.from.At(i)];
    }
}

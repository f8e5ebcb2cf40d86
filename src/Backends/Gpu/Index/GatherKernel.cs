using ILGPU;

namespace Functional.Gpu;

/// <summary>Takes from the source, along one axis, what each index names; 0 where it names nothing.</summary>
internal struct GatherKernel<T> : IKernel<GatherKernel<T>>
    where T : unmanaged
{
    public ArrayView<T> Source;

    /// <summary>The source with the index's shape, standing still along the axis.</summary>
    public StridedView From;
    public int AxisStride;
    public ArrayView<long> Index;
    public StridedView At;
    public ArrayView<T> Result;
    public int Count;
    public IndexFault Fault;

    public static void Run(GatherKernel<T> call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i >= call.Count)
            return;
        long index = call.Index[call.At.At((int)i)];
        call.Result[i] = call.Fault.Refuses(index) ? default : call.Source[call.From.At((int)i) + (int)index * call.AxisStride];
    }
}

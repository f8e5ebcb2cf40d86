using ILGPU;

namespace Functional.Gpu;

/// <summary>Takes from the source, along one axis, what each index names.</summary>
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

    public static void Run(GatherKernel<T> call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i < call.Count)
            call.Result[i] = call.Source[call.From.At((int)i) + (int)call.Index[call.At.At((int)i)] * call.AxisStride];
    }
}

using ILGPU;

namespace Functional.Gpu;

/// <summary>Writes one number everywhere.</summary>
internal struct FillKernel : IKernel<FillKernel>
{
    public ArrayView<int> Target;
    public int Count;
    public int Value;

    public static void Run(FillKernel call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i < call.Count)
            call.Target[i] = call.Value;
    }
}

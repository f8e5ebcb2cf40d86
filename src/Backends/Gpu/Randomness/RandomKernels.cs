using Functional.Cpu;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Words as they are.</summary>
internal readonly struct Bits32Kernel(ArrayView<uint> target, int count, ulong key) : IKernel<Bits32Kernel>
{
    private readonly ArrayView<uint> target = target;
    private readonly int count = count;
    private readonly ulong key = key;

    public static void Run(Bits32Kernel call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.target[i] = new Philox(call.key, (uint)(i / 4)).Word(i & 3);
    }
}

/// <summary>Pairs of words.</summary>
internal readonly struct Bits64Kernel(ArrayView<ulong> target, int count, ulong key) : IKernel<Bits64Kernel>
{
    private readonly ArrayView<ulong> target = target;
    private readonly int count = count;
    private readonly ulong key = key;

    public static void Run(Bits64Kernel call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.target[i] = new Philox(call.key, (uint)(i / 2)).Pair(i & 1);
    }
}

/// <summary>[0, 1) in as many leading bits as the dtype holds exactly.</summary>
internal readonly struct UniformKernel<TElement, TStored>(ArrayView<TStored> target, int count, ulong key, int bits)
    : IKernel<UniformKernel<TElement, TStored>>
    where TElement : struct, INumberElement<TStored, float>
    where TStored : unmanaged
{
    private readonly ArrayView<TStored> target = target;
    private readonly int count = count;
    private readonly ulong key = key;
    private readonly int shift = 32 - bits;
    private readonly float step = 1f / (1 << bits);

    public static void Run(UniformKernel<TElement, TStored> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.target[i] = TElement.Narrow((float)(int)(new Philox(call.key, (uint)(i / 4)).Word(i & 3) >> call.shift) * call.step);
    }
}

/// <summary>[0, 1) in steps of 2^-53.</summary>
internal readonly struct UniformDoubleKernel(ArrayView<double> target, int count, ulong key) : IKernel<UniformDoubleKernel>
{
    private readonly ArrayView<double> target = target;
    private readonly int count = count;
    private readonly ulong key = key;

    public static void Run(UniformDoubleKernel call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.target[i] = new Philox(call.key, (uint)(i / 2)).Uniform(i & 1);
    }
}

/// <summary>Standard normal numbers from pairs of uniform float32 (Box and Muller 1958), a pair a thread.</summary>
internal readonly struct NormalKernel<TElement, TStored>(ArrayView<TStored> target, int count, ulong key) : IKernel<NormalKernel<TElement, TStored>>
    where TElement : struct, INumberElement<TStored, float>
    where TStored : unmanaged
{
    private readonly ArrayView<TStored> target = target;
    private readonly int count = count;
    private readonly ulong key = key;

    public static void Run(NormalKernel<TElement, TStored> call)
    {
        int j = Grid.GlobalIndex.X;
        if (2 * j >= call.count)
            return;
        var block = new Philox(call.key, (uint)(j / 2));
        double first = (int)(block.Word(2 * (j & 1)) >> 8) * (1.0 / (1 << 24));
        double second = (int)(block.Word(2 * (j & 1) + 1) >> 8) * (1.0 / (1 << 24));
        double radius = BoxMuller.Radius(first);
        double angle = BoxMuller.Angle(second);
        call.target[2 * j] = TElement.Narrow((float)(radius * Functions.One<Cos>(angle)));
        if (2 * j + 1 < call.count)
            call.target[2 * j + 1] = TElement.Narrow((float)(radius * Functions.One<Sin>(angle)));
    }
}

/// <summary>Standard normal numbers from pairs of uniform float64, a pair and so a block a thread.</summary>
internal readonly struct NormalDoubleKernel(ArrayView<double> target, int count, ulong key) : IKernel<NormalDoubleKernel>
{
    private readonly ArrayView<double> target = target;
    private readonly int count = count;
    private readonly ulong key = key;

    public static void Run(NormalDoubleKernel call)
    {
        int j = Grid.GlobalIndex.X;
        if (2 * j >= call.count)
            return;
        var block = new Philox(call.key, (uint)j);
        double radius = BoxMuller.Radius(block.Uniform(0));
        double angle = BoxMuller.Angle(block.Uniform(1));
        call.target[2 * j] = radius * Functions.One<Cos>(angle);
        if (2 * j + 1 < call.count)
            call.target[2 * j + 1] = radius * Functions.One<Sin>(angle);
    }
}

internal static class BoxMuller
{
    public static double Radius(double uniform) => Intrinsics.Sqrt(-2.0 * Functions.One<Log>(1.0 - uniform));

    public static double Angle(double uniform) => 6.283185307179586 * uniform;
}

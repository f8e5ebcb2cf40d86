using System.Runtime;
using Functional.Cpu;

namespace Functional.Kernels;

/// <summary>What the first call of each kind costs: mostly the compilation of its kernels.</summary>
internal static unsafe class FirstCalls
{
    public static void Run()
    {
        WorkerPool.Threads = 1;
        float* a = Native.Random(1 << 16, 1), b = Native.Random(1 << 16, 2), c = Native.Array<float>(1 << 16);
        Time("the clock", () => { });
        Time("kernel table", () => _ = KernelSet<float>.Best.Lanes);
        Time("matmul 4 x 4 x 4", () => BatchedProduct<float>.Run(4, 4, 4, new(a, 4, 1), new(b, 4, 1), c));
        Time("matmul 128 x 128 x 128", () => BatchedProduct<float>.Run(128, 128, 128, new(a, 128, 1), new(b, 128, 1), c));
        Time("the same, B transposed", () => BatchedProduct<float>.Run(128, 128, 128, new(a, 128, 1), new(b, 1, 128), c));
        Time("the same, A transposed", () => BatchedProduct<float>.Run(128, 128, 128, new(a, 1, 128), new(b, 128, 1), c));
        Time("matmul 128 x 10 x 128", () => BatchedProduct<float>.Run(128, 10, 128, new(a, 128, 1), new(b, 10, 1), c));
        var shape = new ConvolutionShape(1, 1, 16, 1, new(1, 28, 28), new(1, 5, 5), new(1, 24, 24), new(1, 1, 1), default, new(1, 1, 1));
        Time("convolution", () => ForwardConvolution<float>.Run(shape, a, ImageStrides.Contiguous(1, shape.Input), b, c));
        Time("input gradient", () => InputGradient<float>.Run(shape, b, a, ImageStrides.Contiguous(16, shape.Output), c));
        Time("weight gradient", () => WeightGradient<float>.Run(shape, a, ImageStrides.Contiguous(1, shape.Input), b, c));
    }

    private static void Time(string what, Action action)
    {
        long methods = JitInfo.GetCompiledMethodCount();
        double start = Native.Now();
        action();
        double first = (Native.Now() - start) * 1e3;
        methods = JitInfo.GetCompiledMethodCount() - methods;
        start = Native.Now();
        action();
        Console.WriteLine($"{what,-25} first {first,7:F2} ms (compiling {methods} methods), then {(Native.Now() - start) * 1e3,7:F3} ms");
    }
}

using Functional.Cpu;

namespace Functional.Kernels;

/// <summary>GFLOP/s of the three passes of a convolution.</summary>
internal static unsafe class ConvolutionBench
{
    public static void Run(int threads)
    {
        WorkerPool.Threads = threads;
        foreach (int batch in new[] { 1, 8 })
        {
            Row(batch, 64, 64, 56, 3, 1, 1, 1);
            Row(batch, 128, 128, 28, 3, 1, 1, 1);
            Row(batch, 256, 256, 14, 3, 1, 1, 1);
            Row(batch, 512, 512, 7, 3, 1, 1, 1);
            Row(batch, 3, 64, 224, 7, 2, 3, 1);
            Row(batch, 64, 64, 28, 5, 1, 2, 1);
            Row(batch, 32, 64, 56, 4, 2, 1, 1);
            Row(batch, 64, 128, 56, 3, 2, 1, 1);
            Row(batch, 64, 128, 56, 1, 2, 0, 1);
            Row(batch, 64, 256, 56, 1, 1, 0, 1);
        }
        Row(8, 128, 128, 28, 3, 1, 1, 128);
        Row(8, 128, 128, 28, 3, 1, 1, 8);
        foreach (int batch in new[] { 1, 64 })
        {
            Row(batch, 1, 6, 28, 5, 1, 2, 1);
            Row(batch, 6, 16, 14, 5, 1, 0, 1);
        }
    }

    private static void Row(int batch, int channels, int filters, int size, int kernel, int stride, int padding, int groups)
    {
        int output = (size + 2 * padding - kernel) / stride + 1;
        var shape = new ConvolutionShape(
            batch, channels, filters, groups, new(1, size, size), new(1, kernel, kernel), new(1, output, output),
            new(1, stride, stride), new(0, padding, padding), new(1, 1, 1));
        float* x = Native.Random((long)batch * channels * size * size, 1);
        float* w = Native.Random((long)filters * shape.Depth, 2);
        float* y = Native.Random((long)batch * filters * output * output, 3);
        var strides = ImageStrides.Contiguous(channels, shape.Input);
        double flops = 2.0 * batch * filters * shape.Depth * output * output;
        double forward = Native.Seconds(() => ChosenConvolution<float>.Forward(shape, x, strides, w, y, false));
        double byInput = Native.Seconds(() => ChosenConvolution<float>.ByInput(shape, w, y, ImageStrides.Contiguous(filters, shape.Output), x));
        double byWeight = Native.Seconds(() => ChosenConvolution<float>.ByWeight(shape, x, strides, y, w));
        string Cell(double seconds) => $"{seconds * 1e6,9:F1} us {flops / seconds * 1e-9,6:F1} GFLOP/s";
        Console.WriteLine($"N={batch,2} {channels,3}->{filters,3} {size,3}x{size,-3} k{kernel} s{stride} g{groups,-3} forward {Cell(forward)}  input {Cell(byInput)}  weight {Cell(byWeight)}");
        Native.Free(x, w, y);
    }
}

using System.Numerics;
using Functional.Cpu;

namespace Functional.Kernels;

/// <summary>The three passes of a convolution against plain loops, on whole numbers so that every sum is exact.</summary>
internal static unsafe class ConvolutionChecks
{
    private static int checks, failures;

    public static int Run()
    {
        foreach (int threads in new[] { 1, 3 })
        {
            WorkerPool.Threads = threads;
            foreach (var shape in Shapes())
            {
                Check<float>(shape);
                Check<double>(shape);
                Check<int>(shape);
            }
            Check<long>(Plane(2, 5, 7, 1, 9, 3, 1, 1, 1));
            Check<byte>(Plane(2, 5, 7, 1, 9, 3, 1, 1, 1));
        }
        Bits();
        Console.WriteLine($"convolutions: {checks} checks, {failures} failures");
        return failures;
    }

    private static IEnumerable<ConvolutionShape> Shapes()
    {
        foreach (int size in new[] { 1, 5, 7, 14, 17, 33 })
            foreach (int kernel in new[] { 1, 2, 3, 5 })
                foreach (int stride in new[] { 1, 2, 3 })
                    foreach (int padding in new[] { 0, 1, 3 })
                        foreach (int dilation in new[] { 1, 2 })
                            if (size + 2 * padding >= dilation * (kernel - 1) + 1)
                                yield return Plane(1 + (size + kernel) % 3, 3, 4, 1, size, kernel, stride, padding, dilation);
        yield return Plane(2, 64, 40, 1, 20, 3, 1, 1, 1);
        yield return Plane(9, 40, 64, 1, 7, 3, 1, 1, 1);
        yield return Plane(2, 6, 9, 3, 11, 3, 1, 1, 1);
        yield return Plane(2, 8, 8, 8, 11, 3, 2, 1, 1);
        yield return Plane(2, 8, 16, 8, 30, 3, 1, 1, 1);
        yield return Plane(3, 34, 34, 2, 9, 3, 1, 1, 2);
        yield return Plane(0, 3, 4, 1, 8, 3, 1, 1, 1);
        yield return Plane(2, 0, 4, 1, 8, 3, 1, 1, 1);
        yield return Plane(2, 3, 0, 1, 8, 3, 1, 1, 1);
        yield return Plane(1, 3, 64, 1, 37, 7, 2, 3, 1);
        yield return Plane(2, 3, 5, 1, 32, 4, 4, 0, 1);
        yield return Box(2, 3, 5, new(6, 7, 8), new(3, 2, 3), new(1, 2, 1), new(1, 0, 2), new(1, 1, 2));
        yield return Box(1, 2, 3, new(5, 9, 4), new(2, 3, 2), new(2, 1, 3), new(0, 1, 1), new(2, 2, 1));
        yield return Box(3, 4, 6, new(1, 1, 50), new(1, 1, 9), new(1, 1, 2), new(0, 0, 4), new(1, 1, 1));
    }

    private static ConvolutionShape Plane(int batch, int channels, int filters, int groups, int size, int kernel, int stride, int padding, int dilation)
    {
        int output = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
        return new(
            batch, channels, filters, groups, new(1, size, size), new(1, kernel, kernel), new(1, output, output),
            new(1, stride, stride), new(0, padding, padding), new(1, dilation, dilation));
    }

    private static ConvolutionShape Box(int batch, int channels, int filters, Spatial input, Spatial kernel, Spatial stride, Spatial padding, Spatial dilation)
    {
        static int Size(int input, int kernel, int stride, int padding, int dilation) =>
            (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
        var output = new Spatial(
            Size(input.Depth, kernel.Depth, stride.Depth, padding.Depth, dilation.Depth),
            Size(input.Height, kernel.Height, stride.Height, padding.Height, dilation.Height),
            Size(input.Width, kernel.Width, stride.Width, padding.Width, dilation.Width));
        return new(batch, channels, filters, 1, input, kernel, output, stride, padding, dilation);
    }

    private static T* Whole<T>(long count, int seed)
        where T : unmanaged, INumberBase<T>
    {
        T* data = Native.Array<T>(count);
        var random = new Random(seed);
        for (long i = 0; i < count; i++)
            data[i] = T.CreateTruncating(random.Next(-3, 4));
        return data;
    }

    private static void Check<T>(ConvolutionShape shape)
        where T : unmanaged, INumberBase<T>
    {
        int inputs = shape.Batch * shape.Channels * shape.Input.Count, weights = shape.Filters * shape.Depth;
        int outputs = shape.Batch * shape.Filters * shape.Output.Count;
        T* x = Whole<T>(inputs, 1), w = Whole<T>(weights, 2), y = Whole<T>(outputs, 3);
        T* ex = Native.Array<T>(inputs), ew = Native.Array<T>(weights), ey = Native.Array<T>(outputs);
        Plain(shape, x, w, y, ex, ew, ey);
        T* rx = Whole<T>(inputs, 4), rw = Whole<T>(weights, 5), ry = Whole<T>(outputs, 6);
        ForwardConvolution<T>.Run(shape, x, ImageStrides.Contiguous(shape.Channels, shape.Input), w, ry);
        InputGradient<T>.Run(shape, w, y, ImageStrides.Contiguous(shape.Filters, shape.Output), rx);
        WeightGradient<T>.Run(shape, x, ImageStrides.Contiguous(shape.Channels, shape.Input), y, rw);
        Compare("forward", shape, ey, ry, outputs);
        Compare("input gradient", shape, ex, rx, inputs);
        Compare("weight gradient", shape, ew, rw, weights);
        Native.Free(x, w, y, ex, ew, ey, rx, rw, ry);
    }

    private static void Plain<T>(ConvolutionShape s, T* x, T* w, T* y, T* ex, T* ew, T* ey)
        where T : unmanaged, INumberBase<T>
    {
        for (int n = 0; n < s.Batch; n++)
            for (int filter = 0; filter < s.Filters; filter++)
                for (int o = 0; o < s.Output.Count; o++)
                {
                    int od = o / (s.Output.Height * s.Output.Width), oh = o / s.Output.Width % s.Output.Height, ow = o % s.Output.Width;
                    for (int c = 0; c < s.GroupChannels; c++)
                        for (int t = 0; t < s.Kernel.Count; t++)
                        {
                            int kd = t / (s.Kernel.Height * s.Kernel.Width), kh = t / s.Kernel.Width % s.Kernel.Height, kw = t % s.Kernel.Width;
                            int d = od * s.Stride.Depth + kd * s.Dilation.Depth - s.Padding.Depth;
                            int h = oh * s.Stride.Height + kh * s.Dilation.Height - s.Padding.Height;
                            int v = ow * s.Stride.Width + kw * s.Dilation.Width - s.Padding.Width;
                            if (d < 0 || h < 0 || v < 0 || d >= s.Input.Depth || h >= s.Input.Height || v >= s.Input.Width)
                                continue;
                            int channel = filter / s.GroupFilters * s.GroupChannels + c;
                            int i = (((n * s.Channels + channel) * s.Input.Depth + d) * s.Input.Height + h) * s.Input.Width + v;
                            int k = (filter * s.GroupChannels + c) * s.Kernel.Count + t;
                            int j = (n * s.Filters + filter) * s.Output.Count + o;
                            ey[j] += x[i] * w[k];
                            ex[i] += y[j] * w[k];
                            ew[k] += y[j] * x[i];
                        }
                }
    }

    private static void Compare<T>(string pass, ConvolutionShape shape, T* expected, T* found, int count)
        where T : unmanaged, INumberBase<T> =>
        Report(new Span<T>(expected, count).SequenceEqual(new Span<T>(found, count)), $"{pass} of {typeof(T).Name}, {WorkerPool.Threads} threads: {shape}");

    /// <summary>The same bits for any number of threads.</summary>
    private static void Bits()
    {
        foreach (var shape in new[] { Plane(2, 79, 79, 1, 9, 3, 1, 1, 1), Plane(8, 64, 64, 1, 14, 3, 1, 1, 1), Plane(3, 40, 70, 2, 23, 3, 2, 1, 1), Plane(5, 32, 32, 32, 28, 3, 1, 1, 1) })
        {
            int inputs = shape.Batch * shape.Channels * shape.Input.Count, weights = shape.Filters * shape.Depth;
            int outputs = shape.Batch * shape.Filters * shape.Output.Count;
            float* x = Native.Random(inputs, 1), w = Native.Random(weights, 2), y = Native.Random(outputs, 3);
            uint[]? first = null;
            foreach (int threads in new[] { 1, 2, 5, 16 })
            {
                WorkerPool.Threads = threads;
                float* all = Native.Array<float>(inputs + weights + outputs);
                ForwardConvolution<float>.Run(shape, x, ImageStrides.Contiguous(shape.Channels, shape.Input), w, all);
                InputGradient<float>.Run(shape, w, y, ImageStrides.Contiguous(shape.Filters, shape.Output), all + outputs);
                WeightGradient<float>.Run(shape, x, ImageStrides.Contiguous(shape.Channels, shape.Input), y, all + outputs + inputs);
                uint[] bits = new Span<uint>(all, inputs + weights + outputs).ToArray();
                first ??= bits;
                Report(first.AsSpan().SequenceEqual(bits), $"bits with {threads} threads: {shape}");
                Native.Free(all);
            }
            Native.Free(x, w, y);
        }
        WorkerPool.Threads = 1;
    }

    private static void Report(bool right, string what)
    {
        checks++;
        if (right)
            return;
        failures++;
        if (failures < 20)
            Console.WriteLine("wrong: " + what);
    }
}

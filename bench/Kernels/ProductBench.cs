using Functional.Cpu;

namespace Functional.Kernels;

/// <summary>GFLOP/s of matrix products, one thread.</summary>
internal static unsafe class ProductBench
{
    public static void Run(int threads)
    {
        WorkerPool.Threads = threads;
        foreach (int n in new[] { 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048 })
            foreach (string form in n <= 1024 ? new[] { "NN", "NT", "TN" } : ["NN"])
                Row(form, n, n, n);
        Row("NT", 128, 512, 784);
        Row("NT", 128, 512, 512);
        Row("NT", 128, 10, 512);
        Row("NN", 128, 512, 10);
        Row("TN", 512, 784, 128);
        Row("TN", 10, 512, 128);
        Row("NN", 1, 1024, 1024);
        Row("NT", 1, 1024, 1024);
        Row("NN", 4, 1024, 1024);
        Row("NN", 1024, 4, 1024);
        Row("NN", 1024, 1, 1024);
    }

    private static void Row(string form, int m, int n, int k)
    {
        float* a = Native.Random((long)m * k, 1);
        float* b = Native.Random((long)k * n, 2);
        float* c = Native.Array<float>((long)m * n);
        var left = form[0] == 'N' ? new Strided<float>(a, k, 1) : new Strided<float>(a, 1, m);
        var right = form[1] == 'N' ? new Strided<float>(b, n, 1) : new Strided<float>(b, 1, k);
        double seconds = Native.Seconds(() => BatchedProduct<float>.Run(m, n, k, left, right, c));
        Console.WriteLine($"{form} {m,5} x {n,5} x {k,5}  {seconds * 1e6,10:F1} us  {2.0 * m * n * k / seconds * 1e-9,7:F1} GFLOP/s");
    }
}

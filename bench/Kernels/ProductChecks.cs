using System.Numerics;
using System.Runtime.Intrinsics;
using Functional.Cpu;

namespace Functional.Kernels;

/// <summary>Matrix products against three plain loops, on whole numbers so that every sum is exact.</summary>
internal static unsafe class ProductChecks
{
    private static readonly int[] Sizes = [0, 1, 2, 7, 13, 16, 17, 31, 33, 53, 64, 97];
    private static int checks, failures;

    public static int Run()
    {
        Widths<float>();
        Widths<double>();
        Widths<int>();
        Widths<long>();
        Widths<short>();
        Widths<sbyte>();
        Widths<byte>();
        Batches<float>();
        Batches<double>();
        Batches<int>();
        Threads();
        Console.WriteLine($"matrix products: {checks} checks, {failures} failures");
        return failures;
    }

    private static void Widths<T>()
        where T : unmanaged, INumberBase<T>
    {
        if (Vector512.IsHardwareAccelerated)
            Tiles(KernelSet<T>.Create<Vector512<T>, Tile512<T>>());
        if (Vector256.IsHardwareAccelerated)
            Tiles(KernelSet<T>.Create<Vector256<T>, Tile256<T>>());
        Tiles(KernelSet<T>.Create<Vector<T>, TilePortable<T>>());
    }

    private static void Tiles<T>(KernelSet<T> kernels)
        where T : unmanaged, INumberBase<T>
    {
        foreach (int m in Sizes)
            foreach (int n in Sizes)
                foreach (int k in new[] { 0, 1, 5, 16, 37, 64 })
                    One(kernels, m, n, k, (m * 7 + n * 3 + k) % 8, (m + n + k) % 3 == 0);
        for (int form = 0; form < 8; form++)
        {
            One(kernels, 61, 150, 401, form, false);
            One(kernels, 300, 67, 800, form, true);
            One(kernels, 15, 2100, 40, form, false);
        }
    }

    /// <summary>Bit 0 and 1: A and B transposed; bit 2: neither dimension contiguous.</summary>
    private static Strided<T> Operand<T>(int rows, int columns, bool transposed, bool loose, int seed)
        where T : unmanaged, INumberBase<T>
    {
        int gap = loose ? 2 : 1;
        nint outer = (nint)(transposed ? rows : columns) * gap + (loose ? 3 : 0);
        long size = (transposed ? columns : rows) * (long)outer;
        T* data = Native.Array<T>(size);
        var random = new Random(seed);
        for (long i = 0; i < size; i++)
            data[i] = T.CreateTruncating(random.Next(-3, 4));
        return transposed ? new(data, gap, outer) : new(data, outer, gap);
    }

    private static void One<T>(KernelSet<T> kernels, int m, int n, int k, int form, bool accumulate)
        where T : unmanaged, INumberBase<T>
    {
        var a = Operand<T>(m, k, (form & 1) != 0, (form & 4) != 0, 1);
        var b = Operand<T>(k, n, (form & 2) != 0, (form & 4) != 0, 2);
        nint cRow = n + 5;
        T* c = Native.Array<T>(m * cRow + 8);
        new Span<T>(c, (int)(m * cRow + 8)).Fill(T.CreateTruncating(5));
        MatrixProduct<T>.Run(kernels, m, n, k, a, b, c, cRow, accumulate);
        bool right = true;
        for (int i = 0; i < m && right; i++)
            for (int j = 0; j < cRow && right; j++)
            {
                T expected = T.CreateTruncating(5);
                if (j < n)
                    expected = Sum(k, a, b, i, j) + (accumulate ? expected : T.Zero);
                right = c[i * cRow + j] == expected;
            }
        Report(right, $"{typeof(T).Name} x {kernels.Lanes}: {m} x {n} x {k}, form {form}, accumulate {accumulate}");
        Native.Free(a.Data, b.Data, c);
    }

    private static T Sum<T>(int k, Strided<T> a, Strided<T> b, int i, int j)
        where T : unmanaged, INumberBase<T>
    {
        T sum = T.Zero;
        for (int p = 0; p < k; p++)
            sum += *a.At(i, p) * *b.At(p, j);
        return sum;
    }

    private static void Batches<T>()
        where T : unmanaged, INumberBase<T>
    {
        foreach (int batch in new[] { 0, 1, 3, 40 })
            foreach (var (m, n, k) in new[] { (1, 33, 70), (33, 1, 70), (1, 1, 100), (5, 300, 1), (1, 300, 1), (64, 64, 64), (1, 1100, 300), (0, 3, 2), (3, 2, 0), (1, 5, 0) })
                for (int form = 0; form < 8; form++)
                    Batch<T>(batch, m, n, k, form);
    }

    private static void Batch<T>(int batch, int m, int n, int k, int form)
        where T : unmanaged, INumberBase<T>
    {
        var a = Operand<T>(m + batch, k + batch, (form & 1) != 0, (form & 4) != 0, 3);
        var b = Operand<T>(k, n, (form & 2) != 0, (form & 4) != 0, 4);
        nint* aOffsets = Native.Array<nint>(batch);
        nint* bOffsets = Native.Array<nint>(batch);
        for (int i = 0; i < batch; i++)
            aOffsets[i] = (nint)(a.At(i, i) - a.Data);
        T* c = Native.Array<T>((long)batch * m * n);
        BatchedProduct<T>.Run(batch, aOffsets, bOffsets, m, n, k, a, b, c);
        bool right = true;
        for (int index = 0; index < batch; index++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                    right &= c[(index * m + i) * n + j] == Sum(k, a.From(index, index), b, i, j);
        Report(right, $"{typeof(T).Name}: batch {batch} of {m} x {n} x {k}, form {form}");
        Native.Free(a.Data, b.Data, aOffsets, bOffsets, c);
    }

    /// <summary>The same bits for any number of threads.</summary>
    private static void Threads()
    {
        foreach (var (m, n, k) in new[] { (500, 700, 300), (1, 5000, 999), (5000, 1, 999), (2000, 33, 257), (14, 3001, 500), (301, 302, 1001) })
            for (int form = 0; form < 4; form++)
            {
                float* x = Native.Random((long)m * k, 5), y = Native.Random((long)n * k, 6);
                var a = (form & 1) == 0 ? new Strided<float>(x, k, 1) : new Strided<float>(x, 1, m);
                var b = (form & 2) == 0 ? new Strided<float>(y, n, 1) : new Strided<float>(y, 1, k);
                int size = m * n;
                float* first = Native.Array<float>(size), other = Native.Array<float>(size);
                WorkerPool.Threads = 1;
                BatchedProduct<float>.Run(m, n, k, a, b, first);
                foreach (int threads in new[] { 2, 3, 8 })
                {
                    WorkerPool.Threads = threads;
                    BatchedProduct<float>.Run(m, n, k, a, b, other);
                    Report(new Span<uint>(first, size).SequenceEqual(new Span<uint>(other, size)), $"{threads} threads, {m} x {n} x {k}, form {form}");
                }
                Native.Free(x, y, first, other);
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

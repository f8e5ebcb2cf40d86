using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// A complex product as one real product of twice the depth and width: the pairs of the left operand are neighbours in its
    /// rows as they lie, every row of the right one stands above i times itself, and what comes out are pairs again.
    /// </summary>
    private static CpuBuffer ComplexMatMul(View a, View b, int length)
    {
        int rank = a.Shape.Length;
        Dtype dtype = a.Dtype;
        CpuBuffer? copied = null;
        if (a.Strides[rank - 1] != 1)
        {
            copied = new CpuBuffer(dtype, ShapeModule.count(a.Shape));
            fixed (byte* target = copied)
                Gather(a, target);
            a = ViewModule.contiguous(a.Shape, copied);
        }
        int[] strides = Array.ConvertAll(a.Strides, s => 2 * s);
        strides[rank - 1] = 1;
        var left = new View(a.Buffer, 2 * a.Offset, [.. a.Shape[..^1], 2 * a.Shape[^1]], strides);
        View right = BesideTimesI(b);
        var result = new CpuBuffer(dtype, length);
        Elements.Invoke("matmul", DtypeModule.toReal(dtype), new MatMulWork(left, right, result));
        copied?.Release();
        CpuBuffer.Of(right).Release();
        return result;
    }

    /// <summary>[..., k, n] complex as [..., 2k, 2n] real: row 2p is row p, and row 2p + 1 is i times row p.</summary>
    private static View BesideTimesI(View source)
    {
        int rank = source.Shape.Length;
        // Matrices that a batch repeats are laid out once.
        int[] distinct = [.. source.Shape];
        for (int d = 0; d < rank - 2; d++)
            distinct[d] = source.Strides[d] == 0 ? Math.Min(1, distinct[d]) : distinct[d];
        int k = distinct[rank - 2], n = distinct[rank - 1];
        int count = ShapeModule.count(distinct);
        var buffer = new CpuBuffer(DtypeModule.toReal(source.Dtype), checked(4 * count));
        int[] rows = ShapeModule.rowMajor(distinct);
        for (int d = 0; d < rank - 1; d++)
            rows[d] *= 2;
        CpuBuffer from = CpuBuffer.Of(source);
        View once = new(from, source.Offset, distinct, source.Strides);
        fixed (byte* elements = from, target = buffer)
        {
            StridedCopy.Run(source.Dtype, elements, once, target, new View(buffer, 0, distinct, rows));
            if (source.Dtype.IsComplex128)
                Ranges.Run(n == 0 ? 0 : count / n, 4L * n, new TimesI<double>((double*)target, n));
            else
                Ranges.Run(n == 0 ? 0 : count / n, 4L * n, new TimesI<float>((float*)target, n));
        }
        GC.KeepAlive(from);
        int[] shape = [.. source.Shape[..^2], 2 * k, 2 * n];
        int[] strides = [.. rows.Select((s, d) => d < rank - 2 && source.Strides[d] == 0 ? 0 : 2 * s)];
        strides[rank - 2] = 2 * n;
        strides[rank - 1] = 1;
        return new View(buffer, 0, shape, strides);
    }

    /// <summary>Every second row becomes i times the one above it.</summary>
    private readonly struct TimesI<T>(T* rows, int n) : IRangeAction
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                T* row = rows + (nint)start * 4 * n;
                T* turned = row + 2 * (nint)n;
                for (int j = 0; j < n; j++)
                {
                    turned[2 * j] = -row[2 * j + 1];
                    turned[2 * j + 1] = row[2 * j];
                }
            }
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Products of complex numbers, carried in double precision.</summary>
internal static unsafe class ComplexProducts
{
    /// <summary>The products of a view's elements over the folded dimensions.</summary>
    public static CpuBuffer Reduce(in View source, bool[] isFolded)
    {
        int[] order = [.. Enumerable.Range(0, isFolded.Length).OrderBy(d => isFolded[d])];
        int[] shape = Array.ConvertAll(order, ((int[])source.Shape).ElementAt);
        View regrouped = new(source.Buffer, source.Offset, shape, Array.ConvertAll(order, source.Strides.ElementAt));
        using var input = RowMajor.Of(regrouped);
        int run = 1;
        for (int d = 0; d < shape.Length; d++)
            run *= isFolded[order[d]] ? shape[d] : 1;
        int kept = 1;
        for (int d = 0; d < shape.Length; d++)
            kept *= isFolded[order[d]] ? 1 : shape[d];
        var result = new CpuBuffer(source.Dtype, kept);
        bool isWide = source.Dtype.IsComplex128;
        CpuBuffer buffer = input.Buffer;
        fixed (byte* from = buffer, to = result)
        {
            byte* first = from + (nint)input.Offset * DtypeModule.size(source.Dtype);
            for (int i = 0; i < kept; i++)
            {
                Complex product = Complex.One;
                for (int j = 0; j < run; j++)
                    product *= Read(first, isWide, (nint)i * run + j);
                Write(to, isWide, i, product);
            }
        }
        GC.KeepAlive(buffer);
        return result;
    }

    /// <summary>Running products along an axis of row-major elements.</summary>
    public static CpuBuffer Scan(in RowMajor source, AxisLayout layout, bool reverse)
    {
        CpuBuffer buffer = source.Buffer;
        var result = new CpuBuffer(buffer.Dtype, (int)(layout.Outer * layout.Size * layout.Inner));
        bool isWide = buffer.Dtype.IsComplex128;
        fixed (byte* from = buffer, to = result)
        {
            byte* first = from + (nint)source.Offset * DtypeModule.size(buffer.Dtype);
            Ranges.Run(layout.Outer * layout.Inner, layout.Size, new Lines(first, to, isWide, layout, reverse));
        }
        GC.KeepAlive(buffer);
        return result;
    }

    private readonly struct Lines(byte* source, byte* result, bool isWide, AxisLayout layout, bool reverse) : IRangeAction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                nint line = (nint)(start / layout.Inner) * layout.Size * layout.Inner + (nint)(start % layout.Inner);
                Complex product = Complex.One;
                for (int i = 0; i < layout.Size; i++)
                {
                    nint at = line + (nint)(reverse ? layout.Size - 1 - i : i) * layout.Inner;
                    product *= Read(source, isWide, at);
                    Write(result, isWide, at, product);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Complex Read(byte* elements, bool isWide, nint index) => isWide
        ? new Complex(((double*)elements)[2 * index], ((double*)elements)[2 * index + 1])
        : new Complex(((float*)elements)[2 * index], ((float*)elements)[2 * index + 1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(byte* elements, bool isWide, nint index, Complex value)
    {
        if (isWide)
            (((double*)elements)[2 * index], ((double*)elements)[2 * index + 1]) = (value.Real, value.Imaginary);
        else
            (((float*)elements)[2 * index], ((float*)elements)[2 * index + 1]) = ((float)value.Real, (float)value.Imaginary);
    }
}

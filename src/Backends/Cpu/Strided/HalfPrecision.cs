using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Float16 and bfloat16 to float32 and back; kernels see only float32.</summary>
internal static unsafe class HalfPrecision
{
    /// <summary>Whether elements of this dtype are widened before a kernel.</summary>
    public static bool Is(Dtype dtype) => dtype.IsFloat16 || dtype.IsBFloat16;

    /// <summary>The view itself, or a float32 copy of one in half precision, to be released by the caller.</summary>
    public static View Widen(View view, out CpuBuffer? temporary)
    {
        temporary = null;
        if (!Is(view.Dtype))
            return view;
        int count = ShapeModule.count(view.Shape);
        temporary = new CpuBuffer(Dtype.Float32, count);
        using var halves = new Scratch<ushort>(count);
        CpuBackend.Gather(view, (byte*)halves.Pointer);
        fixed (byte* wide = temporary)
            Ranges.Run(count, 1, new Widening(view.Dtype.IsBFloat16, halves.Pointer, (float*)wide));
        GC.KeepAlive(temporary);
        return new View(temporary, 0, view.Shape, ShapeModule.rowMajor(view.Shape));
    }

    /// <summary>The buffer itself, or its elements rounded to half precision where that is asked for.</summary>
    public static CpuBuffer Narrow(CpuBuffer wide, Dtype dtype)
    {
        if (!Is(dtype) || !wide.Dtype.IsFloat32)
            return wide;
        var result = new CpuBuffer(dtype, wide.Length);
        fixed (byte* from = wide, to = result)
            Ranges.Run(wide.Length, 1, new Narrowing(dtype.IsBFloat16, (float*)from, (ushort*)to));
        GC.KeepAlive(result);
        wide.Release();
        return result;
    }

    private static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Rounds to the nearest, ties to even; nan stays nan.</summary>
    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private readonly struct Widening(bool brain, ushort* source, float* target) : IRangeAction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            if (brain)
            {
                for (long i = start; i < end; i++)
                    target[i] = FromBFloat16(source[i]);
            }
            else
            {
                for (long i = start; i < end; i++)
                    target[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
            }
        }
    }

    private readonly struct Narrowing(bool brain, float* source, ushort* target) : IRangeAction
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            if (brain)
            {
                for (long i = start; i < end; i++)
                    target[i] = ToBFloat16(source[i]);
            }
            else
            {
                for (long i = start; i < end; i++)
                    target[i] = BitConverter.HalfToUInt16Bits((Half)source[i]);
            }
        }
    }
}

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
        using var halves = RowMajor.Of(view);
        CpuBuffer narrow = halves.Buffer;
        fixed (byte* from = narrow, wide = temporary)
            Ranges.Run(count, 1, new Widening(view.Dtype.IsBFloat16, (ushort*)from + halves.Offset, (float*)wide));
        GC.KeepAlive(narrow);
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

    private readonly struct Widening(bool brain, ushort* source, float* target) : IRangeAction
    {
        public void Invoke(long start, long end) => Halves.Widen(brain, source + start, target + start, (int)(end - start));
    }

    private readonly struct Narrowing(bool brain, float* source, ushort* target) : IRangeAction
    {
        public void Invoke(long start, long end) => Halves.Narrow(brain, source + start, target + start, (int)(end - start));
    }
}

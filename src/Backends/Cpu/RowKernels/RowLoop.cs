using System.Numerics;

namespace Functional.Cpu;

/// <summary>A kernel over one contiguous row of floating numbers.</summary>
internal unsafe interface IRowKernel<T>
    where T : unmanaged
{
    /// <summary>Reads a row of <paramref name="count"/> elements and writes one, which does not overlap it.</summary>
    void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct;
}

/// <summary>Runs a kernel on every row.</summary>
internal static unsafe class RowLoop
{
    public static void Run<T, TKernel>(T* source, T* result, long rows, int count, TKernel kernel)
        where T : unmanaged, INumber<T>
        where TKernel : struct, IRowKernel<T>
    {
        if (count > 0)
            Widest.Invoke<T, Vectors<T, TKernel>>(new Vectors<T, TKernel>(source, result, rows, count, kernel));
    }

    /// <summary>Runs a kernel on rows of half precision, each widened while it is near.</summary>
    public static void RunHalves<TKernel>(bool brain, ushort* source, ushort* result, long rows, int count, TKernel kernel)
        where TKernel : struct, IRowKernel<float>
    {
        if (count > 0)
            Widest.Invoke<float, Halved<TKernel>>(new Halved<TKernel>(brain, source, result, rows, count, kernel));
    }

    private readonly struct Halved<TKernel>(bool brain, ushort* source, ushort* result, long rows, int count, TKernel kernel)
        : IVectorAction<float>
        where TKernel : struct, IRowKernel<float>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, float>
            where V : struct =>
            Ranges.Run(rows, 2L * count, new HalvedRows<S, V, TKernel>(brain, source, result, count, kernel));
    }

    private readonly struct HalvedRows<S, V, TKernel>(bool brain, ushort* source, ushort* result, int count, TKernel kernel) : IRangeAction
        where S : struct, ISimd<V, float>
        where V : struct
        where TKernel : struct, IRowKernel<float>
    {
        public void Invoke(long start, long end)
        {
            // One room for both: a second one of its size would be another thread's the next time.
            int pitch = Partition.RoundUp(count, SizeClass.Unit / sizeof(float));
            using var room = new Scratch<float>(2L * pitch);
            float* from = room.Pointer, to = from + pitch;
            for (; start < end; start++)
            {
                Halves.Widen(brain, source + start * count, from, count);
                kernel.Row<S, V>(from, to, count);
                Halves.Narrow(brain, to, result + start * count, count);
            }
        }
    }

    private readonly struct Vectors<T, TKernel>(T* source, T* result, long rows, int count, TKernel kernel) : IVectorAction<T>
        where T : unmanaged
        where TKernel : struct, IRowKernel<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            Ranges.Run(rows, 2L * count, new Rows<S, V, T, TKernel>(source, result, count, kernel));
    }

    private readonly struct Rows<S, V, T, TKernel>(T* source, T* result, int count, TKernel kernel) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TKernel : struct, IRowKernel<T>
    {
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
                kernel.Row<S, V>(source + start * count, result + start * count, count);
        }
    }
}

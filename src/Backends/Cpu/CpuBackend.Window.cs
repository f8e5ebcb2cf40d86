using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Window(WindowKind kind, WindowGeometry geometry, View source)
    {
        WindowLoops loops = WindowLoops.Of(geometry);
        int planes = 1;
        for (int d = 0; d < source.Shape.Length - geometry.Kernel.Length; d++)
            planes *= source.Shape[d];

        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        if (kind.IsWindowSumTranspose && wide.Dtype.IsFloat32)
            loops = loops.ForTranspose();
        int size = kind.IsWindowSumTranspose ? loops.InputSize : loops.OutputSize;
        var result = new CpuBuffer(kind.IsWindowArgMaximum ? Dtype.Int64 : wide.Dtype, planes * size);
        using var input = RowMajor.Of(wide);
        Elements.Invoke("pool", wide.Dtype, new Pooling(kind, input, result, loops, planes));
        widened?.Release();
        return kind.IsWindowArgMaximum ? result : HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>Pooling once its element type is known.</summary>
    private readonly struct Pooling(WindowKind kind, RowMajor source, CpuBuffer result, WindowLoops loops, int planes) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer;
            fixed (byte* from = buffer, to = result)
            {
                T* input = (T*)from + source.Offset;
                if (kind.IsWindowArgMaximum && sizeof(T) > sizeof(uint))
                    Run<T, long, DirectWindowArgMaximum<T>>(input, (long*)to, loops.InputSize, loops.OutputSize);
                else if (kind.IsWindowArgMaximum)
                    Run<T, long, WindowArgMaximum<T>>(input, (long*)to, loops.InputSize, loops.OutputSize);
                else if (kind.IsWindowSum)
                    Run<T, T, WindowSum<T>>(input, (T*)to, loops.InputSize, loops.OutputSize);
                else
                    Run<T, T, WindowSumTranspose<T>>(input, (T*)to, loops.OutputSize, loops.InputSize);
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }

        private void Run<T, TResult, TKernel>(T* input, TResult* output, int inputSize, int outputSize)
            where T : unmanaged
            where TResult : unmanaged
            where TKernel : struct, IWindowKernel<T, TResult> =>
            Ranges.Run(
                planes,
                Math.Max(inputSize, (long)loops.OutputSize * loops.KernelSize),
                new Planes<T, TResult, TKernel>(input, output, inputSize, outputSize, loops));
    }

    private readonly struct Planes<T, TResult, TKernel>(
        T* source, TResult* result, int sourceSize, int resultSize, WindowLoops loops) : IRangeAction
        where T : unmanaged
        where TResult : unmanaged
        where TKernel : struct, IWindowKernel<T, TResult>
    {
        public void Invoke(long start, long end)
        {
            using var room = new Scratch<byte>(TKernel.RoomBytes(loops));
            for (; start < end; start++)
                TKernel.Plane(source + start * sourceSize, result + start * resultSize, loops, room.Pointer);
        }
    }
}

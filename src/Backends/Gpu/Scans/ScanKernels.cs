using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Lines through a tensor along one axis: [outer, size, inner], row-major.</summary>
internal readonly struct Lines(int outer, int size, int inner)
{
    public readonly int Outer = outer;
    public readonly int Size = size;
    public readonly int Inner = inner;

    public int Count => Outer * Inner;

    /// <summary>Where a line begins; its elements are <see cref="Inner"/> apart.</summary>
    public int Start(int line)
    {
        int outer = line / Inner;
        return outer * Size * Inner + (line - outer * Inner);
    }

    public static Lines Of(int[] shape, int axis)
    {
        if (shape.Length == 0)
            return new Lines(1, 1, 1);
        int outer = 1;
        int inner = 1;
        for (int d = 0; d < shape.Length; d++)
        {
            if (d < axis)
                outer *= shape[d];
            else if (d > axis)
                inner *= shape[d];
        }
        return new Lines(outer, shape[axis], inner);
    }
}

/// <summary>Runs along lines, one a thread.</summary>
internal readonly struct ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget>(
    ArrayView<TStored> source, int offset, ArrayView<TTarget> target, Lines lines, bool isReverse)
    : IKernel<ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget>>
    where TElement : struct, INumberElement<TStored, T>
    where TStored : unmanaged
    where T : unmanaged, INumber<T>
    where TScan : struct, IScan<T>
    where TFinish : struct, IFinish<Placed<T>, TTarget>
    where TTarget : unmanaged
{
    private readonly ArrayView<TStored> source = source;
    private readonly int offset = offset;
    private readonly ArrayView<TTarget> target = target;
    private readonly Lines lines = lines;
    private readonly int isReverse = isReverse ? 1 : 0;

    public static void Run(ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget> call)
    {
        int line = Grid.GlobalIndex.X;
        if (line >= call.lines.Count)
            return;
        int start = call.lines.Start(line);
        int last = call.lines.Size - 1;
        int position = call.isReverse != 0 ? last : 0;
        var kept = new Placed<T>(TElement.Widen(call.source[call.offset + start + position * call.lines.Inner]), position);
        call.target[start + position * call.lines.Inner] = TFinish.Finish(kept);
        for (int i = 1; i <= last; i++)
        {
            position = call.isReverse != 0 ? last - i : i;
            int at = start + position * call.lines.Inner;
            kept = TScan.Next(kept, TElement.Widen(call.source[call.offset + at]), position);
            call.target[at] = TFinish.Finish(kept);
        }
    }
}

/// <summary>Running products of complex numbers, in double precision.</summary>
internal readonly struct ComplexScanKernel<T, TElement>(ArrayView<T> source, int offset, ArrayView<T> target, Lines lines, bool isReverse)
    : IKernel<ComplexScanKernel<T, TElement>>
    where T : unmanaged
    where TElement : struct, INumberElement<T, double>
{
    private readonly ArrayView<T> source = source;
    private readonly int offset = offset;
    private readonly ArrayView<T> target = target;
    private readonly Lines lines = lines;
    private readonly int isReverse = isReverse ? 1 : 0;

    public static void Run(ComplexScanKernel<T, TElement> call)
    {
        int line = Grid.GlobalIndex.X;
        if (line >= call.lines.Count)
            return;
        int start = call.lines.Start(line);
        double real = 1.0;
        double imaginary = 0.0;
        for (int i = 0; i < call.lines.Size; i++)
        {
            int position = call.isReverse != 0 ? call.lines.Size - 1 - i : i;
            int at = 2 * (start + position * call.lines.Inner);
            double x = TElement.Widen(call.source[2 * call.offset + at]);
            double y = TElement.Widen(call.source[2 * call.offset + at + 1]);
            double next = real * x - imaginary * y;
            imaginary = real * y + imaginary * x;
            real = next;
            call.target[at] = TElement.Narrow(real);
            call.target[at + 1] = TElement.Narrow(imaginary);
        }
    }
}

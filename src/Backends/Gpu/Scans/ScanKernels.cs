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

/// <summary>
/// Runs along lines, with some threads (a power of two) on each: every one of them folds a few neighbouring elements, and writes them
/// once it knows what the threads before it have.
/// </summary>
internal readonly struct ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget>(
    ArrayView<TStored> source, int offset, ArrayView<TTarget> target, Lines lines, int lanes, bool isReverse)
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
    private readonly int lanes = lanes;
    private readonly int isReverse = isReverse ? 1 : 0;

    public static void Run(ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget> call)
    {
        ArrayView<Placed<T>> scratch = SharedMemory.Allocate<Placed<T>>(GroupScan.Threads);
        int lanes = call.lanes, lane = Group.IdxX % lanes, line = Grid.IdxX * (GroupScan.Threads / lanes) + Group.IdxX / lanes;
        bool isReal = line < call.lines.Count;
        int start = isReal ? call.lines.Start(line) : 0, size = isReal ? call.lines.Size : 0;
        var before = GroupScan.Nothing<T>();
        // All threads of the group go round as often, as they meet at barriers.
        for (int stretch = 0; stretch < call.lines.Size; stretch += lanes * GroupScan.Each)
        {
            int first = stretch + lane * GroupScan.Each, end = IntrinsicMath.Min(first + GroupScan.Each, size);
            var kept = before;
            if (lanes > 1)
            {
                var own = GroupScan.Nothing<T>();
                for (int i = first; i < end; i++)
                    own = call.Next(own, start, i);
                GroupScan.Run<T, TScan>(scratch, lanes, own);
                if (lane > 0)
                    kept = GroupScan.Join<T, TScan>(before, scratch[Group.IdxX - 1]);
                before = GroupScan.Join<T, TScan>(before, scratch[Group.IdxX - lane + lanes - 1]);
                Group.Barrier();
            }
            for (int i = first; i < end; i++)
            {
                kept = call.Next(kept, start, i);
                call.target[start + call.Position(i) * call.lines.Inner] = TFinish.Finish(kept);
            }
            if (lanes == 1)
                before = kept;
        }
    }

    /// <summary>Where the element is that comes as number i.</summary>
    private int Position(int i) => isReverse != 0 ? lines.Size - 1 - i : i;

    private Placed<T> Next(Placed<T> kept, int start, int i)
    {
        int position = Position(i);
        T value = TElement.Widen(source[offset + start + position * lines.Inner]);
        return kept.Position < 0 ? new(value, position) : TScan.Next(kept, value, position);
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

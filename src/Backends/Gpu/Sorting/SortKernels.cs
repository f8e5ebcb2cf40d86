using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Writes keys and positions of every line, filled up to a power of two with what sorts last.</summary>
internal readonly struct SortKeysKernel<TElement, TStored, T>(
    ArrayView<TStored> source, int offset, Lines lines, ArrayView<ulong> keys, ArrayView<int> positions, int padded, bool isDescending)
    : IKernel<SortKeysKernel<TElement, TStored, T>>
    where TElement : struct, INumberElement<TStored, T>
    where TStored : unmanaged
    where T : unmanaged, INumber<T>
{
    private readonly ArrayView<TStored> source = source;
    private readonly int offset = offset;
    private readonly Lines lines = lines;
    private readonly ArrayView<ulong> keys = keys;
    private readonly ArrayView<int> positions = positions;
    private readonly int padded = padded;
    private readonly ulong flip = isDescending ? ulong.MaxValue : 0ul;

    public static void Run(SortKeysKernel<TElement, TStored, T> call)
    {
        int i = Grid.GlobalIndex.X;
        int line = i / call.padded;
        if (line >= call.lines.Count)
            return;
        int position = i - line * call.padded;
        bool isReal = position < call.lines.Size;
        call.positions[i] = isReal ? position : int.MaxValue;
        call.keys[i] = isReal
            ? TElement.Key(TElement.Widen(call.source[call.offset + call.lines.Start(line) + position * call.lines.Inner])) ^ call.flip
            : ulong.MaxValue;
    }
}

/// <summary>
/// One round of Batcher's bitonic network (1968) over every line: elements <paramref name="distance"/> apart are put in order, in
/// runs of <paramref name="run"/> that go up and down by turns. Positions decide between equal keys, which makes the sort stable.
/// </summary>
internal readonly struct BitonicKernel(ArrayView<ulong> keys, ArrayView<int> positions, int count, int padded, int run, int distance) : IKernel<BitonicKernel>
{
    private readonly ArrayView<ulong> keys = keys;
    private readonly ArrayView<int> positions = positions;
    private readonly int count = count;
    private readonly int padded = padded;
    private readonly int run = run;
    private readonly int distance = distance;

    public static void Run(BitonicKernel call)
    {
        int i = Grid.GlobalIndex.X;
        int other = i ^ call.distance;
        if (i >= call.count || other <= i)
            return;
        bool isUp = (i & (call.padded - 1) & call.run) == 0;
        ulong a = call.keys[i];
        ulong b = call.keys[other];
        int p = call.positions[i];
        int q = call.positions[other];
        bool isAfter = a > b || (a == b && p > q);
        if (isAfter != isUp)
            return;
        call.keys[i] = b;
        call.keys[other] = a;
        call.positions[i] = q;
        call.positions[other] = p;
    }
}

/// <summary>Hands out the first positions of every line.</summary>
internal readonly struct TakeKernel(ArrayView<int> positions, int padded, Lines result, ArrayView<long> target) : IKernel<TakeKernel>
{
    private readonly ArrayView<int> positions = positions;
    private readonly int padded = padded;
    private readonly Lines result = result;
    private readonly ArrayView<long> target = target;

    public static void Run(TakeKernel call)
    {
        int i = Grid.GlobalIndex.X;
        int line = i / call.result.Size;
        if (line >= call.result.Count)
            return;
        int place = i - line * call.result.Size;
        call.target[call.result.Start(line) + place * call.result.Inner] = call.positions[line * call.padded + place];
    }
}

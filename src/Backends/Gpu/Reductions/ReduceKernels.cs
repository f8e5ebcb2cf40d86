using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>
/// Folds chunks of a program's values, group by group: the threads of a group take turns along the chunk and merge what they
/// have in a tree. Values are numbered (result, position in it); chunk c of result o is kept at o * chunks + c.
/// </summary>
internal readonly struct ReduceByGroups<TProgram, T, TKept, TFold>(TProgram program, ArrayView<TKept> target, int folded, int chunk, int chunks)
    : IKernel<ReduceByGroups<TProgram, T, TKept, TFold>>
    where TProgram : struct, IValueProgram<TProgram, T>
    where T : unmanaged
    where TKept : unmanaged
    where TFold : struct, IFold<T, TKept>
{
    private readonly TProgram program = program;
    private readonly ArrayView<TKept> target = target;
    private readonly int folded = folded;
    private readonly int chunk = chunk;
    private readonly int chunks = chunks;

    public static void Run(ReduceByGroups<TProgram, T, TKept, TFold> call)
    {
        ArrayView<TKept> shared = SharedMemory.Allocate<TKept>(256);
        int place = Grid.IdxX;
        int result = place / call.chunks;
        int start = (place - result * call.chunks) * call.chunk;
        int end = start + call.chunk < call.folded ? start + call.chunk : call.folded;
        TKept kept = TFold.Empty();
        for (int j = start + Group.IdxX; j < end; j += Group.DimX)
            kept = TFold.Merge(kept, TFold.Of(call.program.At(result * call.folded + j), j));
        shared[Group.IdxX] = kept;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half)
                shared[Group.IdxX] = TFold.Merge(shared[Group.IdxX], shared[Group.IdxX + half]);
            Group.Barrier();
        }
        if (Group.IdxX == 0)
            call.target[place] = shared[0];
    }
}

/// <summary>
/// The same with one thread for each chunk: neighbouring threads have neighbouring results, which lie side by side where the
/// innermost dimension is kept.
/// </summary>
internal readonly struct ReduceByThreads<TProgram, T, TKept, TFold>(TProgram program, ArrayView<TKept> target, int kept, int folded, int chunk, int chunks)
    : IKernel<ReduceByThreads<TProgram, T, TKept, TFold>>
    where TProgram : struct, IValueProgram<TProgram, T>
    where T : unmanaged
    where TKept : unmanaged
    where TFold : struct, IFold<T, TKept>
{
    private readonly TProgram program = program;
    private readonly ArrayView<TKept> target = target;
    private readonly int kept = kept;
    private readonly int folded = folded;
    private readonly int chunk = chunk;
    private readonly int chunks = chunks;

    public static void Run(ReduceByThreads<TProgram, T, TKept, TFold> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= call.kept * call.chunks)
            return;
        int number = i / call.kept;
        int result = i - number * call.kept;
        int start = number * call.chunk;
        int end = start + call.chunk < call.folded ? start + call.chunk : call.folded;
        TKept kept = TFold.Empty();
        for (int j = start; j < end; j++)
            kept = TFold.Merge(kept, TFold.Of(call.program.At(result * call.folded + j), j));
        call.target[result * call.chunks + number] = kept;
    }
}

/// <summary>Merges the chunks of every result in order and stores what comes of it.</summary>
internal readonly struct FinishReduction<T, TKept, TFold, TFinish, TStored>(
    ArrayView<TKept> source, ArrayView<TStored> target, int count, int chunks, int step, int part)
    : IKernel<FinishReduction<T, TKept, TFold, TFinish, TStored>>
    where T : unmanaged
    where TKept : unmanaged
    where TFold : struct, IFold<T, TKept>
    where TFinish : struct, IFinish<TKept, TStored>
    where TStored : unmanaged
{
    private readonly ArrayView<TKept> source = source;
    private readonly ArrayView<TStored> target = target;
    private readonly int count = count;
    private readonly int chunks = chunks;
    private readonly int step = step;
    private readonly int part = part;

    public static void Run(FinishReduction<T, TKept, TFold, TFinish, TStored> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= call.count)
            return;
        TKept kept = TFold.Empty();
        for (int c = 0; c < call.chunks; c++)
            kept = TFold.Merge(kept, call.source[i * call.chunks + c]);
        call.target[i * call.step + call.part] = TFinish.Finish(kept);
    }
}

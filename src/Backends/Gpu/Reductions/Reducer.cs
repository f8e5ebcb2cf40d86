using System.Numerics;

namespace Functional.Gpu;

/// <summary>How the work of a reduction is cut, from its sizes alone, so that a result's bits do not depend on the day.</summary>
/// <param name="Kept">Results.</param>
/// <param name="Folded">Values in each.</param>
/// <param name="Chunk">Values that one group or thread folds.</param>
/// <param name="Chunks">Chunks of a result.</param>
/// <param name="IsByThreads">Whether a thread rather than a group takes a chunk.</param>
internal readonly record struct ReductionCut(int Kept, int Folded, int Chunk, int Chunks, bool IsByThreads)
{
    private const int Groups = 2048;
    private const int Threads = 1 << 17;

    public static ReductionCut Of(int kept, int folded, bool isInnermostKept)
    {
        bool isByThreads = folded <= 32 || (isInnermostKept && kept >= 32);
        int wanted = (isByThreads ? Threads : Groups) / Math.Max(1, kept);
        int smallest = isByThreads ? 64 : 1024;
        int chunks = Math.Clamp(wanted, 1, Math.Max(1, folded / smallest));
        int chunk = (folded + chunks - 1) / chunks;
        return new ReductionCut(kept, folded, chunk, Math.Max(1, (folded + chunk - 1) / Math.Max(1, chunk)), isByThreads);
    }
}

/// <summary>Where a reduction's results go: every element, or one part of complex memory.</summary>
internal readonly record struct ReductionTarget(GpuBuffer Buffer, int Step, int Part);

/// <summary>A compiled reduction of a program's values, whatever its types.</summary>
internal abstract class Reducer
{
    public abstract void Run(GpuBackend backend, ProgramCall call, ReductionCut cut, ReductionTarget target);

    /// <summary>Its kernels, for compilers that are asked directly.</summary>
    public abstract IEnumerable<Type> Kernels { get; }

    /// <summary>The reducer of a fold for the dtype of the results.</summary>
    public static Reducer Of(Reduction reduction, Dtype result, Type program)
    {
        Type[] element = NumberElements.All[TypeIndex(result)];
        Type number = element[2];
        bool isArg = reduction.IsArgMaximum || reduction.IsArgMinimum;
        bool isSum = reduction.IsSum || reduction.IsProduct;
        Type fold = (reduction.IsSum ? typeof(SumFold<>) : reduction.IsProduct ? typeof(ProductFold<>)
            : reduction.IsMaximum || reduction.IsArgMaximum ? typeof(MaximumFold<>) : typeof(MinimumFold<>)).MakeGenericType(number);
        Type kept = isSum ? number : typeof(Placed<>).MakeGenericType(number);
        Type finish = isArg ? typeof(StorePosition<>).MakeGenericType(number)
            : (isSum ? typeof(StoreNumber<,,>) : typeof(StoreBest<,,>)).MakeGenericType(element);
        Type stored = isArg ? typeof(long) : element[1];
        return (Reducer)Activator.CreateInstance(typeof(Reducer<,,,,,>).MakeGenericType(program, number, kept, fold, finish, stored))!;
    }

    private static int TypeIndex(Dtype dtype) => DtypeModule.index(dtype);
}

/// <inheritdoc/>
internal sealed class Reducer<TProgram, T, TKept, TFold, TFinish, TStored> : Reducer
    where TProgram : struct, IValueProgram<TProgram, T>
    where T : unmanaged
    where TKept : unmanaged
    where TFold : struct, IFold<T, TKept>
    where TFinish : struct, IFinish<TKept, TStored>
    where TStored : unmanaged
{
    public override IEnumerable<Type> Kernels =>
    [
        typeof(ReduceByGroups<TProgram, T, TKept, TFold>),
        typeof(ReduceByThreads<TProgram, T, TKept, TFold>),
        typeof(FinishReduction<T, TKept, TFold, TFinish, TStored>),
    ];

    public override void Run(GpuBackend backend, ProgramCall call, ReductionCut cut, ReductionTarget target)
    {
        KernelCache kernels = backend.Context.Kernels;
        int partials = cut.Kept * cut.Chunks;
        using var scratch = new DeviceScratch<TKept>(backend.Context, partials);
        TProgram program = TProgram.Create(call);
        if (cut.IsByThreads)
            kernels.Launch("reduce", partials, new ReduceByThreads<TProgram, T, TKept, TFold>(program, scratch.View, cut.Kept, cut.Folded, cut.Chunk, cut.Chunks));
        else
            kernels.Launch(
                "reduce",
                new ILGPU.KernelConfig(partials, backend.Context.GroupSize),
                new ReduceByGroups<TProgram, T, TKept, TFold>(program, scratch.View, cut.Folded, cut.Chunk, cut.Chunks));
        kernels.Launch("reduce", cut.Kept, new FinishReduction<T, TKept, TFold, TFinish, TStored>(
            scratch.View, target.Buffer.As<TStored>(), cut.Kept, cut.Chunks, target.Step, target.Part));
        call.KeepAlive();
        GC.KeepAlive(target.Buffer);
    }
}

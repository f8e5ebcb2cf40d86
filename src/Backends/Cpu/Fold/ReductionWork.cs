using System.Numerics;

namespace Functional.Cpu;

/// <summary>A reduction of strided memory once its element type is known: chooses the kernel that the layout asks for.</summary>
/// <param name="reduction">Arg kinds write Int64 positions, the others elements of the source's type.</param>
/// <param name="shape">Sizes of the source.</param>
/// <param name="strides">Strides of the source.</param>
/// <param name="isFolded">Which dimensions are folded.</param>
/// <param name="source">The first element.</param>
/// <param name="result">Room for the remaining dimensions, row-major.</param>
internal readonly unsafe struct ReductionWork(
    Reduction reduction, int[] shape, int[] strides, bool[] isFolded, void* source, void* result) : IElementAction
{
    public void Invoke<T>()
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        if (IsOneRun(out int run) && run > 0 && !reduction.IsArgMaximum && !reduction.IsArgMinimum)
        {
            Folds.Invoke<T, Run<T>>(reduction, new Run<T>((T*)source, (T*)result, run));
            return;
        }
        ReductionPlan plan = ReductionPlan.Of(shape, strides, isFolded);
        if (plan.Kept.Count == 0)
            return;
        if (plan.Folded.Count == 0)
            new Span<T>(result, (int)plan.Kept.Count).Fill(reduction.IsSum ? T.Zero : T.One);
        else if (reduction.IsArgMaximum || reduction.IsArgMinimum)
            FoldPositions<T>(plan);
        else
            FoldValues<T>(plan);
    }

    private void FoldValues<T>(in ReductionPlan plan)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        if (plan.FoldsColumns || plan.FoldsRows)
        {
            Folds.Invoke<T, Values<T>>(reduction, new Values<T>((T*)source, (T*)result, plan));
            return;
        }
        using var room = new Scratch<T>(plan.Kept.Count * plan.Folded.Count);
        ReductionPlan regrouped = Regroup(room.Pointer);
        Folds.Invoke<T, Values<T>>(reduction, new Values<T>(room.Pointer, (T*)result, regrouped));
    }

    private void FoldPositions<T>(in ReductionPlan plan)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        int run = (int)plan.Folded.Count;
        // Positions count in row-major order of the folded dimensions, so only a run in that order will do.
        if (plan.FoldsRows && plan.Folded.Rank == 1 && RunsInOrder())
        {
            Folds.Invoke<T, Positions<T>>(reduction, new Positions<T>((T*)source, (long*)result, plan.Kept, run));
            return;
        }
        using var room = new Scratch<T>(plan.Kept.Count * run);
        ReductionPlan regrouped = Regroup(room.Pointer);
        Folds.Invoke<T, Positions<T>>(reduction, new Positions<T>(room.Pointer, (long*)result, regrouped.Kept, run));
    }

    /// <summary>Whether all elements, row-major and not many, fold to one: the case worth no plan.</summary>
    private bool IsOneRun(out int run)
    {
        run = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && (!isFolded[d] || strides[d] != run || (long)run * shape[d] > RowReduction.Segment))
                return false;
            run *= shape[d];
        }
        return true;
    }

    /// <summary>Whether strides fall along the folded dimensions, as positions do.</summary>
    private bool RunsInOrder()
    {
        int last = int.MaxValue;
        for (int d = 0; d < isFolded.Length; d++)
        {
            if (!isFolded[d] || shape[d] == 1)
                continue;
            if (strides[d] > last)
                return false;
            last = strides[d];
        }
        return true;
    }

    /// <summary>Copies the source with its folded dimensions moved to the end, in order; returns the plan for the copy.</summary>
    private ReductionPlan Regroup<T>(T* target)
        where T : unmanaged, INumber<T>
    {
        bool[] folded = isFolded;
        int[] order = [.. Enumerable.Range(0, folded.Length).OrderBy(d => folded[d])];
        int[] sizes = Permute(shape, order);
        int[] rowMajor = ShapeModule.rowMajor(sizes);
        StridedCopy.Run((T*)source, target, LoopNest.Of(sizes, Permute(strides, order), rowMajor));
        return ReductionPlan.Of(sizes, rowMajor, Array.ConvertAll(order, d => folded[d]));
    }

    private static int[] Permute(int[] values, int[] order) => Array.ConvertAll(order, d => values[d]);

    /// <summary>One run once its fold is known.</summary>
    private readonly struct Run<T>(T* source, T* result, int count) : IFoldAction<T>
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Invoke<TFold>()
            where TFold : struct, IFold<T> =>
            Widest.Invoke<T, Vectors<TFold>>(new Vectors<TFold>(source, result, count));

        private readonly struct Vectors<TFold>(T* source, T* result, int count) : IVectorAction<T>
            where TFold : struct, IFold<T>
        {
            public void Invoke<S, V>()
                where S : struct, ISimd<V, T>
                where V : struct =>
                *result = RunFold<S, V, T, TFold>.Fold(source, count);
        }
    }

    /// <summary>A reduction to values once its fold is known.</summary>
    private readonly struct Values<T>(T* source, T* result, ReductionPlan plan) : IFoldAction<T>
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Invoke<TFold>()
            where TFold : struct, IFold<T> =>
            Widest.Invoke<T, Vectors<TFold>>(new Vectors<TFold>(source, result, plan));

        private readonly struct Vectors<TFold>(T* source, T* result, ReductionPlan plan) : IVectorAction<T>
            where TFold : struct, IFold<T>
        {
            public void Invoke<S, V>()
                where S : struct, ISimd<V, T>
                where V : struct
            {
                if (plan.FoldsColumns)
                    ColumnReduction.Run<S, V, T, TFold>(source, result, plan);
                else
                    RowReduction.Run<S, V, T, TFold>(source, result, plan);
            }
        }
    }

    /// <summary>A reduction to positions once its fold is known.</summary>
    private readonly struct Positions<T>(T* source, long* result, LoopNest kept, int run) : IFoldAction<T>
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Invoke<TFold>()
            where TFold : struct, IFold<T> =>
            Widest.Invoke<T, Vectors<TFold>>(new Vectors<TFold>(source, result, kept, run));

        private readonly struct Vectors<TFold>(T* source, long* result, LoopNest kept, int run) : IVectorAction<T>
            where TFold : struct, IFold<T>
        {
            public void Invoke<S, V>()
                where S : struct, ISimd<V, T>
                where V : struct =>
                ArgReduction.Run<S, V, T, TFold>(source, result, kept, run);
        }
    }
}

using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Reduce(Reduction reduction, Program? program, int[] shape, View[] inputs, Scalar[] parameters, int[] axes)
    {
        ArgumentNullException.ThrowIfNull(program);
        bool[] isFolded = FoldedDimensions(reduction, shape, axes);
        View values = Evaluate(program, shape, inputs, parameters, out CpuBuffer? temporary);
        View wide = HalfPrecision.Widen(values, out CpuBuffer? widened);
        try
        {
            bool isArg = reduction.IsArgMaximum || reduction.IsArgMinimum;
            int results = 1;
            for (int d = 0; d < shape.Length; d++)
                results *= isFolded[d] ? 1 : shape[d];
            var result = new CpuBuffer(isArg ? Dtype.Int64 : wide.Dtype, results);
            Elements.Invoke(isArg ? "argmax" : "sum", wide.Dtype, new Reducing(reduction, wide, isFolded, result, isArg));
            return isArg ? result : HalfPrecision.Narrow(result, program.Results[0]);
        }
        finally
        {
            widened?.Release();
            temporary?.Release();
        }
    }

    /// <summary>Which dimensions are folded. Raises IndexException where an extremum is asked of nothing.</summary>
    private static bool[] FoldedDimensions(Reduction reduction, int[] shape, int[] axes)
    {
        var isFolded = new bool[shape.Length];
        if (axes.Length == 0)
            Array.Fill(isFolded, true);
        foreach (int axis in axes)
            isFolded[axis] = true;

        string? extremum = reduction.Tag switch
        {
            Reduction.Tags.Maximum => "amax()",
            Reduction.Tags.Minimum => "amin()",
            Reduction.Tags.ArgMaximum => "argmax()",
            Reduction.Tags.ArgMinimum => "argmin()",
            _ => null,
        };
        int empty = Array.FindIndex(shape, size => size == 0);
        while (empty >= 0 && !isFolded[empty])
            empty = Array.FindIndex(shape, empty + 1, size => size == 0);
        if (extremum is not null && empty >= 0)
            throw new IndexException(
                $"{extremum}: Expected reduction dim {empty} to have non-zero size. "
                + $"There is no extremum along it in a tensor of shape {ShapeModule.format(shape)}");
        return isFolded;
    }

    /// <summary>The values of a program with one output: an input as it is where the program only reads it.</summary>
    private View Evaluate(Program program, int[] shape, View[] inputs, Scalar[] parameters, out CpuBuffer? temporary)
    {
        temporary = null;
        if (program.Code.Length == 1 && program.Code[0] is Instruction.Load load && program.Results[0].Equals(inputs[load.input].Dtype))
            return inputs[load.input];
        temporary = new CpuBuffer(program.Results[0], ShapeModule.count(shape));
        Pointwise(program, shape, inputs, parameters, [temporary]);
        return new View(temporary, 0, shape, ShapeModule.rowMajor(shape));
    }

    /// <summary>A reduction once its element type is known.</summary>
    private readonly struct Reducing(Reduction reduction, View source, bool[] isFolded, CpuBuffer result, bool isArg) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = CpuBuffer.Of(source);
            fixed (byte* from = buffer, to = result)
            {
                if (isArg)
                    Arg((T*)from + source.Offset, (long*)to);
                else
                    Values((T*)from + source.Offset, (T*)to);
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }

        private void Values<T>(T* from, T* to)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            ReductionPlan plan = ReductionPlan.Of(source.Shape, source.Strides, isFolded);
            if (plan.Kept.Count == 0)
                return;
            if (plan.Folded.Count == 0)
            {
                new Span<T>(to, result.Length).Fill(reduction.IsSum ? T.Zero : T.One);
                return;
            }
            if (plan.FoldsColumns || plan.FoldsRows)
            {
                Fold(from, to, plan);
                return;
            }
            using var room = new Scratch<T>(plan.Kept.Count * plan.Folded.Count);
            Fold(room.Pointer, to, Regroup(from, room.Pointer, isFolded));
        }

        private void Arg<T>(T* from, long* to)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            ReductionPlan plan = ReductionPlan.Of(source.Shape, source.Strides, isFolded);
            // Positions count in row-major order of the folded dimensions, so only a run in that order will do.
            if (plan.Kept.Count == 0)
                return;
            bool isOneRun = plan.FoldsRows && plan.Folded.Rank == 1 && RunsInOrder();
            using var room = new Scratch<T>(isOneRun ? 1 : plan.Kept.Count * plan.Folded.Count);
            if (!isOneRun)
                plan = Regroup(from, room.Pointer, isFolded);
            Folds.Invoke<T, Positions<T>>(
                reduction,
                new Positions<T>(isOneRun ? from : room.Pointer, to, plan.Kept, (int)plan.Folded.Count));
        }

        /// <summary>Whether strides fall along the folded dimensions, as positions do.</summary>
        private bool RunsInOrder()
        {
            int last = int.MaxValue;
            for (int d = 0; d < isFolded.Length; d++)
            {
                if (!isFolded[d] || source.Shape[d] == 1)
                    continue;
                if (source.Strides[d] > last)
                    return false;
                last = source.Strides[d];
            }
            return true;
        }

        /// <summary>Copies the source with its folded dimensions moved to the end, in order; returns the plan for the copy.</summary>
        private ReductionPlan Regroup<T>(T* from, T* to, bool[] folded)
            where T : unmanaged
        {
            int[] order = [.. Enumerable.Range(0, folded.Length).OrderBy(d => folded[d])];
            View view = source;
            int[] shape = Array.ConvertAll(order, d => view.Shape[d]);
            int[] strides = Array.ConvertAll(order, d => view.Strides[d]);
            int[] rowMajor = ShapeModule.rowMajor(shape);
            StridedCopy.Run(
                source.Dtype,
                (byte*)from,
                new View(source.Buffer, 0, shape, strides),
                (byte*)to,
                new View(source.Buffer, 0, shape, rowMajor));
            return ReductionPlan.Of(shape, rowMajor, Array.ConvertAll(order, d => folded[d]));
        }

        private void Fold<T>(T* from, T* to, in ReductionPlan plan)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            Folds.Invoke<T, Folding<T>>(reduction, new Folding<T>(from, to, plan));
    }

    /// <summary>A reduction to values once its fold is known.</summary>
    private readonly struct Folding<T>(T* source, T* result, ReductionPlan plan) : IFoldAction<T>
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

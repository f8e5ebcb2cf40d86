namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Reduce(Reduction reduction, Program? program, int[] shape, View[] inputs, Scalar[] parameters, int[] axes)
    {
        ArgumentNullException.ThrowIfNull(program);
        bool[] isFolded = FoldedDimensions(reduction, shape, axes);
        int count = ShapeModule.count(shape);
        bool isArg = reduction.IsArgMaximum || reduction.IsArgMinimum;
        if (OnlyReads(program, inputs))
            return ReduceView(reduction, inputs[0], isFolded);
        if (Slabs.AreWorthwhile(count) && !isArg && !Pairs.Are(program.Results[0]))
            return ReduceSlabs(reduction, program, shape, inputs, parameters, isFolded);

        var values = new CpuBuffer(program.Results[0], count);
        Pointwise(program, shape, inputs, parameters, [values]);
        CpuBuffer result = ReduceView(reduction, ViewModule.contiguous(shape, values), isFolded);
        values.Release();
        return result;
    }

    /// <summary>Folds the elements of a view.</summary>
    private static CpuBuffer ReduceView(Reduction reduction, View source, bool[] isFolded)
    {
        if (Pairs.Are(source.Dtype))
            return ReducePairs(reduction, source, isFolded);
        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        bool isArg = reduction.IsArgMaximum || reduction.IsArgMinimum;
        var result = new CpuBuffer(isArg ? Dtype.Int64 : wide.Dtype, KeptCount(source.Shape, isFolded));
        CpuBuffer buffer = CpuBuffer.Of(wide);
        fixed (byte* from = buffer, to = result)
        {
            byte* first = from + (long)wide.Offset * DtypeModule.size(wide.Dtype);
            var work = new ReductionWork(reduction, wide.Shape, wide.Strides, isFolded, first, to);
            Elements.Invoke(isArg ? "argmax" : "sum", wide.Dtype, work);
        }
        GC.KeepAlive(buffer);
        GC.KeepAlive(result);
        widened?.Release();
        return isArg ? result : HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>Folds complex numbers: sums part by part, products one after the other.</summary>
    private static CpuBuffer ReducePairs(Reduction reduction, View source, bool[] isFolded)
    {
        if (reduction.IsProduct)
            return ComplexProducts.Reduce(source, isFolded);
        if (!reduction.IsSum)
            throw Elements.Missing("max_values", source.Dtype);
        View pairs = Pairs.Of(source);
        var result = new CpuBuffer(source.Dtype, KeptCount(source.Shape, isFolded));
        CpuBuffer buffer = CpuBuffer.Of(source);
        Dtype real = DtypeModule.toReal(source.Dtype);
        fixed (byte* from = buffer, to = result)
        {
            byte* first = from + (long)pairs.Offset * DtypeModule.size(real);
            if (PairSums.Takes(source, isFolded, out int run))
            {
                if (real.IsFloat64)
                    PairSums.Run((double*)first, (double*)to, result.Length, run);
                else
                    PairSums.Run((float*)first, (float*)to, result.Length, run);
            }
            else
                Elements.Invoke("sum", real, new ReductionWork(reduction, pairs.Shape, pairs.Strides, [.. isFolded, false], first, to));
        }
        GC.KeepAlive(buffer);
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>
    /// Computes the program's values slab by slab and folds each slab while it is in the cache, then folds what the slabs gave.
    /// </summary>
    private CpuBuffer ReduceSlabs(
        Reduction reduction, Program program, int[] shape, View[] inputs, Scalar[] parameters, bool[] isFolded)
    {
        Slabs slabs = Slabs.Of(shape);
        Dtype dtype = program.Results[0];
        Dtype wide = DtypeModule.compute(dtype);

        // Partial results keep the dimensions before the cut, and of the cut one position for each slab if it is folded.
        int[] partialShape = [.. shape];
        var folds = new bool[shape.Length];
        for (int d = 0; d < shape.Length; d++)
        {
            bool foldsInSlab = isFolded[d] && d >= slabs.Dimension;
            if (foldsInSlab)
                partialShape[d] = d == slabs.Dimension ? slabs.PerRow : 1;
            folds[d] = isFolded[d] && d <= slabs.Dimension;
        }
        int[] partialStrides = ShapeModule.rowMajor(partialShape);
        var partials = new CpuBuffer(wide, ShapeModule.count(partialShape));
        fixed (byte* target = partials)
        {
            byte* to = target;
            WorkerPool.Run(slabs.Count, slab =>
            {
                int[] part = slabs.At(slab, out int[] start);
                var values = new CpuBuffer(dtype, ShapeModule.count(part));
                View[] windows = Array.ConvertAll(inputs, view => Slabs.Cut(view, part, start));
                Pointwise(program, part, windows, parameters, [values]);
                View folded = HalfPrecision.Widen(ViewModule.contiguous(part, values), out CpuBuffer? widened);
                long place = 0;
                for (int d = 0; d <= slabs.Dimension; d++)
                    place += (long)partialStrides[d] * (isFolded[d] && d == slabs.Dimension ? start[d] / slabs.Length : start[d]);
                // Of the dimensions before the cut a slab has one position each: folding them or not is all one.
                CpuBuffer buffer = CpuBuffer.Of(folded);
                fixed (byte* from = buffer)
                {
                    var work = new ReductionWork(
                        reduction, part, folded.Strides, isFolded, from, to + place * DtypeModule.size(wide));
                    Elements.Invoke("sum", wide, work);
                }
                GC.KeepAlive(buffer);
                widened?.Release();
                values.Release();
            });
        }
        GC.KeepAlive(partials);
        if (!Array.Exists(folds, fold => fold))
            return HalfPrecision.Narrow(partials, dtype);
        CpuBuffer result = ReduceView(reduction, ViewModule.contiguous(partialShape, partials), folds);
        partials.Release();
        return HalfPrecision.Narrow(result, dtype);
    }

    /// <summary>Which dimensions are folded. Raises IndexException where an extremum is asked of nothing.</summary>
    private static bool[] FoldedDimensions(Reduction reduction, int[] shape, int[] axes)
    {
        var isFolded = new bool[shape.Length];
        if (axes.Length == 0)
            Array.Fill(isFolded, true);
        foreach (int axis in axes)
            isFolded[axis] = true;
        for (int d = 0; d < shape.Length; d++)
        {
            if (isFolded[d] && shape[d] == 0 && !reduction.IsSum && !reduction.IsProduct)
                throw NothingToFold(reduction, shape, d);
        }
        return isFolded;
    }

    private static IndexException NothingToFold(Reduction reduction, int[] shape, int dimension)
    {
        string name = reduction.Tag switch
        {
            Reduction.Tags.Maximum => "amax()",
            Reduction.Tags.Minimum => "amin()",
            Reduction.Tags.ArgMaximum => "argmax()",
            _ => "argmin()",
        };
        return new IndexException(
            $"{name}: Expected reduction dim {dimension} to have non-zero size. "
            + $"There is no extremum along it in a tensor of shape {ShapeModule.format(shape)}");
    }

    private static int KeptCount(int[] shape, bool[] isFolded)
    {
        int count = 1;
        for (int d = 0; d < shape.Length; d++)
            count *= isFolded[d] ? 1 : shape[d];
        return count;
    }

    /// <summary>Whether a program does no more than read its first input.</summary>
    private static bool OnlyReads(Program program, View[] inputs) =>
        program.Code.Length == 1 && program.Code[0] is Instruction.Load && program.Results[0].Equals(inputs[0].Dtype)
        && ((Instruction.Load)program.Code[0]).input == 0;
}

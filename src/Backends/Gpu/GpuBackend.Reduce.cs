namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Reduce(Reduction reduction, Program? program, int[] shape, View[] inputs, Scalar[] parameters, int[] axes)
    {
        ArgumentNullException.ThrowIfNull(program);
        bool[] isFolded = FoldedDimensions(reduction, shape, axes);
        int count = 1;
        for (int d = 0; d < shape.Length; d++)
            count *= isFolded[d] ? 1 : shape[d];
        Dtype dtype = program.Results[0];
        bool isArg = reduction.IsArgMaximum || reduction.IsArgMinimum;
        if (!PlanesModule.areNeeded(program))
        {
            GpuBuffer result = New(isArg ? Dtype.Int64 : dtype, count);
            Fold(reduction, program, shape, inputs, parameters, isFolded, new ReductionTarget(result, 1, 0));
            return result;
        }

        // Complex values are stored, and then each part is folded where it lies.
        var values = New(dtype, ShapeModule.count(shape));
        Pointwise(program, shape, inputs, parameters, [values]);
        View stored = ViewModule.contiguous(shape, values);
        GpuBuffer folded = New(isArg ? Dtype.Int64 : dtype, count);
        if (!DtypeModule.isComplex(dtype))
            Fold(reduction, Reading(dtype), shape, [stored], [], isFolded, new ReductionTarget(folded, 1, 0));
        else if (reduction.IsSum)
        {
            for (int part = 0; part < 2; part++)
                Fold(reduction, Reading(DtypeModule.toReal(dtype)), shape, [PartOf(stored, part)], [], isFolded, new ReductionTarget(folded, 2, part));
        }
        else if (reduction.IsProduct)
            FoldComplexProducts(stored, isFolded, folded);
        else
            throw new DtypeException(
                $"\"max_values\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': complex numbers have no order; compare their absolute values");
        values.Release();
        return folded;
    }

    /// <summary>One part of complex elements, as a view that counts reals.</summary>
    private static View PartOf(View view, int part) =>
        new(view.Buffer, 2 * view.Offset + part, view.Shape, Array.ConvertAll(view.Strides, stride => 2 * stride));

    /// <summary>The program that only reads.</summary>
    private static Program Reading(Dtype dtype) => ReadingPrograms[DtypeModule.index(dtype)];

    private static readonly Program[] ReadingPrograms = Array.ConvertAll(
        DtypeModule.all, dtype => new Program([dtype], [], [Instruction.NewLoad(0)], [DtypeModule.compute(dtype)], [0], [dtype]));

    private void Fold(
        Reduction reduction, Program program, int[] shape, View[] inputs, Scalar[] parameters, bool[] isFolded, ReductionTarget target)
    {
        int[] order = [.. Dimensions(isFolded, false), .. Dimensions(isFolded, true)];
        int[] turned = Array.ConvertAll(order, d => shape[d]);
        View[] views = Array.ConvertAll(inputs, view => new View(view.Buffer, view.Offset, turned, Array.ConvertAll(order, d => view.Strides[d])));
        int count = ShapeModule.count(shape);
        int kept = target.Buffer.Length;
        if (kept == 0)
            return;
        bool isInnermostKept = isFolded.Length > 0 && Array.FindLastIndex(shape, size => size > 1) is var last && last >= 0 && !isFolded[last];
        AccessPattern pattern = AccessPattern.Of(turned, views);
        var reducer = (Reducer)ProgramCompiler.Valued(
            program, pattern, reduction.ToString(), type => Reducer.Of(reduction, program.Results[0], type));
        reducer.Run(this, Call(program, pattern, views, [], parameters), ReductionCut.Of(kept, count / kept, isInnermostKept), target);
    }

    private static IEnumerable<int> Dimensions(bool[] isFolded, bool which) => Enumerable.Range(0, isFolded.Length).Where(d => isFolded[d] == which);

    private void FoldComplexProducts(View values, bool[] isFolded, GpuBuffer result)
    {
        int[] order = [.. Dimensions(isFolded, false), .. Dimensions(isFolded, true)];
        var turned = new View(values.Buffer, 0, Array.ConvertAll(order, d => values.Shape[d]), Array.ConvertAll(order, d => values.Strides[d]));
        GpuBuffer source = Own(values.Buffer);
        StridedView from = StridedView.Of(turned, "prod");
        int folded = result.Length == 0 ? 0 : ShapeModule.count(values.Shape) / result.Length;
        if (values.Dtype.IsComplex64)
            Kernels.Launch("prod", result.Length, new ComplexProductKernel<float, WidenedElement>(source.As<float>(), from, result.As<float>(), result.Length, folded));
        else
            Kernels.Launch("prod", result.Length, new ComplexProductKernel<double, Float64Element>(source.As<double>(), from, result.As<double>(), result.Length, folded));
        GC.KeepAlive(source);
    }

    /// <summary>Which dimensions are folded. Raises IndexException where an extremum is asked of nothing.</summary>
    private static bool[] FoldedDimensions(Reduction reduction, int[] shape, int[] axes)
    {
        var isFolded = new bool[shape.Length];
        if (axes.Length == 0)
            Array.Fill(isFolded, true);
        foreach (int axis in axes)
            isFolded[axis] = true;
        int nothing = reduction.IsSum || reduction.IsProduct ? -1 : Array.FindIndex(shape, size => size == 0);
        if (nothing >= 0 && isFolded[nothing])
        {
            string name = reduction.IsMaximum ? "amax()" : reduction.IsMinimum ? "amin()" : reduction.IsArgMaximum ? "argmax()" : "argmin()";
            throw new IndexException(
                $"{name}: Expected reduction dim {nothing} to have non-zero size. "
                + $"There is no extremum along it in a tensor of shape {ShapeModule.format(shape)}");
        }
        return isFolded;
    }
}

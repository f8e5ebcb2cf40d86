namespace Functional.Torch;

// Writing at places: slices by number, elements by place, parts of a tensor.
public static partial class torch
{
    static Number Factor(Scalar? alpha, Tensor like) => alpha is { } a ? Fitting(a, like.Core.Dtype).Value : Number.NewInteger(1);

    /// <summary>Slices of a source, times alpha, added to the slices that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar? alpha = null) =>
        new(IndexWrites.add(Convert.Int(dim), index.Core, Factor(alpha, source), source.Core, input.Core));

    /// <summary>Slices of a source written over the slices that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => new(IndexWrites.copy(Convert.Int(dim), index.Core, source.Core, input.Core));

    /// <summary>A number written over the slices that an index names along a dimension.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) =>
        value.Value.IsComplex && !input.is_complex()
            ? throw new DtypeException($"index_fill_(): Converting complex Scalar to non-complex type is not supported")
            : new(IndexWrites.fill(Convert.Int(dim), index.Core, Operands.number(input.Core, input.Core.Dtype, [], value.Value), input.Core));

    /// <summary>A tensor's one number written over the slices that an index names along a dimension.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Tensor value) =>
        value.dim() == 0
            ? new(IndexWrites.fill(Convert.Int(dim), index.Core, value.Core, input.Core))
            : throw new ShapeException($"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.dim()} dimension(s).");

    static PlaceReduction Reduced(string name, string reduce, bool sums) => reduce switch
    {
        "sum" when sums => PlaceReduction.ReduceSum,
        "prod" => PlaceReduction.ReduceProduct,
        "mean" => PlaceReduction.ReduceMean,
        "amax" => PlaceReduction.ReduceMaximum,
        "amin" => PlaceReduction.ReduceMinimum,
        _ => throw new ArgumentValueException(sums
            ? $"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
            : $"{name}(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."),
    };

    /// <summary>Slices put together ("prod", "mean", "amax", "amin") with the slices that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor index_reduce(Tensor input, long dim, Tensor index, Tensor source, string reduce, bool include_self = true) =>
        new(IndexWrites.reduce(Reduced("index_reduce", reduce, false), include_self, Convert.Int(dim), index.Core, source.Core, input.Core));

    /// <summary>Values put together ("sum", "prod", "mean", "amax", "amin") with the elements at places along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter_reduce(Tensor input, long dim, Tensor index, Tensor src, string reduce, bool include_self = true) =>
        new(IndexWrites.scatterReduce(Reduced("scatter_reduce", reduce, true), include_self, Convert.Int(dim), index.Core, src.Core, input.Core));

    /// <summary>Values written at places along a dimension, or put together ("add", "multiply") with what stands there.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src, string reduce) =>
        new(IndexWrites.scatterReduce(Together(reduce), true, Convert.Int(dim), index.Core, src.Core, input.Core));

    /// <summary>A number written at places along a dimension, or put together ("add", "multiply") with what stands there.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter(Tensor input, long dim, Tensor index, Scalar value, string reduce) => scatter(input, dim, index, full_like(index, value, input.dtype), reduce);

    static PlaceReduction Together(string reduce) => reduce switch
    {
        "add" => PlaceReduction.ReduceSum,
        "multiply" => PlaceReduction.ReduceProduct,
        _ => throw new ArgumentValueException($"reduce argument must be either add or multiply, got {reduce}"),
    };

    /// <summary>Values written (or added, if they accumulate) at places of the flattened tensor.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor put(Tensor input, Tensor index, Tensor source, bool accumulate = false)
    {
        if (index.dtype != ScalarType.Int64) throw new DtypeException($"put_(): Expected a long tensor for index, but got {Named(index)}");
        return new(IndexWrites.putFlat(accumulate, index.Core, source.Core, input.Core));
    }

    /// <summary>The elements of a source, one after the other, where a mask holds.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor masked_scatter(Tensor input, Tensor mask, Tensor source)
    {
        if (mask.dtype is not (ScalarType.Bool or ScalarType.Byte)) throw new DtypeException($"masked_scatter only supports boolean masks, but got mask with dtype {Dtypes.name(mask.Core.Dtype)}");
        return new(IndexWrites.maskedScatter(mask.Core, source.Core, input.Core));
    }

    /// <summary>The tensor with another slice at a place along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor select_scatter(Tensor input, Tensor src, long dim, long index) => new(IndexWrites.selectScatter(Convert.Int(dim), Convert.Int(index), src.Core, input.Core));

    /// <summary>The tensor with other elements start, start + step, ... below end along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor slice_scatter(Tensor input, Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
        new(IndexWrites.sliceScatter(Convert.Int(dim), Bounded(start ?? 0), Bounded(end ?? long.MaxValue), Bounded(step), src.Core, input.Core));

    static int Bounded(long place) => (int)Math.Clamp(place, int.MinValue / 2, int.MaxValue / 2);
}

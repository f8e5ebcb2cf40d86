namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Elements picked along a dimension: result[i][j] = input[index[i][j]][j] for dim 0.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false)
    {
        if (index.dtype != ScalarType.Int64 && index.numel() > 0) throw new DtypeException($"gather(): Expected dtype int64 for index, but got {Named(index)}");
        return new(Index.gather(Convert.Int(dim), index.Core, input.Core));
    }

    /// <summary>Slices along a dimension, one for each element of an index.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static Tensor index_select(Tensor input, long dim, Tensor index)
    {
        if (index.dtype is not (ScalarType.Int64 or ScalarType.Int32)) throw new DtypeException($"index_select(): Expected dtype int32 or int64 for index, but got {Named(index)}");
        return new(Index.indexSelect(Convert.Int(dim), index.Core, input.Core));
    }

    /// <summary>Values added at the places that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => new(Index.scatterAdd(Convert.Int(dim), index.Core, src.Core, input.Core));

    /// <summary>Values written at the places that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => new(Index.scatter(Convert.Int(dim), index.Core, src.Core, input.Core));

    /// <summary>A number written at the places that an index names along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor scatter(Tensor input, long dim, Tensor index, Scalar value) => scatter(input, dim, index, full_like(index, value, input.dtype));

    /// <summary>The elements where a mask holds, as a vector.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static Tensor masked_select(Tensor input, Tensor mask)
    {
        if (mask.dtype != ScalarType.Bool) throw new DtypeException($"masked_select: expected BoolTensor for mask, but got {Named(mask)}");
        var both = broadcast_tensors(input, mask);
        return both[0][TensorIndex.Tensor(both[1])].reshape(-1);
    }

    /// <summary>A number where a mask holds, the elements elsewhere.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor masked_fill(Tensor input, Tensor mask, Scalar value) => value.Value.IsComplex && !input.is_complex()
        ? throw new DtypeException($"value cannot be converted to type {Named(input)} without overflow")
        : masked_fill(input, mask, new Tensor(Operands.number(input.Core, value.Value.IsReal && IsWhole(input.Core.Dtype) ? value.Type.Core() : input.Core.Dtype, [], value.Value)));

    /// <summary>A tensor's one number where a mask holds, the elements elsewhere.</summary>
    [Forms(Forms.Method | Forms.InPlace)]
    public static Tensor masked_fill(Tensor input, Tensor mask, Tensor value)
    {
        if (mask.dtype != ScalarType.Bool) throw new DtypeException($"masked_fill_ only supports boolean masks, but got mask with dtype {Dtypes.name(mask.Core.Dtype)}");
        if (value.dim() != 0) throw new ShapeException($"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.dim()} dimension(s).");
        if (Dtypes.category(value.Core.Dtype) > Dtypes.category(input.Core.Dtype)) throw new DtypeException($"value cannot be converted to type {Named(input)} without overflow");
        return where(mask, value.to(input.dtype), input);
    }

    /// <summary>The positions of the elements that are not zero, a row each.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nonzero(Tensor input) => new(Selection.nonzero(input.Core));

    /// <summary>The positions of the elements that are not zero, a row each, into `out`; as_tuple must be false.</summary>
    public static Tensor nonzero(Tensor input, Tensor @out, bool as_tuple) =>
        as_tuple ? throw new ArgumentValueException("nonzero: as_tuple=True gives several tensors, and out takes one") : nonzero(input, @out);

    /// <summary>The positions of the elements that are not zero: a vector for each dimension, or (not as_tuple) all in one matrix.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] nonzero(Tensor input, bool as_tuple) =>
        as_tuple ? unbind(nonzero(input.dim() == 0 ? reshape(input, 1) : input), 1) : [nonzero(input)];

    /// <summary>The elements at places of the flattened tensor.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static Tensor take(Tensor input, Tensor index)
    {
        if (index.dtype != ScalarType.Int64) throw new DtypeException($"take(): Expected a long tensor for index, but got {Named(index)}");
        return new(Selection.takeFlat(index.Core, input.Core));
    }
}

namespace Functional.Torch;

// Tensors side by side, in pieces, repeated, rolled and turned.
public static partial class torch
{
    static Tensor AtLeast(Tensor input, int dimensions) => (input.dim(), dimensions) switch
    {
        (0, 1) => reshape(input, 1),
        (0, 2) => reshape(input, 1, 1),
        (0, 3) => reshape(input, 1, 1, 1),
        (1, 2) => unsqueeze(input, 0),
        (1, 3) => unsqueeze(unsqueeze(input, 0), 2),
        (2, 3) => unsqueeze(input, 2),
        _ => input,
    };

    /// <summary>A vector of a number; anything else as it is.</summary>
    public static Tensor atleast_1d(Tensor tensors) => AtLeast(tensors, 1);
    /// <summary>Vectors of numbers; anything else as it is.</summary>
    public static Tensor[] atleast_1d(params Tensor[] tensors) => [.. tensors.Select(t => AtLeast(t, 1))];
    /// <summary>A matrix of what has fewer dimensions.</summary>
    public static Tensor atleast_2d(Tensor tensors) => AtLeast(tensors, 2);
    /// <summary>Matrices of what has fewer dimensions.</summary>
    public static Tensor[] atleast_2d(params Tensor[] tensors) => [.. tensors.Select(t => AtLeast(t, 2))];
    /// <summary>Three dimensions for what has fewer.</summary>
    public static Tensor atleast_3d(Tensor tensors) => AtLeast(tensors, 3);
    /// <summary>Three dimensions for what has fewer.</summary>
    public static Tensor[] atleast_3d(params Tensor[] tensors) => [.. tensors.Select(t => AtLeast(t, 3))];

    static Tensor[] Some(IEnumerable<Tensor> tensors, string name) =>
        tensors.ToArray() is { Length: > 0 } all ? all : throw new ArgumentValueException($"{name} expects a non-empty TensorList, as the shape of nothing is not known");

    /// <summary>Tensors side by side along the second dimension (vectors along their only one).</summary>
    public static Tensor hstack(IEnumerable<Tensor> tensors)
    {
        var all = atleast_1d(Some(tensors, "hstack"));
        return cat(all, all[0].dim() == 1 ? 0 : 1);
    }

    /// <summary>Tensors below each other; vectors are rows.</summary>
    public static Tensor vstack(IEnumerable<Tensor> tensors) => cat(atleast_2d(Some(tensors, "vstack")), 0);
    /// <summary>Tensors below each other; vectors are rows.</summary>
    public static Tensor row_stack(IEnumerable<Tensor> tensors) => vstack(tensors);
    /// <summary>Tensors behind each other along the third dimension.</summary>
    public static Tensor dstack(IEnumerable<Tensor> tensors) => cat(atleast_3d(Some(tensors, "dstack")), 2);
    /// <summary>Tensors side by side; vectors are columns.</summary>
    public static Tensor column_stack(IEnumerable<Tensor> tensors) =>
        hstack(Some(tensors, "column_stack").Select(t => t.dim() <= 1 ? reshape(t, t.numel(), 1) : t));

    /// <inheritdoc cref="hstack(IEnumerable{Tensor})"/>
    public static Tensor hstack(IEnumerable<Tensor> tensors, Tensor @out) => @out.Receive(hstack(tensors));
    /// <inheritdoc cref="vstack(IEnumerable{Tensor})"/>
    public static Tensor vstack(IEnumerable<Tensor> tensors, Tensor @out) => @out.Receive(vstack(tensors));
    /// <inheritdoc cref="row_stack(IEnumerable{Tensor})"/>
    public static Tensor row_stack(IEnumerable<Tensor> tensors, Tensor @out) => @out.Receive(row_stack(tensors));
    /// <inheritdoc cref="dstack(IEnumerable{Tensor})"/>
    public static Tensor dstack(IEnumerable<Tensor> tensors, Tensor @out) => @out.Receive(dstack(tensors));
    /// <inheritdoc cref="column_stack(IEnumerable{Tensor})"/>
    public static Tensor column_stack(IEnumerable<Tensor> tensors, Tensor @out) => @out.Receive(column_stack(tensors));

    /// <summary>So many pieces along a dimension, the first ones larger by one where it does not come out even. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
        if (indices_or_sections <= 0) throw new ArgumentValueException($"number of sections must be larger than 0, got {indices_or_sections}");
        var d = Dim(input, dim);
        var (size, rest) = Math.DivRem(input.size(d), indices_or_sections);
        var start = 0L;
        return [.. Enumerable.Range(0, Convert.Int(indices_or_sections)).Select(i =>
        {
            var length = i < rest ? size + 1 : size;
            return Narrowed(input, d, (int)((start += length) - length), (int)length);
        })];
    }

    /// <summary>Pieces between the given places of a dimension. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] tensor_split(Tensor input, long[] indices, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
        var d = Dim(input, dim);
        var size = input.size(d);
        long Clip(long i) => Math.Clamp(i < 0 ? i + size : i, 0, size);
        long[] edges = [0, .. indices.Select(Clip), size];
        return [.. Enumerable.Range(0, edges.Length - 1).Select(i => Narrowed(input, d, (int)edges[i], (int)Math.Max(0, edges[i + 1] - edges[i])))];
    }

    /// <summary>So many pieces (a number), or pieces between places (a vector). Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] tensor_split(Tensor input, Tensor tensor_indices_or_sections, long dim = 0)
    {
        if (tensor_indices_or_sections.dtype != ScalarType.Int64 || tensor_indices_or_sections.dim() > 1)
            throw new DtypeException($"tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional long tensor, but got {Named(tensor_indices_or_sections)} of {tensor_indices_or_sections.dim()} dims");
        return tensor_indices_or_sections.dim() == 0
            ? tensor_split(input, tensor_indices_or_sections.ToInt64(), dim)
            : tensor_split(input, Create.toInt64s(tensor_indices_or_sections.Core), dim);
    }

    static Tensor[] Sections(string name, Tensor input, long sections, int rank, int dim)
    {
        if (input.dim() < rank) throw new ShapeException($"torch.{name} requires a tensor with at least {rank} dimension, but got a tensor with {input.dim()} dimensions!");
        return sections > 0 && input.size(dim) % sections == 0
            ? tensor_split(input, sections, dim)
            : throw new ArgumentValueException($"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {input.size(dim)} is not divisible by the split_size {sections}!");
    }

    static Tensor[] Pieces(string name, Tensor input, long[] indices, int rank, int dim) =>
        input.dim() < rank ? throw new ShapeException($"torch.{name} requires a tensor with at least {rank} dimension, but got a tensor with {input.dim()} dimensions!") : tensor_split(input, indices, dim);

    /// <summary>So many equal pieces along the second dimension (of a vector, along its only one). Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] hsplit(Tensor input, long sections) => Sections("hsplit", input, sections, 1, input.dim() == 1 ? 0 : 1);
    /// <summary>Pieces between places of the second dimension (of a vector, of its only one). Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] hsplit(Tensor input, long[] indices) => Pieces("hsplit", input, indices, 1, input.dim() == 1 ? 0 : 1);
    /// <summary>So many equal pieces along the first dimension. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] vsplit(Tensor input, long sections) => Sections("vsplit", input, sections, 2, 0);
    /// <summary>Pieces between places of the first dimension. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] vsplit(Tensor input, long[] indices) => Pieces("vsplit", input, indices, 2, 0);
    /// <summary>So many equal pieces along the third dimension. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] dsplit(Tensor input, long sections) => Sections("dsplit", input, sections, 3, 2);
    /// <summary>Pieces between places of the third dimension. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] dsplit(Tensor input, long[] indices) => Pieces("dsplit", input, indices, 3, 2);

    /// <summary>The tensor side by side with itself, so many times along each of the last dimensions. A copy.</summary>
    [Forms(Forms.Method)]
    public static Tensor tile(Tensor input, params long[] dims) => new(Rearrange.tile(Sizes(dims), input.Core));

    /// <summary>Elements moved on along dimensions; what falls off the end comes in at the front.</summary>
    [Forms(Forms.Method)]
    public static Tensor roll(Tensor input, long[] shifts, long[] dims)
    {
        if (shifts.Length == 0) throw new ArgumentValueException("`shifts` required");
        if (shifts.Length != dims.Length) throw new ArgumentValueException($"shifts and dimensions must align. shifts: {shifts.Length}, dims:{dims.Length}");
        var moves = shifts.Zip(dims, (s, d) => Tuple.Create((int)(s % int.MaxValue), ShapeModule.ownDimension((int)input.dim(), Convert.Int(d))));
        return new(Rearrange.roll(Microsoft.FSharp.Collections.ListModule.OfSeq(moves), input.Core));
    }

    /// <summary>Elements moved on along a dimension; what falls off the end comes in at the front.</summary>
    [Forms(Forms.Method)]
    public static Tensor roll(Tensor input, long shifts, long dims) => roll(input, [shifts], [dims]);

    /// <summary>Elements moved on in row-major order; what falls off the end comes in at the front.</summary>
    [Forms(Forms.Method)]
    public static Tensor roll(Tensor input, long shifts) => reshape(roll(reshape(input, -1), shifts, 0), input.shape);

    /// <summary>A plane turned by quarter turns, from the first dimension of two towards the second.</summary>
    [Forms(Forms.Method)]
    public static Tensor rot90(Tensor input, long k = 1, long[]? dims = null)
    {
        var plane = dims ?? [0, 1];
        if (plane.Length != 2) throw new ArgumentValueException($"expected total rotation dims == 2, but got dims = {plane.Length}");
        if (input.dim() < 2) throw new ShapeException($"expected total dims >= 2, but got total dims = {input.dim()}");
        return new(Rearrange.quarterTurns((int)(k % 4), Convert.Int(plane[0]), Convert.Int(plane[1]), input.Core));
    }

    /// <summary>Every element (of the flattened tensor), or every slice along a dimension, so many times in a row.</summary>
    [Forms(Forms.Method)]
    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null)
    {
        if (repeats < 0) throw new ArgumentValueException("repeats can not be negative");
        var source = Lined(input, ref dim);
        return new(Rearrange.repeatEach(Convert.Int(repeats), Dim(source, dim!.Value), source.Core));
    }

    /// <summary>Elements or slices each as often as its count says.</summary>
    [Forms(Forms.Method)]
    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null)
    {
        var source = Lined(input, ref dim);
        return new(Rearrange.repeatSlices(repeats.Core, Dim(source, dim!.Value), source.Core));
    }

    /// <summary>0, 1, ... each as often as its count says.</summary>
    public static Tensor repeat_interleave(Tensor repeats) => new(Rearrange.repeatedPositions(repeats.Core));

    static Tensor Lined(Tensor input, ref long? dim)
    {
        if (dim is not null && input.dim() > 0) return input;
        dim = 0;
        return reshape(input, -1);
    }

    /// <summary>The elements picked along a dimension by positions that broadcast with the tensor elsewhere; of the flattened tensor, without one.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor take_along_dim(Tensor input, Tensor indices, long? dim = null)
    {
        if (indices.dtype != ScalarType.Int64) throw new DtypeException($"torch.take_along_dim(): dtype of indices should be Long but got {Named(indices)}");
        return dim is { } d ? new(Rearrange.takeAlong(Convert.Int(d), indices.Core, input.Core)) : take(input, reshape(indices, -1));
    }

    /// <summary>A grid: every vector along an axis of its own, expanded over the others ("ij": in order; "xy": the first two exchanged).</summary>
    public static Tensor[] meshgrid(Tensor[] tensors, string indexing)
    {
        Tensor[] all = [.. Some(tensors, "meshgrid")];
        if (indexing is not ("ij" or "xy")) throw new ArgumentValueException($"torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {indexing}");
        var swaps = indexing == "xy" && all.Length >= 2;
        if (swaps) (all[0], all[1]) = (all[1], all[0]);
        Tensor[] grids = [.. Rearrange.meshgrid(Convert.List(all)).Select(t => new Tensor(t))];
        if (swaps) (grids[0], grids[1]) = (grids[1], grids[0]);
        return grids;
    }

    /// <summary>A grid: every vector along an axis of its own, expanded over the others.</summary>
    public static Tensor[] meshgrid(params Tensor[] tensors) => meshgrid(tensors, "ij");

    /// <summary>All choices of one element of each vector, a row each.</summary>
    public static Tensor cartesian_prod(params Tensor[] tensors) => new(Rearrange.cartesianProduct(Convert.List(Some(tensors, "cartesian_prod"))));

    /// <summary>All choices of r elements of a vector in order, a row each.</summary>
    [Forms(Forms.Method)]
    public static Tensor combinations(Tensor input, long r = 2, bool with_replacement = false) =>
        new(Rearrange.combinations(Convert.Int(r), with_replacement, input.Core));
}

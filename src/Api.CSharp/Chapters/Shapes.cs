namespace Functional.Torch;

// Views and what joins and splits tensors. What can be a view is one.
public static partial class torch
{
    static int Dim(Tensor input, long dim) => ShapeModule.dimension((int)input.dim(), Convert.Int(dim));

    public partial class Tensor
    {
        /// <summary>The same elements under another shape; one size may be -1. A view. Raises ShapeException where only a copy would do.</summary>
        public Tensor view(params long[] shape)
        {
            var sizes = ShapeModule.infer((int)numel(), Convert.Ints(shape));
            return Reshape(sizes) ?? throw new ShapeException("view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.");
        }

        /// <summary>The same elements as another dtype of the same size is not offered: this converts them.</summary>
        public Tensor view_as(Tensor other) => view(other.shape);

        internal Tensor? Reshape(int[] sizes)
        {
            if (ShapeModule.equal(sizes, value.Shape)) return new Tensor(this, new Reshaped(sizes));
            return Place is { } place && ShapeModule.tryReshapeStrides(place.Shape, place.Strides, sizes).IsValueSome ? new Tensor(this, new Reshaped(sizes)) : null;
        }

        /// <summary>The same elements under the shape of another tensor.</summary>
        public Tensor reshape_as(Tensor other) => torch.reshape(this, other.shape);

        /// <summary>Repeats dimensions of size 1; -1 keeps a size. A view.</summary>
        public Tensor expand(params long[] size)
        {
            var sizes = Convert.Ints(size);
            var lead = sizes.Length - value.Shape.Length;
            for (var i = 0; i < sizes.Length; i++)
                if (sizes[i] == -1)
                    sizes[i] = i >= lead
                        ? value.Shape[i - lead]
                        : throw new ShapeException($"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}");
                else if (sizes[i] < 0) throw new ShapeException($"The expanded size of the tensor ({sizes[i]}) isn't allowed to be negative");
            var overlaps = false;
            for (var i = 0; i < sizes.Length; i++) overlaps |= sizes[i] > 1 && (i < lead || value.Shape[i - lead] == 1);
            return new Tensor(this, new Expanded(sizes, overlaps));
        }

        /// <summary>Expanded to the shape of another tensor. A view.</summary>
        public Tensor expand_as(Tensor other) => expand(other.shape);

        /// <summary>The tensor repeated along each dimension. A copy.</summary>
        public Tensor repeat(params long[] repeats)
        {
            if (repeats.Length < dim()) throw new ShapeException("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
            return new Tensor(Rearrange.repeat(Convert.Ints(repeats), Core));
        }

        /// <summary>The sum over what broadcasting to this tensor's shape would repeat.</summary>
        public Tensor sum_to_size(params long[] size)
        {
            var sizes = Convert.Ints(size);
            var lead = value.Shape.Length - sizes.Length;
            if (lead < 0 || sizes.Where((s, i) => s != 1 && s != value.Shape[i + lead]).Any())
                throw new ShapeException($"size {{{ShapeModule.format(sizes)}}} is not expandable to size {{{ShapeModule.format(value.Shape)}}}.");
            // A sum of integers is of int64, and no sizes at all ask for the sum of everything, of a single number too.
            var whole = IsWhole(value.Dtype) && (sizes.Length == 0 || !ShapeModule.equal(sizes, value.Shape));
            return new Tensor(Engine.sumTo(sizes, whole ? Engine.cast(Dtype.Int64, Core) : Core));
        }

        /// <summary>The dimensions in reverse order. A view.</summary>
        public Tensor T => new(this, new Permuted([.. Enumerable.Range(0, value.Shape.Length).Reverse()]));

        /// <summary>The last two dimensions swapped. A view.</summary>
        public Tensor mT => dim() == 0 ? this : dim() >= 2 ? torch.transpose(this, -2, -1) : throw new ShapeException($"tensor.mT is only supported on matrices or batches of matrices. Got {dim()}-D tensor.");
        /// <summary>The last two dimensions swapped and elements conjugated.</summary>
        public Tensor mH => dim() is 0 or >= 2 ? torch.adjoint(this) : throw new ShapeException($"tensor.mH is only supported on matrices or batches of matrices. Got {dim()}-D tensor.");
        /// <summary>A matrix transposed and conjugated.</summary>
        public Tensor H => dim() is 0 or 2 ? torch.adjoint(this) : throw new ShapeException($"tensor.H is only supported on matrices (2-D tensors). Got {dim()}-D tensor.");

        /// <summary>Transposes in place: the same memory, other dimensions.</summary>
        public Tensor t_() => Become(torch.t(this));
        /// <summary>Swaps dimensions in place.</summary>
        public Tensor transpose_(long dim0, long dim1) => Become(torch.transpose(this, dim0, dim1));
        /// <summary>Drops dimensions of size 1 in place.</summary>
        public Tensor squeeze_() => Become(torch.squeeze(this));
        /// <summary>Drops a dimension of size 1 in place.</summary>
        public Tensor squeeze_(long dim) => Become(torch.squeeze(this, dim));
        /// <summary>Adds a dimension of size 1 in place.</summary>
        public Tensor unsqueeze_(long dim) => Become(torch.unsqueeze(this, dim));

        Tensor Become(Tensor reshaped)
        {
            if (parent is not null) throw new ShapeException("a view cannot change its dimensions in place here: use the form without the underscore");
            Writable("an in-place change of dimensions");
            Become(reshaped.Recorded);
            return this;
        }
    }

    /// <summary>The same elements under another shape; one size may be -1. A view where strides allow it.</summary>
    [Forms(Forms.Method)]
    public static Tensor reshape(Tensor input, params long[] shape)
    {
        var sizes = ShapeModule.infer((int)input.numel(), Convert.Ints(shape));
        return input.Reshape(sizes) ?? new Tensor(Engine.reshape(sizes, input.Core));
    }

    /// <summary>Dimensions start_dim to end_dim become one.</summary>
    [Forms(Forms.Method)]
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1)
    {
        if (input.dim() == 0) return reshape(input, 1);
        var (a, b) = (Dim(input, start_dim), Dim(input, end_dim));
        if (a > b) throw new ArgumentValueException("flatten() has invalid args: start_dim cannot come after end_dim");
        var sizes = input.shape;
        return a == b ? input : reshape(input, [.. sizes[..a], sizes[a..(b + 1)].Aggregate(1L, (x, y) => x * y), .. sizes[(b + 1)..]]);
    }

    /// <summary>A dimension becomes several.</summary>
    [Forms(Forms.Method)]
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes)
    {
        var d = ShapeModule.ownDimension((int)input.dim(), Convert.Int(dim));
        if (sizes.Length == 0) throw new ShapeException("unflatten: sizes must be non-empty");
        var shape = input.shape;
        var known = sizes.Where(s => s != -1).Aggregate(1L, (a, b) => unchecked(a * b));
        if (sizes.Any(s => s < -1 || s > int.MaxValue) || sizes.Contains(-1) ? known == 0 || shape[d] % known != 0 : known != shape[d])
            throw new ShapeException($"unflatten: Provided sizes [{string.Join(", ", sizes)}] don't multiply up to the size of dim {d} ({shape[d]}) in the input tensor");
        var inferred = sizes.Select(s => s == -1 ? shape[d] / known : s);
        return input.view([.. shape[..d], .. inferred, .. shape[(d + 1)..]]);
    }

    /// <summary>The dimensions in another order. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor permute(Tensor input, params long[] dims)
    {
        var rank = (int)input.dim();
        if (dims.Length != rank)
            throw new ShapeException($"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {rank} is not equal to len(dims) = {dims.Length}");
        var order = dims.Select(d => Dim(input, d)).ToArray();
        if (order.Distinct().Count() != rank) throw new ShapeException("permute(): duplicate dims are not allowed.");
        return new Tensor(input, new Permuted(order));
    }

    /// <summary>Two dimensions swapped. A view.</summary>
    [Forms(Forms.Method | Forms.Copy, "swapaxes", "swapdims")]
    public static Tensor transpose(Tensor input, long dim0, long dim1)
    {
        var (a, b) = (Dim(input, dim0), Dim(input, dim1));
        if (input.dim() == 0) return input;
        var order = Enumerable.Range(0, (int)input.dim()).ToArray();
        (order[a], order[b]) = (order[b], order[a]);
        return new Tensor(input, new Permuted(order));
    }

    /// <summary>A matrix transposed. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor t(Tensor input) =>
        input.dim() > 2 ? throw new ShapeException($"t() expects a tensor with <= 2 dimensions, but self is {input.dim()}D: use transpose with two dims, or mT for matrices of a batch") : input.dim() < 2 ? input : transpose(input, 0, 1);

    /// <summary>The last two dimensions swapped. A view.</summary>
    [Forms(Forms.Method)]
    public static Tensor adjoint(Tensor input) =>
        input.dim() == 1 ? throw new ShapeException("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.") : input.dim() == 0 ? conj(input) : conj(transpose(input, -2, -1));

    /// <summary>Dimensions moved to other places. A view.</summary>
    [Forms(Forms.Method, "moveaxis")]
    public static Tensor movedim(Tensor input, long[] source, long[] destination)
    {
        if (source.Length != destination.Length)
            throw new ArgumentValueException($"movedim: Invalid source or destination dims: source ([{string.Join(", ", source)}] dims) should contain the same number of dims as destination ([{string.Join(", ", destination)}] dims)");
        var rank = (int)input.dim();
        if (rank == 0)
        {
            foreach (var d in source.Concat(destination))
                if (d is not (0 or -1)) throw new IndexException($"Dimension out of range (expected to be in range of [-1, 0], but got {d})");
            return input;
        }
        var (from, to) = (source.Select(d => Dim(input, d)).ToArray(), destination.Select(d => Dim(input, d)).ToArray());
        if (from.Distinct().Count() != from.Length) throw new ArgumentValueException($"movedim: repeated dim in `source` ([{string.Join(", ", source)}])");
        if (to.Distinct().Count() != to.Length) throw new ArgumentValueException($"movedim: repeated dim in `destination` ([{string.Join(", ", destination)}])");
        var order = Enumerable.Repeat(-1, rank).ToArray();
        for (var i = 0; i < from.Length; i++) order[to[i]] = from[i];
        var rest = new Queue<int>(Enumerable.Range(0, rank).Where(d => !from.Contains(d)));
        for (var i = 0; i < rank; i++)
            if (order[i] < 0) order[i] = rest.Dequeue();
        return new Tensor(input, new Permuted(order));
    }

    /// <summary>A dimension moved to another place. A view.</summary>
    [Forms(Forms.Method, "moveaxis")]
    public static Tensor movedim(Tensor input, long source, long destination) => movedim(input, [source], [destination]);

    /// <summary>A new dimension of size 1. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor unsqueeze(Tensor input, long dim)
    {
        var d = ShapeModule.dimension((int)input.dim() + 1, Convert.Int(dim));
        int[] shape = [.. input.Core.Shape[..d], 1, .. input.Core.Shape[d..]];
        return new Tensor(input, new Reshaped(shape));
    }

    /// <summary>All dimensions of size 1 dropped. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor squeeze(Tensor input) => new(input, new Reshaped([.. input.Core.Shape.Where(s => s != 1)]));

    /// <summary>A dimension dropped if its size is 1. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor squeeze(Tensor input, long dim)
    {
        var d = Dim(input, dim);
        return input.dim() > 0 && input.size(d) == 1 ? new Tensor(input, new Reshaped([.. input.Core.Shape.Where((_, i) => i != d)])) : new Tensor(input, new Reshaped(input.Core.Shape));
    }

    /// <summary>One slice along a dimension, which goes away. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor select(Tensor input, long dim, long index)
    {
        if (input.dim() == 0) throw new IndexException("select() cannot be applied to a 0-dim tensor. It has no dimension to index: use item() for its number, or unsqueeze it");
        var d = Dim(input, dim);
        var size = input.size(d);
        if (index < -size || index >= size)
            throw new IndexException($"select(): index {index} out of range for tensor of size {ShapeModule.format(input.Core.Shape)} at dimension {d}: count from 0, or from the end by -1 and below");
        var lattice = Structure.along(d, (int)(index < 0 ? index + size : index), 1, 1, Structure.everything(input.Core.Shape));
        return new Tensor(input, new Sliced(lattice, [.. Enumerable.Range(0, (int)input.dim()).Select(i => i != d)]));
    }

    static Tensor Narrowed(Tensor input, int dim, int start, int length, int step = 1) =>
        new(input, new Sliced(Structure.along(dim, length == 0 ? 0 : start, step, length, Structure.everything(input.Core.Shape)), [.. input.Core.Shape.Select(_ => true)]));

    /// <summary>`length` slices along a dimension from `start` on. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor narrow(Tensor input, long dim, long start, long length)
    {
        if (input.dim() == 0) throw new ShapeException("narrow() cannot be applied to a 0-dim tensor. It has no dimension to narrow: unsqueeze it first");
        var d = Dim(input, dim);
        var size = input.size(d);
        if (start < -size || start > size) throw new IndexException($"Dimension out of range (expected to be in range of [{-size}, {size}], but got {start})");
        var from = start < 0 ? start + size : start;
        if (length < 0) throw new IndexException("narrow(): length must be non-negative.");
        if (from + length > size) throw new IndexException($"start ({from}) + length ({length}) exceeds dimension size ({size}). narrow stays within the tensor: take less or begin earlier");
        return Narrowed(input, d, (int)from, (int)length);
    }

    /// <summary>`length` slices along a dimension from `start` on. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor narrow(Tensor input, long dim, Tensor start, long length) => narrow(input, dim, start.ToInt64(), length);

    /// <summary>Pieces of one size along a dimension; the last may be smaller. Views.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor[] split(Tensor input, long split_size_or_sections, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("split expects at least a 1-dimensional tensor");
        var d = Dim(input, dim);
        var (size, length) = (split_size_or_sections, input.size(d));
        if (size < 0) throw new ArgumentValueException($"split expects split_size be non-negative, but got split_size={size}");
        if (size == 0 && length > 0) throw new ArgumentValueException("split_size can only be 0 if dimension size is 0, but got dimension size of " + length);
        var count = length == 0 ? 1 : (length - 1) / size + 1;
        return [.. Enumerable.Range(0, (int)count).Select(i => Narrowed(input, d, (int)(i * size), (int)Math.Min(size, length - i * size)))];
    }

    /// <summary>Pieces of the given sizes along a dimension. Views.</summary>
    [Forms(Forms.Method | Forms.Copy, "split_with_sizes")]
    public static Tensor[] split(Tensor input, long[] split_sizes, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("split expects at least a 1-dimensional tensor");
        var d = Dim(input, dim);
        if (split_sizes.Any(s => s < 0)) throw new ArgumentValueException($"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=[{string.Join(", ", split_sizes)}]");
        if (split_sizes.Any(s => s > input.size(d)) || split_sizes.Sum() != input.size(d))
            throw new ShapeException($"split_with_sizes expects split_sizes to sum exactly to {input.size(d)} (input tensor's size at dimension {d}), but got split_sizes=[{string.Join(", ", split_sizes)}]");
        var start = 0L;
        return [.. split_sizes.Select(s => Narrowed(input, d, (int)((start += s) - s), (int)s))];
    }

    /// <summary>At most `chunks` pieces of one size along a dimension; the last may be smaller. Views.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("chunk expects at least a 1-dimensional tensor");
        if (chunks <= 0) throw new ArgumentValueException($"chunk expects `chunks` to be greater than 0, got: {chunks}: it is the number of parts that the tensor is cut into");
        var length = input.size(dim);
        return length == 0 ? [.. Enumerable.Range(0, Convert.Int(chunks)).Select(_ => Narrowed(input, Dim(input, dim), 0, 0))] : split(input, (length - 1) / chunks + 1, dim);
    }

    /// <summary>All slices along a dimension, which goes away. Views.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor[] unbind(Tensor input, long dim = 0)
    {
        if (input.dim() == 0) throw new ShapeException("unbind(): dimension specified as 0 but tensor has no dimensions");
        return [.. Enumerable.Range(0, (int)input.size(dim)).Select(i => select(input, dim, i))];
    }

    /// <summary>Tensors side by side along a dimension.</summary>
    [Forms(Forms.Out)]
    public static Tensor cat(IEnumerable<Tensor> tensors, long dim = 0) => new(Shapes.cat(Convert.Int(dim), Convert.List(tensors)));
    /// <summary>Tensors side by side along a dimension.</summary>
    public static Tensor concat(IEnumerable<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    /// <summary>Tensors side by side along a dimension.</summary>
    public static Tensor concatenate(IEnumerable<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    /// <summary>Tensors of one shape along a new dimension.</summary>
    [Forms(Forms.Out)]
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => new(Shapes.stack(Convert.Int(dim), Convert.List(tensors)));

    /// <summary>Dimensions in reverse. A copy.</summary>
    [Forms(Forms.Method)]
    public static Tensor flip(Tensor input, params long[] dims)
    {
        foreach (var twice in dims.GroupBy(d => Dim(input, d)).Where(g => g.Count() > 1)) throw new ArgumentValueException($"dim {twice.Key} appears multiple times in the list of dims: flip of shape [{string.Join(", ", input.shape)}] over [{string.Join(", ", dims)}]; name each dimension once");
        return new(Shapes.flip(Convert.List(dims), input.Core));
    }

    /// <summary>Left and right exchanged.</summary>
    [Forms(Forms.Method)]
    public static Tensor fliplr(Tensor input) => input.dim() < 2 ? throw new ShapeException("Input must be >= 2-d.") : flip(input, 1);
    /// <summary>Up and down exchanged.</summary>
    [Forms(Forms.Method)]
    public static Tensor flipud(Tensor input) => input.dim() < 1 ? throw new ShapeException("Input must be >= 1-d.") : flip(input, 0);

    /// <summary>Expanded to a shape. A view.</summary>
    [Forms(Forms.Method)]
    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.expand(shape);

    /// <summary>The tensors expanded to the shape they broadcast to. Views.</summary>
    public static Tensor[] broadcast_tensors(params Tensor[] tensors)
    {
        var shape = Convert.Longs(tensors.Aggregate(Array.Empty<int>(), (s, t) => ShapeModule.broadcast(s, t.Core.Shape)));
        return [.. tensors.Select(t => t.expand(shape))];
    }

    /// <summary>The shape that shapes broadcast to.</summary>
    public static long[] broadcast_shapes(params long[][] shapes) =>
        Convert.Longs(shapes.Aggregate(Array.Empty<int>(), (s, t) => ShapeModule.broadcast(s, Convert.Ints(t))));

    /// <summary>Elements of one tensor where the condition holds, of another elsewhere.</summary>
    [Forms(Forms.Out)]
    public static Tensor where(Tensor condition, Tensor input, Tensor other) =>
        condition.dtype is ScalarType.Bool or ScalarType.Byte ? new(Pointwise.where(condition.Core, input.Core, other.Core))
            : throw new DtypeException($"where expected condition to be a boolean tensor, but got a tensor with dtype {Named(condition)}");
    /// <summary>Elements of a tensor where the condition holds, a number elsewhere.</summary>
    public static Tensor where(Tensor condition, Tensor input, Scalar other) => where(condition, input, Like(input, other));
    /// <summary>A number where the condition holds, elements of a tensor elsewhere.</summary>
    public static Tensor where(Tensor condition, Scalar input, Tensor other) => where(condition, Like(other, input), other);
    /// <summary>One number where the condition holds, another elsewhere.</summary>
    public static Tensor where(Tensor condition, Scalar input, Scalar other) => where(condition, tensor(input), tensor(other));
    static Tensor Like(Tensor tensor, Scalar number) => new(Operands.number(tensor.Core, Operands.withNumber(tensor.Core.Dtype, number.Value), [], number.Value));
}

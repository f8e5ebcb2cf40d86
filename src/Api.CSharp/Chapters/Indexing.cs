namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Part of the tensor: numbers, slices, None and ellipses give a view; tensors of positions or truths give a copy.</summary>
        public Tensor this[params TensorIndex[] indices]
        {
            get => Indexing.Read(this, indices);
            set => Indexing.Write(this, indices, value);
        }

        /// <summary>One slice of the first dimension. A view.</summary>
        public Tensor this[long index] => select(0, index);

        /// <summary>Part of the tensor.</summary>
        public Tensor index(params TensorIndex[] indices) => Indexing.Read(this, indices);

        /// <summary>Part of the tensor, written from another tensor, which is broadcast.</summary>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Indexing.Write(this, indices, value);
            return this;
        }

        /// <summary>Part of the tensor, overwritten with a number.</summary>
        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            Indexing.Write(this, indices, new Tensor(Functional.Creation.full(this.value.Backend, this.value.Dtype, [], value.Value)));
            return this;
        }

        /// <summary>Values written (or added, if they accumulate) at places along the first dimensions.</summary>
        public Tensor index_put_(TensorIndex[] indices, Tensor values, bool accumulate = false)
        {
            if (accumulate) return Writable("index_put_").Assign(torch.index_put(this, indices, values, true));
            Indexing.Write(this, indices, values);
            return this;
        }

        /// <summary>The tensor with values written (or added, if they accumulate) at places along the first dimensions.</summary>
        public Tensor index_put(TensorIndex[] indices, Tensor values, bool accumulate = false) => torch.index_put(this, indices, values, accumulate);

        /// <summary>The slices along the first dimension.</summary>
        public IEnumerator<Tensor> GetEnumerator()
        {
            if (dim() == 0) throw new ShapeException("iteration over a 0-d tensor");
            return ((IEnumerable<Tensor>)unbind(0)).GetEnumerator();
        }
    }

    /// <summary>The tensor with values written (or added, if they accumulate) at places along the first dimensions.</summary>
    public static Tensor index_put(Tensor input, TensorIndex[] indices, Tensor values, bool accumulate = false)
    {
        if (values.dtype != input.dtype) throw new DtypeException($"Index put requires the source and destination dtypes match, got {Named(input)} for the destination and {Named(values)} for the source.");
        var result = input.clone();
        Indexing.Write(result, indices, values, accumulate ? ScatterMode.ScatterAdd : ScatterMode.ScatterSet);
        return result;
    }

    /// <summary>Values written (or added, if they accumulate) at places along the first dimensions, in place.</summary>
    public static Tensor index_put_(Tensor input, TensorIndex[] indices, Tensor values, bool accumulate = false) => input.index_put_(indices, values, accumulate);

    /// <summary>What an index means: first a view, then places along some of the view's dimensions.</summary>
    static class Indexing
    {
        public static Tensor Read(Tensor tensor, ReadOnlySpan<TensorIndex> indices)
        {
            var (view, axes, places) = Resolve(tensor, indices);
            return axes.Length == 0 ? view : new Tensor(Selection.take(axes, places, view.Core));
        }

        public static void Write(Tensor tensor, ReadOnlySpan<TensorIndex> indices, Tensor value, ScatterMode? mode = null)
        {
            tensor.Writable("__setitem__");
            if (mode is null or { IsScatterSet: true } && indices is [{ What: TensorIndex.Kind.Tensor, Places: { } mask }] && value.numel() == 1 && Masks(mask, tensor))
            {
                // How many elements there are to write makes no difference, so no device is asked for it.
                var wide = Engine.reshape([.. mask.Core.Shape, .. Enumerable.Repeat(1, (int)(tensor.dim() - mask.dim()))], Engine.cast(Dtype.Bool, mask.Core));
                var number = Engine.reshape([], Engine.cast(tensor.Core.Dtype, value.Core));
                tensor.Store(where(new Tensor(wide), new Tensor(number), tensor).Core);
                return;
            }
            var (view, axes, places) = Resolve(tensor, indices);
            var source = Engine.cast(view.Core.Dtype, value.Core);
            if (axes.Length > 0)
            {
                var shape = Selection.shapeOf(axes, places, view.Core);
                view.Store(Selection.put(mode ?? ScatterMode.ScatterSet, axes, places, Fit(source, shape), view.Core));
            }
            else view.Store(Fit(source, view.Core.Shape));
        }

        // Whether these are truths about the tensor's first dimensions.
        static bool Masks(Tensor mask, Tensor tensor) =>
            mask.dtype is ScalarType.Bool or ScalarType.Byte
            && mask.dim() > 0
            && Equals(mask.Core.Backend?.Device, tensor.Core.Backend?.Device)
            && tensor.Core.Shape.AsSpan().StartsWith(mask.Core.Shape);

        // Leading dimensions of size 1 of what is assigned do not count.
        static CoreTensor Fit(CoreTensor source, int[] shape)
        {
            var extra = 0;
            while (source.Shape.Length - extra > shape.Length && source.Shape[extra] == 1) extra++;
            if (extra > 0) source = Engine.reshape(source.Shape[extra..], source);
            try
            {
                return Engine.expand(shape, source);
            }
            catch (ShapeException)
            {
                throw new ShapeException($"shape mismatch: value tensor of shape {ShapeModule.format(source.Shape)} cannot be broadcast to indexing result of shape {ShapeModule.format(shape)}");
            }
        }

        static int Consumed(TensorIndex index) =>
            index.What switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor when index.Places!.dtype is ScalarType.Bool or ScalarType.Byte => (int)index.Places.dim(),
                TensorIndex.Kind.Tensor => 1,
                _ => 0,
            };

        static (Tensor View, int[] Axes, CoreTensor[] Places) Resolve(Tensor tensor, ReadOnlySpan<TensorIndex> indices)
        {
            var rank = (int)tensor.dim();
            int consumed = 0, ellipses = 0;
            foreach (var index in indices)
            {
                consumed += Consumed(index);
                if (index.What == TensorIndex.Kind.Ellipsis) ellipses++;
            }
            if (consumed > rank) throw new IndexException($"too many indices for tensor of dimension {rank}");
            if (ellipses > 1) throw new IndexException("an index can only have a single ellipsis ('...')");

            var sizes = tensor.Core.Shape;
            var lattice = Structure.everything(sizes);
            var keeps = Enumerable.Repeat(true, rank).ToArray();
            // The view's dimensions in order: a dimension of the source, or a new one.
            var shape = new List<int>();
            var axes = new List<int>();
            var places = new List<CoreTensor>();
            var source = 0;
            var plain = true;

            foreach (var index in indices)
                switch (index.What)
                {
                    case TensorIndex.Kind.Ellipsis:
                        for (var i = 0; i < rank - consumed; i++) shape.Add(sizes[source++]);
                        break;
                    case TensorIndex.Kind.None:
                        shape.Add(1);
                        plain = false;
                        break;
                    case TensorIndex.Kind.Bool:
                        axes.Add(shape.Count);
                        places.Add(Selection.positions(tensor.Core, index.Start == 1 ? [0] : []));
                        shape.Add(1);
                        plain = false;
                        break;
                    case TensorIndex.Kind.Single:
                        var size = sizes[source];
                        if (index.Start < -size || index.Start >= size)
                            throw new IndexException(rank == 0
                                ? "invalid index of a 0-dim tensor. Use `tensor.item()` to get its number"
                                : $"index {index.Start} is out of bounds for dimension {source} with size {size}");
                        lattice = Structure.along(source, (int)(index.Start < 0 ? index.Start + size : index.Start), 1, 1, lattice);
                        keeps[source++] = false;
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.Step <= 0) throw new ArgumentValueException("slice step must be positive");
                        var length = sizes[source];
                        var start = Clip(index.HasStart ? index.Start : 0, length);
                        var stop = Clip(index.Stop ?? length, length);
                        var count = stop > start ? (int)((stop - start + index.Step - 1) / index.Step) : 0;
                        lattice = Structure.along(source++, count == 0 ? 0 : (int)start, (int)Math.Min(index.Step, int.MaxValue), count, lattice);
                        shape.Add(count);
                        break;
                    case TensorIndex.Kind.Tensor when index.Places!.dtype is ScalarType.Bool or ScalarType.Byte:
                        var mask = index.Places!;
                        var found = Selection.nonzero(mask.Core);
                        if (mask.dim() == 0)
                        {
                            axes.Add(shape.Count);
                            places.Add(Selection.positions(tensor.Core, mask.ToBoolean() ? [0] : []));
                            shape.Add(1);
                            plain = false;
                        }
                        for (var d = 0; d < mask.dim(); d++)
                        {
                            if (mask.size(d) != sizes[source])
                                throw new IndexException($"The shape of the mask {ShapeModule.format(mask.Core.Shape)} at index {d} does not match the shape of the indexed tensor {ShapeModule.format(sizes)} at index {source}");
                            axes.Add(shape.Count);
                            places.Add(Shapes.select(1, d, found));
                            shape.Add(sizes[source++]);
                        }
                        break;
                    case TensorIndex.Kind.Tensor:
                        if (!Dtypes.isInteger(index.Places!.Core.Dtype))
                            throw new IndexException("tensors used as indices must be long, byte or bool tensors");
                        axes.Add(shape.Count);
                        places.Add(index.Places.Core);
                        shape.Add(sizes[source++]);
                        break;
                }

            for (; source < rank; source++) shape.Add(sizes[source]);
            var view = new Tensor(tensor, new Sliced(lattice, keeps));
            if (!plain) view = new Tensor(view, new Reshaped([.. shape]));
            return (view, [.. axes], [.. places]);
        }

        static long Clip(long i, int length) => Math.Clamp(i < 0 ? i + length : i, 0, length);
    }
}

namespace Functional.Torch;

/// <summary>PyTorch for .NET: tensors, derivatives, networks and optimizers under PyTorch's names.</summary>
public static partial class torch
{
    /// <summary>
    /// A multi-dimensional array that can be written to. Underneath is an immutable value: a tensor is a cell that holds one,
    /// or a view of another tensor that is read out of it and written back into it.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        // A cell's value, or what a view read out of its base when the base had `version`.
        CoreTensor value;
        int version;
        Tensor? parent;
        View? path;
        Tensor root;

        /// <summary>A cell.</summary>
        internal Tensor(CoreTensor value)
        {
            this.value = value;
            root = this;
        }

        /// <summary>A tensor of the default dtype with these elements.</summary>
        public Tensor(float[] data) : this((Array)data) { }

        /// <summary>A tensor of the default dtype with the elements and the shape of an array.</summary>
        public Tensor(Array data) : this(as_tensor(data, get_default_dtype()).value) { }

        /// <summary>A vector of the default dtype whose elements say nothing.</summary>
        public Tensor(long size0) : this(empty([size0]).value) { }

        /// <summary>A matrix of the default dtype whose elements say nothing.</summary>
        public Tensor(long size0, long size1) : this(empty([size0, size1]).value) { }

        /// <summary>A tensor of three dimensions of the default dtype whose elements say nothing.</summary>
        public Tensor(long size0, long size1, long size2) : this(empty([size0, size1, size2]).value) { }

        /// <summary>A view of another tensor.</summary>
        internal Tensor(Tensor parent, View path)
        {
            this.parent = parent;
            this.path = path;
            root = parent.root;
            value = path.Read(parent.Core);
            version = root.version;
        }

        /// <summary>What this tensor holds now, with its history if gradients are being recorded.</summary>
        internal CoreTensor Core
        {
            get
            {
                var current = parent is null || version == root.version ? value : Replay();
                return GradMode.IsEnabled || current.IsConcrete ? current : History.Without(current);
            }
        }

        /// <summary>What this tensor holds now, with its history in any case.</summary>
        internal CoreTensor Recorded => parent is null || version == root.version ? value : Replay();

        [MethodImpl(MethodImplOptions.NoInlining)]
        CoreTensor Replay()
        {
            value = path!.Read(parent!.Recorded);
            version = root.version;
            return value;
        }

        /// <summary>Puts another value into the cell, or into the part of a cell that this view shows. Counts as a modification.</summary>
        internal void Store(CoreTensor next)
        {
            if (parent is not null) parent.Store(path!.Write(parent.Core, next));
            else
            {
                value = GradMode.IsEnabled ? next : History.Keeping(value, next);
                version++;
            }
        }

        /// <summary>Puts another value into the cell itself; the cell keeps being the leaf or result that it is.</summary>
        internal void Replace(CoreTensor next)
        {
            value = History.Keeping(value, next);
            version++;
        }

        /// <summary>Other elements, of which no history is kept: in the cell itself, or through the view that it is.</summary>
        internal void Refresh(CoreTensor next)
        {
            using (no_grad())
                if (parent is null) Replace(next);
                else copy_(new Tensor(next));
        }

        /// <summary>Puts another value into this tensor, place on the tape and all, as it is; gives the one that was there.</summary>
        internal CoreTensor Lend(CoreTensor other)
        {
            var before = value;
            value = other;
            version++;
            return before;
        }

        /// <summary>Another value with its history: what a modification in place that is already computed leaves here.</summary>
        internal Tensor Overwrite(CoreTensor next)
        {
            Store(next);
            return this;
        }

        /// <summary>This tensor, if it may be modified in place. Raises PyTorch's errors if not.</summary>
        internal Tensor Writable(string operation, long? place = null)
        {
            if (GradMode.IsEnabled && !root.value.IsConcrete && requires_grad && History.IsLeaf(root.value))
                throw new DifferentiationException(parent is null
                    ? $"a leaf Variable that requires grad is being used in an in-place operation. ({operation}: do it under torch.no_grad(), or on a clone)"
                    : $"a view of a leaf Variable that requires grad is being used in an in-place operation. ({operation}: do it under torch.no_grad(), or on a clone)");

            for (var t = this; t.parent is not null; t = t.parent)
                if (t.path!.Overlaps)
                    throw new ArgumentValueException(
                        $"unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation. ({operation} on an expanded tensor)");

            if (Engine.lastPlace() is > 0 and var last) Overwriting.Note(Held(), place ?? last);
            return this;
        }

        /// <summary>Other elements in place, as optimizers write them.</summary>
        internal void Overtake(CoreTensor next)
        {
            Overwriting.Note(Held(), Engine.lastPlace());
            Replace(next);
        }

        // This cell and those that it shows, with what they hold; none where it was taken by `data`, which nobody watches.
        IEnumerable<(Tensor, CoreTensor)> Held()
        {
            var held = new List<(Tensor, CoreTensor)>();
            for (var t = this; t is not null; t = t.parent)
            {
                if (ReferenceEquals(t.path, Detached.Unwatched)) return [];
                held.Add((t, t.Recorded));
            }
            return held;
        }

        /// <summary>Takes over the elements of a result of the same shape, in this tensor's dtype.</summary>
        internal Tensor Assign(Tensor result)
        {
            var next = result.Core;
            var (here, there) = (value.Shape, next.Shape);
            if (!here.AsSpan().SequenceEqual(there))
                throw new ShapeException($"output with shape {Functional.Contract.ShapeModule.format(here)} doesn't match the broadcast shape {Functional.Contract.ShapeModule.format(there)}");
            Store(Fitting(next));
            return this;
        }

        /// <summary>This tensor, if it does not share memory with any input and has the first one's dtype. Raises if not.</summary>
        internal Tensor ApartFrom(params ReadOnlySpan<Tensor> inputs)
        {
            foreach (var input in inputs)
                if (ReferenceEquals(root, input.root))
                    throw new ArgumentValueException("unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.");
            return OfDtype(inputs[0].dtype);
        }

        /// <summary>This tensor, if it has the dtype that a call asks for. Raises DtypeException if not.</summary>
        internal Tensor OfDtype(ScalarType? wanted) =>
            wanted is { } w && w != dtype
                ? throw new DtypeException($"Expected out tensor to have dtype {Dtypes.name(w.Core())}, but got {Dtypes.name(value.Dtype)} instead")
                : this;

        /// <summary>Takes over a result in place, its shape included.</summary>
        internal Tensor Reshaping(Tensor result)
        {
            if (value.Shape.AsSpan().SequenceEqual(result.value.Shape)) return Assign(result);
            if (parent is not null)
                throw new ShapeException($"a view of shape {ShapeModule.format(value.Shape)} cannot be resized to {ShapeModule.format(result.value.Shape)}");
            Store(Fitting(result.Core));
            return this;
        }

        /// <summary>Takes over a result given as `out`: its elements and its shape.</summary>
        internal Tensor Receive(Tensor result)
        {
            if (GradMode.IsEnabled && (requires_grad || result.requires_grad))
                throw new DifferentiationException("functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.");
            if (value.Shape.AsSpan().SequenceEqual(result.value.Shape)) return Writable("out").Assign(result);
            if (parent is not null)
                throw new ShapeException($"out= is a view of shape {ShapeModule.format(value.Shape)}, which cannot be resized to {ShapeModule.format(result.value.Shape)}");
            Replace(Fitting(result.Core));
            return this;
        }

        /// <summary>Takes over two results given as `out`, whose dtypes they must have.</summary>
        internal static (Tensor, Tensor) ReceiveAll((Tensor, Tensor) @out, (Tensor, Tensor) results) =>
            (@out.Item1.ReceiveOwn(results.Item1), @out.Item2.ReceiveOwn(results.Item2));

        /// <inheritdoc cref="ReceiveAll(ValueTuple{Tensor, Tensor}, ValueTuple{Tensor, Tensor})"/>
        internal static (Tensor, Tensor, Tensor) ReceiveAll((Tensor, Tensor, Tensor) @out, (Tensor, Tensor, Tensor) results) =>
            (@out.Item1.ReceiveOwn(results.Item1), @out.Item2.ReceiveOwn(results.Item2), @out.Item3.ReceiveOwn(results.Item3));

        /// <inheritdoc cref="ReceiveAll(ValueTuple{Tensor, Tensor}, ValueTuple{Tensor, Tensor})"/>
        internal static (Tensor, Tensor, Tensor, Tensor) ReceiveAll((Tensor, Tensor, Tensor, Tensor) @out, (Tensor, Tensor, Tensor, Tensor) results) =>
            (@out.Item1.ReceiveOwn(results.Item1), @out.Item2.ReceiveOwn(results.Item2), @out.Item3.ReceiveOwn(results.Item3), @out.Item4.ReceiveOwn(results.Item4));

        Tensor ReceiveOwn(Tensor result) => OfDtype(result.dtype).Receive(result);

        CoreTensor Fitting(CoreTensor next)
        {
            var (here, there) = (value.Dtype, next.Dtype);
            if (here.Equals(there)) return next;
            if (Dtypes.category(there) > Dtypes.category(here))
                throw new DtypeException($"result type {Dtypes.scalarTypeName(there)} can't be cast to the desired output type {Dtypes.scalarTypeName(here)}");
            return Engine.cast(here, next);
        }

        /// <summary>The number of times that the memory under this tensor was modified in place.</summary>
        public long _version => root.version;

        /// <summary>Whether this tensor shows part of another one's memory.</summary>
        public bool _is_view() => parent is not null;

        /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
        public void Dispose() => GC.SuppressFinalize(this);

        /// <inheritdoc cref="Dispose"/>
        public Tensor MoveToOuterDisposeScope() => this;

        /// <inheritdoc cref="Dispose"/>
        public Tensor DetachFromDisposeScope() => this;
    }

    /// <summary>Memory needs no scopes here; they exist so that programs written for TorchSharp keep working.</summary>
    public static DisposeScope NewDisposeScope() => new();
}

/// <summary>A scope that frees nothing: memory comes back by itself.</summary>
public sealed class DisposeScope : IDisposable
{
    /// <summary>The same tensor.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor) => tensor;
    /// <summary>The same tensor.</summary>
    public torch.Tensor Detach(torch.Tensor tensor) => tensor;
    /// <summary>Does nothing.</summary>
    public void DisposeEverything() { }
    /// <inheritdoc/>
    public void Dispose() { }
}

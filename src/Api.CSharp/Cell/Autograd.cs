namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        // What few tensors have: a gradient of their own, hooks.
        Variable? variable;

        sealed class Variable
        {
            public Tensor? Gradient;
            public bool Retains;
            public List<Func<Tensor, Tensor?>>? Hooks;
        }

        Variable Extras => variable ??= new Variable();

        /// <summary>The gradient that backward() has summed up here, or null.</summary>
        public Tensor? grad
        {
            get => variable?.Gradient;
            set
            {
                if (value is not null && !value.shape.AsSpan().SequenceEqual(shape))
                    throw new ShapeException($"assigned grad has data of a different size: {ShapeModule.format(value.value.Shape)} instead of {ShapeModule.format(this.value.Shape)}");
                Extras.Gradient = value;
            }
        }

        /// <summary>Whether operations on this tensor are recorded for gradients.</summary>
        public bool requires_grad
        {
            get => !value.IsConcrete && History.Of(Recorded) is not null;
            set => requires_grad_(value);
        }

        /// <summary>Turns this tensor into a leaf that gathers gradients, or back. Raises DtypeException for integers and bools.</summary>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            if (requires_grad == this.requires_grad) return this;
            if (requires_grad)
            {
                if (!Dtypes.isDifferentiable(value.Dtype))
                    throw new DtypeException($"only Tensors of floating point and complex dtype can require gradients, but this one is of dtype {Dtypes.name(value.Dtype)}");
                // A view that becomes a leaf (x.detach().requires_grad_()) is a cell of its own from here on.
                (value, parent, path, root) = (History.Variable(Structure.share(Recorded), this), null, null, this);
            }
            else if (!is_leaf)
                throw new DifferentiationException("you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
            else value = History.Without(value);
            return this;
        }

        /// <summary>Whether this tensor was made by the user rather than by a recorded operation.</summary>
        public bool is_leaf => !requires_grad || History.IsLeaf(Recorded);

        /// <summary>Whether a tensor that is no leaf keeps its gradient.</summary>
        public bool retains_grad => !is_leaf && variable is { Retains: true };

        /// <summary>Keeps the gradient of a tensor that is no leaf.</summary>
        public Tensor retain_grad()
        {
            if (!requires_grad) throw new DifferentiationException("can't retain_grad on Tensor that has requires_grad=False");
            if (!is_leaf) Claim().Retains = true;
            return this;
        }

        /// <summary>Calls a function with the gradient of this tensor whenever one is computed; what it returns, if anything, replaces it.</summary>
        public HookHandle register_hook(Func<Tensor, Tensor?> hook)
        {
            if (!requires_grad) throw new DifferentiationException("cannot register a hook on a tensor that doesn't require gradient");
            var hooks = Claim().Hooks ??= [];
            hooks.Add(hook);
            return new HookHandle(() => hooks.Remove(hook));
        }

        Variable Claim()
        {
            History.Of(Recorded)!.Owner = this;
            return Extras;
        }

        /// <summary>The same elements, not recorded: writing to one is seen in the other.</summary>
        public Tensor detach() => new(this, Detached.View);

        /// <summary>
        /// The same elements outside autograd: writing to one is seen in the other. Setting it gives this tensor the elements, shape and
        /// dtype of another one, and leaves it the leaf that it is. Raises DtypeException where those cannot have the gradient it requires.
        /// </summary>
        public Tensor data
        {
            get => detach();
            set
            {
                if (requires_grad && !Dtypes.isDifferentiable(value.value.Dtype))
                    throw new DtypeException($"data set to a tensor that requires gradients must be floating point or complex dtype, but got {Dtypes.name(value.value.Dtype)}");
                if (parent is not null) throw new ArgumentValueException("data of a view cannot be set: copy_() writes elements into it");
                Replace(Structure.share(value.Recorded));
            }
        }

        /// <summary>Makes this tensor a leaf without history.</summary>
        public Tensor detach_()
        {
            if (parent is not null) throw new DifferentiationException("Can't detach views in-place. Use detach() instead");
            value = History.Without(value);
            return this;
        }

        /// <summary>
        /// Adds the derivatives of this tensor to the `grad` of every leaf that it depends on.
        /// Without `gradient` it must hold one number.
        /// </summary>
        public void backward(Tensor? gradient = null, bool? retain_graph = null, bool create_graph = false, IEnumerable<Tensor>? inputs = null) =>
            autograd.backward([this], gradient is null ? null : [gradient], retain_graph, create_graph, inputs);

        /// <summary>Adds to the gradient.</summary>
        internal void Accumulate(CoreTensor gradient)
        {
            var extras = Extras;
            // A new tensor each time, so that what the user took out of `grad` stays as it was; in place where history must not grow.
            if (extras.Gradient is { } sum) sum.Become(Engine.add(sum.Core, gradient));
            else extras.Gradient = new Tensor(gradient);
        }

        internal CoreTensor Observe(CoreTensor gradient)
        {
            if (variable is not { } extras) return gradient;
            if (extras.Hooks is { } hooks)
                foreach (var hook in hooks.ToArray())
                    gradient = hook(new Tensor(gradient))?.Core ?? gradient;
            if (extras.Retains && !is_leaf) Accumulate(gradient);
            return gradient;
        }

        void Become(CoreTensor next)
        {
            value = next;
            version++;
        }
    }

    /// <summary>A registered hook, to remove it.</summary>
    public sealed class HookHandle(Action remove)
    {
        /// <summary>Removes the hook.</summary>
        public void remove() => remove_();
        readonly Action remove_ = remove;
    }

    /// <summary>Derivatives of recorded operations.</summary>
    public static partial class autograd
    {
        /// <summary>Adds the derivatives of tensors to the `grad` of every leaf (or only of `inputs`) that they depend on.</summary>
        public static void backward(IEnumerable<Tensor> tensors, IEnumerable<Tensor?>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IEnumerable<Tensor>? inputs = null)
        {
            var wanted = inputs?.ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
            if (wanted is { Count: 0 }) throw new ArgumentValueException("'inputs' argument to backward() cannot be empty.");
            var seeds = Seeds([.. tensors], grad_tensors?.ToArray());
            var found = new Dictionary<TapeNode, CoreTensor>(ReferenceEqualityComparer.Instance as IEqualityComparer<TapeNode>);
            var places = wanted?.Where(t => t.requires_grad && !t.is_leaf).ToDictionary(t => History.Of(t.Recorded)!, t => t);
            var leaves = Pull(seeds, create_graph, (node, gradient) =>
            {
                if (places is not null && places.TryGetValue(node, out var input)) found[node] = gradient;
            });

            using var _ = new GradScope(create_graph);
            foreach (var (node, gradient) in leaves)
                if (node.Owner is Tensor leaf && (wanted is null || wanted.Contains(leaf)))
                    leaf.Accumulate(gradient);
            foreach (var (node, gradient) in found) places![node].Accumulate(gradient);
        }

        /// <summary>
        /// The derivatives of `outputs` with respect to `inputs`. Raises DifferentiationException for an input that they do not depend
        /// on, unless `allow_unused`: then its entry is null.
        /// </summary>
        public static IList<Tensor?> grad(IEnumerable<Tensor> outputs, IEnumerable<Tensor> inputs, IEnumerable<Tensor?>? grad_outputs = null, bool? retain_graph = null, bool create_graph = false, bool allow_unused = false)
        {
            var wanted = inputs.ToArray();
            var places = new TapeNode[wanted.Length];
            for (var i = 0; i < wanted.Length; i++)
                places[i] = History.Of(wanted[i].Recorded) ?? throw new DifferentiationException("One of the differentiated Tensors does not require grad");

            var found = places.Distinct().ToDictionary(p => p, _ => (CoreTensor?)null);
            Pull(Seeds([.. outputs], grad_outputs?.ToArray()), create_graph, (node, gradient) =>
            {
                if (found.ContainsKey(node)) found[node] = gradient;
            });

            return places.Select(place => found[place] switch
            {
                { } gradient => new Tensor(gradient),
                null when allow_unused => null,
                null => throw new DifferentiationException("One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."),
            }).ToList();
        }

        static (CoreTensor, CoreTensor)[] Seeds(Tensor[] outputs, Tensor?[]? gradients)
        {
            if (gradients is not null && gradients.Length != outputs.Length)
                throw new ArgumentValueException($"got {outputs.Length} tensors and {gradients.Length} gradients");

            var seeds = new (CoreTensor, CoreTensor)[outputs.Length];
            for (var i = 0; i < outputs.Length; i++)
            {
                var output = outputs[i].Recorded;
                if (History.Of(output) is null)
                    throw new DifferentiationException($"element {i} of tensors does not require grad and does not have a grad_fn");
                if (gradients?[i] is { } given)
                {
                    if (!given.shape.AsSpan().SequenceEqual(outputs[i].shape))
                        throw new ShapeException($"Mismatch in shape: grad_output[{i}] has a shape of {ShapeModule.format(given.Core.Shape)} and output[{i}] has a shape of {ShapeModule.format(output.Shape)}.");
                    seeds[i] = (output, Engine.cast(output.Dtype, given.Core));
                }
                else
                {
                    if (ShapeModule.count(output.Shape) != 1)
                        throw new ShapeException($"grad can be implicitly created only for scalar outputs, but element {i} has shape {ShapeModule.format(output.Shape)}: pass its gradient");
                    seeds[i] = (output, Operands.number(output, output.Dtype, output.Shape, Number.NewInteger(1)));
                }
            }
            return seeds;
        }

        static Dictionary<TapeNode, CoreTensor> Pull((CoreTensor, CoreTensor)[] seeds, bool create_graph, Action<TapeNode, CoreTensor> look)
        {
            CoreTensor Observe(TapeNode node, CoreTensor gradient)
            {
                if (History.IsModified(node))
                    throw new DifferentiationException($"one of the variables needed for gradient computation has been modified by an inplace operation: the result of {node.Primitive.Value.Name}, which its derivative needs. Modify a clone, or use the form that is not in place.");
                if (node.Owner is Tensor owner) gradient = owner.Observe(gradient);
                look(node, gradient);
                return gradient;
            }

            using var _ = new GradScope(create_graph);
            return Pullback.runObserved(Observe, History.Level, create_graph, seeds.Select(s => new ValueTuple<CoreTensor, CoreTensor>(s.Item1, create_graph ? s.Item2 : History.Without(s.Item2))));
        }
    }
}

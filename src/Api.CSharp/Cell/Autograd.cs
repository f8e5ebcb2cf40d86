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
            public List<Action<Tensor>>? Afterwards;
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

        /// <summary>Calls a function with this tensor, a leaf, whenever backward() has added to its `grad`.</summary>
        public HookHandle register_post_accumulate_grad_hook(Action<Tensor> hook)
        {
            if (!requires_grad) throw new DifferentiationException("cannot register a hook on a tensor that doesn't require gradient");
            if (!is_leaf) throw new DifferentiationException("post accumulate grad hooks cannot be registered on non-leaf tensors");
            var hooks = Extras.Afterwards ??= [];
            hooks.Add(hook);
            return new HookHandle(() => hooks.Remove(hook));
        }

        /// <summary>The step back through the operation that this tensor comes from; null for leaves and for what is not recorded.</summary>
        public autograd.GradientFunction? grad_fn => is_leaf ? null : new autograd.GradientFunction(History.Of(Recorded)!);

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
            get => new(this, Detached.Unwatched);
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
            if (extras.Afterwards is { } hooks)
                foreach (var hook in hooks.ToArray()) hook(this);
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
}

using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// An operation with a derivative of its own: forward computes, backward gives the gradients of the arguments from those of the
        /// results. Written in operations of torch, backward can be differentiated again; forward mode and vmap follow from it too.
        /// </summary>
        public abstract class Function
        {
            /// <summary>What errors call the function.</summary>
            public virtual string Name => GetType().Name;

            /// <summary>Whether backward must not be differentiated again.</summary>
            public virtual bool once_differentiable => false;

            private protected abstract Tensor[] Forward(AutogradContext ctx, object?[] args);
            private protected abstract IEnumerable<Tensor?> Backward(AutogradContext ctx, Tensor?[] gradients);

            private protected Tensor[] Apply(object?[] args)
            {
                var places = Enumerable.Range(0, args.Length).Where(i => args[i] is Tensor).ToArray();
                CoreTensor[] inputs = [.. places.Select(i => ((Tensor)args[i]!).Core)];
                var call = new Call(this, args, places, [.. args.Select(a => a is Tensor t && !t.Core.IsConcrete)]);
                var results = Custom.apply(call.Custom, inputs);

                var outputs = new Tensor[results.Length];
                for (var j = 0; j < outputs.Length; j++)
                {
                    var made = call.Outputs[j];
                    outputs[j] = Array.IndexOf(call.Inputs, made) is >= 0 and var i && call.Context.IsDirty(made)
                        ? ((Tensor)args[places[i]]!).Writable(Name, History.Of(results[j])?.Id - 1).Overwrite(results[j])
                        : new Tensor(call.Context.IsConstant(made) ? History.Without(results[j]) : results[j]);
                }
                return outputs;
            }

            /// <summary>One application.</summary>
            sealed class Call(Function function, object?[] args, int[] places, bool[] needs)
            {
                public AutogradContext Context { get; private set; } = new(needs);
                public Tensor[] Inputs { get; private set; } = [];
                public Tensor[] Outputs { get; private set; } = [];

                public CustomFunction Custom => new(
                    function.Name,
                    FuncConvert.FromFunc<CoreTensor[], CoreTensor[]>(Forward),
                    FuncConvert.FromFunc<CoreTensor[], CoreTensor[], CoreTensor[], FSharpValueOption<CoreTensor>[]>(Backward));

                CoreTensor[] Forward(CoreTensor[] inputs)
                {
                    using var _ = no_grad();
                    Context = new(needs);
                    Inputs = [.. inputs.Select(t => new Tensor(t))];
                    var given = (object?[])args.Clone();
                    for (var i = 0; i < places.Length; i++) given[places[i]] = Inputs[i];
                    Outputs = function.Forward(Context, given);
                    Context.Close(Inputs, Outputs);
                    return [.. Outputs.Select(t => t.Core)];
                }

                FSharpValueOption<CoreTensor>[] Backward(CoreTensor[] inputs, CoreTensor[] outputs, CoreTensor[] gradients)
                {
                    if (!function.once_differentiable) return Gradients(inputs, outputs, gradients);

                    // As an operation of its own, which refuses to be pulled back.
                    var given = Array.Empty<bool>();
                    CoreTensor[] Once(CoreTensor[] all)
                    {
                        var (n, m) = (inputs.Length, outputs.Length);
                        var found = Gradients(all[..n], all[n..(n + m)], all[(n + m)..]);
                        given = [.. found.Select(g => g.IsSome)];
                        return [.. found.Where(g => g.IsSome).Select(g => g.Value)];
                    }

                    static FSharpValueOption<CoreTensor>[] Refuse(CoreTensor[] _, CoreTensor[] __, CoreTensor[] ___) =>
                        throw new DifferentiationException("trying to differentiate twice a function that was marked with @once_differentiable");

                    var computed = new Queue<CoreTensor>(Functional.Custom.apply(
                        new CustomFunction(function.Name + "Backward", FuncConvert.FromFunc<CoreTensor[], CoreTensor[]>(Once), FuncConvert.FromFunc<CoreTensor[], CoreTensor[], CoreTensor[], FSharpValueOption<CoreTensor>[]>(Refuse)),
                        [.. inputs, .. outputs, .. gradients]));
                    return [.. given.Select(g => g ? FSharpValueOption<CoreTensor>.Some(computed.Dequeue()) : FSharpValueOption<CoreTensor>.None)];
                }

                FSharpValueOption<CoreTensor>[] Gradients(CoreTensor[] inputs, CoreTensor[] outputs, CoreTensor[] gradients)
                {
                    // What forward kept for itself it kept for one example or for all of them: under vmap it is kept anew.
                    if (inputs.Any(t => t.IsBatched)) Forward([.. inputs]);
                    Context.Open(inputs, outputs);
                    Tensor?[] directions = [.. gradients.Select(g => Context.MaterializesGrads || !IsZero(g) ? new Tensor(g) : null)];
                    Tensor?[] found = [.. function.Backward(Context, directions)];

                    if (found.Length < args.Length || found[args.Length..].Any(g => g is not null))
                        throw new DifferentiationException($"function {function.Name}Backward returned an incorrect number of gradients (expected {args.Length}, got {found.Length})");
                    for (var i = 0; i < args.Length; i++)
                        if (found[i] is not null && !places.Contains(i))
                            throw new DifferentiationException($"function {function.Name}Backward returned a gradient different than None at position {i}, but the corresponding forward input was not a Variable");
                    return [.. places.Select(i => found[i] is { } g ? FSharpValueOption<CoreTensor>.Some(g.Core) : FSharpValueOption<CoreTensor>.None)];
                }

                // A zero that nobody computed is a constant.
                static bool IsZero(CoreTensor gradient) =>
                    gradient is CoreTensor.Concrete concrete && ValueModule.tryConstant(concrete.Item) is { IsSome: true, Value: var number } && number.AsFloat == 0;
            }
        }

        /// <summary>A function with one result; T is the class itself. Called by <c>T.apply(...)</c>.</summary>
        public abstract class SingleTensorFunction<T> : Function where T : SingleTensorFunction<T>, new()
        {
            /// <summary>Computes the result. Nothing is recorded here.</summary>
            public abstract Tensor forward(AutogradContext ctx, params object[] vars);
            /// <summary>The gradients of all arguments, null for those that have none.</summary>
            public abstract List<Tensor?> backward(AutogradContext ctx, Tensor grad_output);
            /// <summary>Applies the function.</summary>
            public static Tensor apply(params object[] vars) => new T().Apply(vars)[0];

            private protected sealed override Tensor[] Forward(AutogradContext ctx, object?[] args) => [forward(ctx, args!)];
            private protected sealed override IEnumerable<Tensor?> Backward(AutogradContext ctx, Tensor?[] gradients) => backward(ctx, gradients[0]!);
        }

        /// <summary>A function with several results; T is the class itself. Called by <c>T.apply(...)</c>.</summary>
        public abstract class MultiTensorFunction<T> : Function where T : MultiTensorFunction<T>, new()
        {
            /// <summary>Computes the results. Nothing is recorded here.</summary>
            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);
            /// <summary>The gradients of all arguments, null for those that have none.</summary>
            public abstract List<Tensor?> backward(AutogradContext ctx, List<Tensor?> grad_outputs);
            /// <summary>Applies the function.</summary>
            public static List<Tensor> apply(params object[] vars) => [.. new T().Apply(vars)];

            private protected sealed override Tensor[] Forward(AutogradContext ctx, object?[] args) => [.. forward(ctx, args!)];
            private protected sealed override IEnumerable<Tensor?> Backward(AutogradContext ctx, Tensor?[] gradients) => backward(ctx, [.. gradients]);
        }
    }
}

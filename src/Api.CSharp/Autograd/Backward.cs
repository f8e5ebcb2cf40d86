using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Derivatives of recorded operations.</summary>
    public static partial class autograd
    {
        /// <summary>
        /// Adds the derivatives of tensors to the `grad` of every leaf (or only of `inputs`) that they depend on. The graph lets go of
        /// its values unless `retain_graph`, which is `create_graph` if not given: pulling back once more then is an error where values
        /// are needed. `grad_tensors` holds the starting gradients; tensors of one number need none.
        /// </summary>
        public static void backward(IEnumerable<Tensor> tensors, IEnumerable<Tensor?>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IEnumerable<Tensor>? inputs = null)
        {
            var wanted = inputs?.ToArray();
            if (wanted is { Length: 0 }) throw new ArgumentValueException("'inputs' argument to backward() cannot be empty.");
            var places = wanted?.Select(t => Place(t, "One of the differentiated Tensors does not require grad")).ToArray();
            var found = Pull(Seeds([.. tensors], grad_tensors?.ToArray()), places ?? [], create_graph, retain_graph ?? create_graph);

            using var _ = new GradScope(create_graph);
            if (places is null)
            {
                foreach (var (place, gradient) in found) (place.Owner as Tensor)?.Accumulate(gradient);
                return;
            }
            for (var i = 0; i < places.Length; i++)
                if (found.TryGetValue(places[i], out var gradient)) wanted![i].Accumulate(gradient);
        }

        /// <inheritdoc cref="backward(IEnumerable{Tensor}, IEnumerable{Tensor}, bool?, bool, IEnumerable{Tensor})"/>
        public static void backward(Tensor tensors, Tensor? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IEnumerable<Tensor>? inputs = null) =>
            backward([tensors], grad_tensors is null ? null : [grad_tensors], retain_graph, create_graph, inputs);

        /// <summary>
        /// The derivatives of `outputs`, weighted by `grad_outputs`, with respect to `inputs`. Raises DifferentiationException for an
        /// input that they do not depend on, unless `allow_unused`: then its entry is null. Nothing beyond the inputs is computed or let go
        /// of. With `is_grads_batched` the first dimension of `grad_outputs` counts examples, all pulled back at once. `only_inputs` is
        /// PyTorch's and always true.
        /// </summary>
        public static IList<Tensor?> grad(IEnumerable<Tensor> outputs, IEnumerable<Tensor> inputs, IEnumerable<Tensor?>? grad_outputs = null, bool? retain_graph = null, bool create_graph = false, bool allow_unused = false, bool only_inputs = true, bool is_grads_batched = false)
        {
            _ = only_inputs;
            var places = inputs.Select(t => Place(t, "One of the differentiated Tensors does not require grad")).ToArray();
            Tensor[] roots = [.. outputs];
            var retain = retain_graph ?? create_graph;
            var found = is_grads_batched
                ? Batched(roots, [.. grad_outputs ?? []], places, create_graph, retain)
                : Pull(Seeds(roots, grad_outputs?.ToArray()), places, create_graph, retain);

            return places.Select(place => found.TryGetValue(place, out var gradient) ? new Tensor(gradient)
                : allow_unused ? null
                : throw new DifferentiationException("One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.")).ToList();
        }

        /// <summary>The derivatives of one tensor.</summary>
        public static IList<Tensor?> grad(Tensor outputs, IEnumerable<Tensor> inputs, Tensor? grad_outputs = null, bool? retain_graph = null, bool create_graph = false, bool allow_unused = false, bool only_inputs = true, bool is_grads_batched = false) =>
            grad([outputs], inputs, grad_outputs is null ? null : [grad_outputs], retain_graph, create_graph, allow_unused, only_inputs, is_grads_batched);

        static TapeNode Place(Tensor tensor, string refusal) => History.Of(tensor.Recorded) ?? throw new DifferentiationException(refusal);

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

        static CoreTensor Observe(TapeNode place, CoreTensor gradient)
        {
            if (Overwriting.OfResult(place) is { } reason) throw new DifferentiationException(reason);
            return place.Owner is Tensor owner ? owner.Observe(gradient) : gradient;
        }

        static readonly FSharpFunc<TapeNode, FSharpFunc<CoreTensor, CoreTensor>> observe = FuncConvert.FromFunc<TapeNode, CoreTensor, CoreTensor>(Observe);

        /// <summary>Gradients by place: of the wanted ones, or of all leaves.</summary>
        static Dictionary<TapeNode, CoreTensor> Pull((CoreTensor, CoreTensor)[] seeds, TapeNode[] wanted, bool create_graph, bool retain)
        {
            using var _ = new GradScope(create_graph);
            var how = new Pulling(create_graph, !retain, wanted, false, observe, Overwriting.Refuses, Pulling.Plain.Spend);
            return Pullback.runWith(how, History.Level, seeds.Select(s => new ValueTuple<CoreTensor, CoreTensor>(s.Item1, create_graph ? s.Item2 : History.Without(s.Item2))));
        }

        /// <summary>One pull for as many gradients as the first dimension of `gradients` has.</summary>
        static Dictionary<TapeNode, CoreTensor> Batched(Tensor[] outputs, Tensor?[] gradients, TapeNode[] wanted, bool create_graph, bool retain)
        {
            if (gradients.Length != outputs.Length || gradients.Any(g => g is null))
                throw new ArgumentValueException("is_grads_batched=True needs grad_outputs: one for each output, with the examples along the first dimension");

            TapeNode[] reached = [];
            CoreTensor[] One(CoreTensor[] directions)
            {
                var found = Pull(Seeds(outputs, [.. directions.Select(d => new Tensor(d))]), wanted, create_graph, retain);
                reached = [.. found.Keys];
                return [.. reached.Select(place => found[place])];
            }

            var all = Functional.Transforms.vmap(FuncConvert.FromFunc<CoreTensor[], CoreTensor[]>(One), gradients.Select(g => g!.Core).ToArray());
            return reached.Zip(all).ToDictionary(pair => pair.First, pair => pair.Second);
        }
    }
}

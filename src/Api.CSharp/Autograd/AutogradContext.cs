namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What forward hands to backward: one for each application of a function.</summary>
        public sealed class AutogradContext
        {
            // A saved input or result is looked up when pulling back, so that it carries what is being differentiated then.
            enum Origin { Input, Result, Other }

            readonly Dictionary<string, object?> data = [];
            readonly List<Tensor> nondifferentiable = [];
            readonly List<Tensor> dirty = [];
            Tensor?[] saving = [];
            (Origin From, int Index, CoreTensor? Value)[] places = [];
            Tensor?[] saved = [];

            internal AutogradContext(bool[] needs) => needs_input_grad = needs;

            /// <summary>Whether each argument of forward needs a gradient.</summary>
            public bool[] needs_input_grad { get; }

            /// <summary>Keeps tensors for backward: arguments, results, or others, which count as constants there.</summary>
            public void save_for_backward(params Tensor?[] tensors) => saving = tensors;

            /// <summary>Keeps tensors for backward.</summary>
            public void save_for_backward(IEnumerable<Tensor> tensors) => saving = [.. tensors];

            /// <summary>The tensors that forward has saved.</summary>
            public Tensor[] saved_tensors => [.. saved.Select(t => t!)];

            /// <summary>The tensors that forward has saved.</summary>
            public List<Tensor> get_saved_variables() => [.. saved_tensors];

            /// <summary>Keeps anything under a name.</summary>
            public void save_data(string key, object? value) => data[key] = value;

            /// <summary>What was kept under a name.</summary>
            public object? get_data(string key) => data.TryGetValue(key, out var value) ? value : throw new ArgumentValueException($"the context holds nothing under '{key}'");

            /// <summary>Says that results have no derivative.</summary>
            public void mark_non_differentiable(params Tensor[] outputs) => nondifferentiable.AddRange(outputs);

            /// <summary>Says that arguments were modified in place; they must be among the results.</summary>
            public void mark_dirty(params Tensor[] inputs) => dirty.AddRange(inputs);

            /// <summary>Whether gradients that are zero reach backward as zeros (the default) or as null.</summary>
            public void set_materialize_grads(bool value) => MaterializesGrads = value;

            internal bool MaterializesGrads { get; private set; } = true;
            internal bool IsConstant(Tensor output) => nondifferentiable.Contains(output);
            internal bool IsDirty(Tensor input) => dirty.Contains(input);

            /// <summary>Forward has ended: works out what the saved tensors are.</summary>
            internal void Close(Tensor[] inputs, Tensor[] outputs) =>
                places = [.. saving.Select(t =>
                    t is null ? (Origin.Other, 0, null)
                    : Array.IndexOf(inputs, t) is >= 0 and var i ? (Origin.Input, i, null)
                    : Array.IndexOf(outputs, t) is >= 0 and var o ? (Origin.Result, o, null)
                    : (Origin.Other, 0, (CoreTensor?)t.Core))];

            /// <summary>Backward begins: the saved tensors as they are to be seen there.</summary>
            internal void Open(CoreTensor[] inputs, CoreTensor[] outputs) =>
                saved = [.. places.Select(p => p.From switch
                {
                    Origin.Input => new Tensor(inputs[p.Index]),
                    Origin.Result => new Tensor(outputs[p.Index]),
                    _ => p.Value is null ? null : new Tensor(p.Value),
                })];
        }
    }
}

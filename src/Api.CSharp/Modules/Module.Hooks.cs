namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            readonly List<Func<Module, object?[], object?[]?>> before = [];
            readonly List<Func<Module, object?[], object?, object?>> after = [];
            readonly List<Func<Module, Tensor?[], Tensor?[], Tensor?[]?>> backward = [];

            static HookHandle Add<T>(List<T> hooks, T hook)
            {
                hooks.Add(hook);
                return new HookHandle(() => hooks.Remove(hook));
            }

            /// <summary>Calls a function before each forward with module and arguments; what it returns, if anything, replaces the arguments.</summary>
            public HookHandle register_forward_pre_hook(Func<Module, object?[], object?[]?> hook) => Add(before, hook);

            /// <summary>Calls a function after each forward with module, arguments and result; what it returns, if anything, replaces the result.</summary>
            public HookHandle register_forward_hook(Func<Module, object?[], object?, object?> hook) => Add(after, hook);

            /// <summary>
            /// Calls a function with the module and the gradients of its arguments and results whenever they are computed; what it
            /// returns, if anything, replaces the gradients of the arguments.
            /// </summary>
            public HookHandle register_full_backward_hook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook) => Add(backward, hook);

            /// <inheritdoc cref="register_full_backward_hook"/>
            public HookHandle register_backward_hook(Func<Module, Tensor?[], Tensor?[], Tensor?[]?> hook) => register_full_backward_hook(hook);

            internal void Forget(Func<Module, object?[], object?[]?> hook) => before.Remove(hook);

            /// <summary>Whether anybody wants to know of calls.</summary>
            private protected bool IsHooked => before.Count + after.Count + backward.Count > 0;

            /// <summary>A call with its hooks around it.</summary>
            private protected TResult Hooked<TResult>(object?[] arguments, Func<object?[], TResult> forward)
            {
                foreach (var hook in before.ToArray()) arguments = hook(this, arguments) ?? arguments;
                Action<object?>? watch = null;
                if (backward.Count > 0 && GradMode.IsEnabled) (arguments, watch) = Watched(arguments);
                object? result = forward(arguments);
                foreach (var hook in after.ToArray()) result = hook(this, arguments, result) ?? result;
                watch?.Invoke(result);
                return (TResult)result!;
            }

            /// <summary>
            /// Lets all tensors among the arguments that are differentiated pass through one, so that their gradients are known at
            /// once. Gives what is to be done with the result.
            /// </summary>
            (object?[] Arguments, Action<object?> Watch) Watched(object?[] given)
            {
                Tensor?[] received = [];
                object?[] arguments = [.. given];
                var count = arguments.Length;
                int[] places = [.. Enumerable.Range(0, count).Where(i => given[i] is Tensor { requires_grad: true })];
                Tensor[] inputs = [.. given.Where(a => a is Tensor { requires_grad: true }).Select(a => (Tensor)a!)];

                Tensor?[] Tell(Tensor?[] gradients)
                {
                    foreach (var hook in backward.ToArray()) gradients = hook(this, gradients, received) ?? gradients;
                    return gradients;
                }

                if (inputs.Length > 0)
                {
                    var all = cat([.. inputs.Select(t => t.reshape(-1))]);
                    Tensor[] Parts(Tensor joined) =>
                        [.. joined.split([.. inputs.Select(t => t.numel())]).Select((part, i) => part.reshape(inputs[i].shape).to(inputs[i].dtype))];

                    all.register_hook(joined =>
                    {
                        var gradients = new Tensor?[count];
                        foreach (var (place, part) in places.Zip(Parts(joined))) gradients[place] = part;
                        var told = Tell(gradients);
                        return cat([.. places.Select((place, i) => (told[place] ?? zeros_like(inputs[i])).reshape(-1))]);
                    });
                    foreach (var (place, part) in places.Zip(Parts(all))) arguments[place] = part;
                }

                return (arguments, result =>
                {
                    Tensor[] outputs = [.. (result is ITuple tuple ? Enumerable.Range(0, tuple.Length).Select(i => tuple[i]) : [result]).OfType<Tensor>().Where(t => t is { requires_grad: true, is_leaf: false })];
                    var missing = outputs.Length;
                    received = new Tensor?[outputs.Length];
                    for (var i = 0; i < outputs.Length; i++)
                    {
                        var place = i;
                        outputs[i].register_hook(gradient =>
                        {
                            received[place] = gradient;
                            // With no argument to wait for, the results are all there is to tell.
                            if (--missing == 0 && places.Length == 0) Tell(new Tensor?[count]);
                            return null;
                        });
                    }
                }
                );
            }
        }
    }
}

namespace Functional.Torch;

/// <summary>Trading computation for memory.</summary>
public abstract class CheckpointFunctions
{
    private protected CheckpointFunctions() { }

    /// <summary>
    /// The function's results. What it computes on the way is not kept for backward() but computed again then, with the random numbers of
    /// the first time if `preserve_rng_state`. Gradients reach arguments and parameters alike. `use_reentrant` is PyTorch's: there is one way
    /// here, with the restrictions of neither.
    /// </summary>
    public static torch.Tensor[] checkpoint(Func<torch.Tensor[], torch.Tensor[]> function, torch.Tensor[] args, bool use_reentrant = true, bool preserve_rng_state = true)
    {
        _ = use_reentrant;
        if (!GradMode.IsEnabled) return function(args);
        var random = torch.Generator.Default.Source;
        var before = random.State;
        var isFirst = true;

        CoreTensor[] Run()
        {
            if (isFirst || !preserve_rng_state)
            {
                isFirst = false;
                return Convert.Cores(function(args));
            }

            var now = random.State;
            random.Restore(before.Item1, before.Item2, before.Item3, before.Item4);
            try
            {
                return Convert.Cores(function(args));
            }
            finally
            {
                random.Restore(now.Item1, now.Item2, now.Item3, now.Item4);
            }
        }

        static CoreTensor[] Record(Func<CoreTensor[]> f)
        {
            using var _ = torch.enable_grad();
            return f();
        }

        return Lifting.Wrap(Recompute.run(Record, Run));
    }

    /// <inheritdoc cref="checkpoint(Func{torch.Tensor[], torch.Tensor[]}, torch.Tensor[], bool, bool)"/>
    public static torch.Tensor checkpoint(Func<torch.Tensor, torch.Tensor> function, torch.Tensor arg, bool use_reentrant = true, bool preserve_rng_state = true) =>
        checkpoint(Lifting.Several(function), [arg], use_reentrant, preserve_rng_state)[0];

    /// <inheritdoc cref="checkpoint(Func{torch.Tensor[], torch.Tensor[]}, torch.Tensor[], bool, bool)"/>
    public static torch.Tensor checkpoint(Func<torch.Tensor, torch.Tensor, torch.Tensor> function, torch.Tensor first, torch.Tensor second, bool use_reentrant = true, bool preserve_rng_state = true) =>
        checkpoint(x => [function(x[0], x[1])], [first, second], use_reentrant, preserve_rng_state)[0];

    /// <summary>Functions one after the other, in `segments` parts of which only the ends are kept; the last part is kept whole.</summary>
    public static torch.Tensor checkpoint_sequential(IReadOnlyList<Func<torch.Tensor, torch.Tensor>> functions, long segments, torch.Tensor input, bool use_reentrant = true, bool preserve_rng_state = true)
    {
        if (segments < 1 || segments > functions.Count) throw new ArgumentValueException($"checkpoint_sequential expects between 1 and {functions.Count} segments, as many as there are functions, but got {segments}");
        var length = functions.Count / (int)segments;

        for (var start = 0; start < functions.Count;)
        {
            var isLast = start >= length * ((int)segments - 1);
            var part = functions.Skip(start).Take(isLast ? functions.Count - start : length).ToArray();
            torch.Tensor Through(torch.Tensor x) => part.Aggregate(x, (value, f) => f(value));
            input = isLast ? Through(input) : checkpoint(Through, input, use_reentrant, preserve_rng_state);
            start += part.Length;
        }
        return input;
    }
}

public static partial class torch
{
    public static partial class utils
    {
        /// <inheritdoc cref="CheckpointFunctions"/>
        public abstract class checkpoint : CheckpointFunctions
        {
            private protected checkpoint() { }
        }
    }
}

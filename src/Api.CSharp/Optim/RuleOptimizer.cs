namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>An optimizer that holds one of the core's: a rule made anew for each step from the options that then hold.</summary>
        sealed class RuleOptimizer : Optimizer
        {
            /// <summary>Which values an option may have, and what PyTorch calls it where it may not.</summary>
            static readonly Dictionary<string, (string Label, Func<double, bool> Allows)> limits = new()
            {
                ["lr"] = ("learning rate", x => x >= 0),
                ["eps"] = ("epsilon value", x => x >= 0),
                ["weight_decay"] = ("weight_decay value", x => x >= 0),
                ["momentum"] = ("momentum value", x => x >= 0),
                ["rho"] = ("rho value", x => x is >= 0 and <= 1),
                ["lr_decay"] = ("lr_decay value", x => x >= 0),
                ["initial_accumulator_value"] = ("initial_accumulator_value value", x => x >= 0),
                ["momentum_decay"] = ("momentum_decay value", x => x >= 0),
                ["alpha"] = ("alpha value", x => x >= 0),
            };

            readonly Func<ParamGroup, Functional.Optimizer> rule;
            readonly Dictionary<Tensor, Tree> states = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>);

            internal RuleOptimizer(string kind, IEnumerable<ParamGroup> groups, Func<ParamGroup, Functional.Optimizer> rule, params (string Name, object? Value)[] options)
                : base(groups, options.ToDictionary(o => o.Name, o => o.Value))
            {
                (Kind, this.rule) = (kind, rule);
                foreach (var (name, value) in options)
                {
                    if (value is double number && limits.TryGetValue(name, out var limit) && !limit.Allows(number))
                        throw new ArgumentValueException($"Invalid {limit.Label}: {number}");
                    if (name == "betas" && value is double[] betas)
                        for (var i = 0; i < betas.Length; i++)
                            if (betas[i] is < 0 or >= 1) throw new ArgumentValueException($"Invalid beta parameter at index {i}: {betas[i]}");
                }
            }

            private protected override string Kind { get; }

            public override Tensor? step(Func<Tensor>? closure = null)
            {
                Tensor? loss = null;
                if (closure is not null)
                    using (enable_grad()) loss = closure();

                using (no_grad())
                {
                    var moving = new List<(Tensor Parameter, Functional.Optimizer Rule)>();
                    foreach (var group in param_groups)
                    {
                        var current = rule(group);
                        moving.AddRange(group.Parameters.Where(p => p.grad is not null).Select(p => (p, current)));
                    }
                    if (moving.Count == 0) return loss;

                    var rules = moving.Select(m => m.Rule).ToArray();
                    var values = moving.Select(m => m.Parameter.Core).ToArray();
                    var state = moving.Select((m, i) => states.TryGetValue(m.Parameter, out var s) ? s : rules[i].Init.Invoke(Tree.NewLeaf(values[i]))).ToArray();
                    // One pass computes everything new, into the memory of what is old.
                    var (moved, next) = Rules.step(rules, [.. moving.Select(m => m.Parameter.grad!.Core)], state, values);
                    for (var i = 0; i < moving.Count; i++)
                    {
                        moving[i].Parameter.Overtake(moved[i]);
                        states[moving[i].Parameter] = next[i];
                    }
                }
                return loss;
            }

            static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

            private protected override Dictionary<string, object?>? Memory(Tensor parameter) => states.TryGetValue(parameter, out var state) ? Named(state) : null;

            // SGD has no buffer before its first step.
            private protected override Dictionary<string, object?> Fresh(Tensor parameter, ParamGroup group) =>
                Kind == "SGD" ? [] : Named(rule(group).Init.Invoke(Tree.NewLeaf(parameter.detach().Core)));

            static Dictionary<string, object?> Named(Tree state)
            {
                var memory = new Dictionary<string, object?>();
                // Shared, so that the next step may take the memory of its own.
                foreach (var (path, value) in TreeModule.named(state))
                    memory.TryAdd(Last(path), new Tensor(Last(path) == "step" ? Engine.cast(Dtype.Float32, value) : Structure.share(value)));
                return memory;
            }

            private protected override void Remember(Tensor parameter, ParamGroup group, IReadOnlyDictionary<string, object?> memory)
            {
                var fresh = rule(group).Init.Invoke(Tree.NewLeaf(parameter.Core));
                var named = TreeModule.named(fresh).ToArray();
                // SGD counts no steps in PyTorch, and has no buffer before its first one.
                if (named.Any(n => Last(n.Item1) != "step" && memory.GetValueOrDefault(Last(n.Item1)) is null)) return;
                states[parameter] = TreeModule.rebuild(fresh, [.. named.Select(n => Restored(Last(n.Item1), n.Item2, memory))]);
            }

            static CoreTensor Restored(string name, CoreTensor like, IReadOnlyDictionary<string, object?> memory) =>
                memory.GetValueOrDefault(name) switch
                {
                    Tensor saved when like.Shape.Length > 0 => Structure.share(Engine.move(like.Backend, Engine.cast(like.Dtype, saved.Core))),
                    // In double precision, so that what goes on is what would have gone on.
                    var saved => Engine.cast(like.Dtype, Create.ofFloat64s(Convert.NoDims, [saved is null ? 1 : Saved.Number(saved)])),
                };
        }
    }
}

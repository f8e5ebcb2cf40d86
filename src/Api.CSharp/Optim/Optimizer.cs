namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Rules that change parameters by their gradients.</summary>
    public static partial class optim
    {
        /// <summary>Parameters with options of their own; what is not set here is the optimizer's default.</summary>
        public sealed class ParamGroup
        {
            readonly Dictionary<string, object?> options = [];

            /// <summary>A group with options of its own, if any: ("lr", 0.1), ...</summary>
            public ParamGroup(IEnumerable<Tensor> parameters, params (string Name, object? Value)[] options)
            {
                Parameters = [.. parameters];
                foreach (var (name, value) in options) this[name] = value!;
            }

            /// <summary>The parameters.</summary>
            public List<Tensor> Parameters { get; }

            /// <summary>An option by PyTorch's name: lr, momentum, weight_decay, ...</summary>
            public object this[string name]
            {
                get => options.TryGetValue(name, out var value) ? value! : throw new ArgumentValueException($"this parameter group has no option '{name}', only {string.Join(", ", options.Keys)}");
                set => options[name] = value;
            }

            /// <summary>An option, or null.</summary>
            public object? TryGet(string name) => options.GetValueOrDefault(name);
            /// <summary>The names of the options.</summary>
            public IEnumerable<string> Names => options.Keys;
            internal double Number(string name) => System.Convert.ToDouble(this[name]);
            internal bool Truth(string name) => (bool)this[name];

            /// <summary>How far a step goes.</summary>
            public double LearningRate
            {
                get => Number("lr");
                set => this["lr"] = value;
            }

            /// <summary>The rate before a schedule changed it.</summary>
            public double InitialLearningRate
            {
                get => options.ContainsKey("initial_lr") ? Number("initial_lr") : LearningRate;
                set => this["initial_lr"] = value;
            }

            internal double[] Pair(string name) => (double[])this[name];

            /// <summary>Takes an option from a checkpoint: numbers may come as integers, pairs as lists.</summary>
            internal void Restore(string name, object? value) =>
                options[name] = (options.GetValueOrDefault(name), value) switch
                {
                    (double, not null) => System.Convert.ToDouble(value),
                    (double[], not null) => Saved.List(value).Select(System.Convert.ToDouble).ToArray(),
                    (bool, long number) => number != 0,
                    _ => value,
                };

            internal void Complete(IReadOnlyDictionary<string, object?> defaults)
            {
                foreach (var (name, value) in defaults) options.TryAdd(name, value);
            }
        }

        /// <summary>What all optimizers share: groups of parameters, and a state for each parameter.</summary>
        public abstract partial class Optimizer : IDisposable
        {
            readonly List<ParamGroup> groups = [];

            private protected Optimizer(IEnumerable<ParamGroup> groups, Dictionary<string, object?> defaults)
            {
                this.defaults = defaults;
                foreach (var group in groups) add_param_group(group);
                if (this.groups.Count == 0) throw new ArgumentValueException("optimizer got an empty parameter list");
            }

            /// <summary>The options of groups that have none of their own.</summary>
            public IReadOnlyDictionary<string, object?> defaults { get; }
            /// <summary>The groups, whose options may be changed between steps.</summary>
            public IReadOnlyList<ParamGroup> param_groups => groups;
            /// <summary>The groups, whose options may be changed between steps.</summary>
            public IReadOnlyList<ParamGroup> ParamGroups => groups;
            /// <summary>All parameters.</summary>
            public IEnumerable<Tensor> parameters() => groups.SelectMany(g => g.Parameters);

            /// <summary>Adds parameters. Raises ArgumentValueException for those that are no leaves or are there already.</summary>
            public void add_param_group(ParamGroup param_group)
            {
                foreach (var parameter in param_group.Parameters)
                {
                    if (!parameter.is_leaf) throw new ArgumentValueException("can't optimize a non-leaf Tensor");
                    if (groups.Any(g => g.Parameters.Any(p => ReferenceEquals(p, parameter)))) throw new ArgumentValueException("some parameters appear in more than one parameter group");
                }
                param_group.Complete(defaults);
                groups.Add(param_group);
            }

            /// <summary>Forgets all gradients, or makes them 0.</summary>
            public void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters()) parameter.ClearGradient(set_to_none);
            }

            /// <summary>Changes all parameters that have a gradient. A closure, if given, computes the loss and the gradients first.</summary>
            public abstract Tensor? step(Func<Tensor>? closure = null);

            /// <summary>What is remembered beside a parameter, by PyTorch's names; null if nothing yet.</summary>
            private protected abstract Dictionary<string, object?>? Memory(Tensor parameter);
            /// <summary>Takes over what was remembered beside a parameter.</summary>
            private protected abstract void Remember(Tensor parameter, ParamGroup group, IReadOnlyDictionary<string, object?> memory);

            /// <summary>
            /// The optimizer as PyTorch saves it: "state" (what is remembered beside each parameter, by its number) and "param_groups"
            /// (options and the numbers of the parameters).
            /// </summary>
            public virtual Dictionary<string, object> state_dict()
            {
                var state = new Dictionary<long, Dictionary<string, object?>>();
                var saved = new List<Dictionary<string, object?>>();
                var number = 0L;
                foreach (var group in groups)
                {
                    var numbers = new List<long>();
                    foreach (var parameter in group.Parameters)
                    {
                        if (Memory(parameter) is { } memory) state[number] = memory;
                        numbers.Add(number++);
                    }
                    saved.Add(new(group.Names.ToDictionary(n => n, n => group.TryGet(n))) { ["params"] = numbers });
                }
                return new() { ["state"] = state, ["param_groups"] = saved };
            }

            /// <summary>Takes over what another optimizer of this kind had, as state_dict gives it. Raises ArgumentValueException where groups differ.</summary>
            public virtual void load_state_dict(IDictionary<string, object> state_dict)
            {
                var saved = Saved.List(state_dict["param_groups"]).Select(Saved.Map).ToArray();
                if (saved.Length != groups.Count) throw new ArgumentValueException("loaded state dict has a different number of parameter groups");
                var numbers = saved.Select(g => Saved.List(g["params"]).Select(n => System.Convert.ToInt64(n)).ToArray()).ToArray();
                if (!numbers.Select(n => n.Length).SequenceEqual(groups.Select(g => g.Parameters.Count)))
                    throw new ArgumentValueException("loaded state dict contains a parameter group that doesn't match the size of optimizer's group");

                var state = Saved.Items(state_dict["state"]).ToDictionary(i => System.Convert.ToInt64(i.Key), i => Saved.Map(i.Value));
                for (var i = 0; i < saved.Length; i++)
                {
                    foreach (var (name, value) in saved[i])
                        if (name != "params") groups[i].Restore(name, value);
                    for (var j = 0; j < numbers[i].Length; j++)
                        if (state.TryGetValue(numbers[i][j], out var memory)) Remember(groups[i].Parameters[j], groups[i], memory);
                }
            }

            /// <summary>The kind, and the options of all groups.</summary>
            public override string ToString() =>
                $"{Kind} (\n{string.Concat(groups.Select((g, i) => $"Parameter Group {i}\n{string.Concat(g.Names.Order(StringComparer.Ordinal).Select(n => $"    {n}: {Shown(g.TryGet(n))}\n"))}"))})";

            /// <summary>The name of the kind of optimizer.</summary>
            private protected abstract string Kind { get; }

            static string Shown(object? value) => value switch
            {
                null => "None",
                double[] many => $"({string.Join(", ", many)})",
                _ => System.Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
            };

            /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
            public void Dispose() => GC.SuppressFinalize(this);
        }

        static IEnumerable<ParamGroup> One(IEnumerable<Tensor> parameters) => [new ParamGroup(parameters)];
    }
}

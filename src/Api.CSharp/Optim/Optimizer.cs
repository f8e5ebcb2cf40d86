namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Rules that change parameters by their gradients.</summary>
    public static partial class optim
    {
        /// <summary>Parameters with options of their own; what is not set here is the optimizer's default.</summary>
        public sealed class ParamGroup
        {
            readonly Dictionary<string, object> options = [];

            /// <summary>A group without options of its own.</summary>
            public ParamGroup(IEnumerable<Tensor> parameters) => Parameters = [.. parameters];

            /// <summary>The parameters.</summary>
            public List<Tensor> Parameters { get; }

            /// <summary>An option by PyTorch's name: lr, momentum, weight_decay, ...</summary>
            public object this[string name]
            {
                get => options.TryGetValue(name, out var value) ? value : throw new ArgumentValueException($"this parameter group has no option '{name}', only {string.Join(", ", options.Keys)}");
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

            internal void Complete(IReadOnlyDictionary<string, object> defaults)
            {
                foreach (var (name, value) in defaults) options.TryAdd(name, value);
            }
        }

        /// <summary>What all optimizers share: groups of parameters, and a state for each parameter.</summary>
        public abstract class Optimizer : IDisposable
        {
            readonly Dictionary<string, object> defaults;
            readonly List<ParamGroup> groups = [];
            readonly Dictionary<Tensor, Tree> states = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>);

            private protected Optimizer(IEnumerable<ParamGroup> groups, Dictionary<string, object> defaults)
            {
                this.defaults = defaults;
                foreach (var group in groups) add_param_group(group);
                if (this.groups.Count == 0) throw new ArgumentValueException("optimizer got an empty parameter list");
            }

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

            /// <summary>The core's optimizer with the options that a group has now.</summary>
            private protected abstract Functional.Optimizer Rule(ParamGroup group);

            /// <summary>Forgets all gradients, or makes them 0.</summary>
            public void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters()) parameter.ClearGradient(set_to_none);
            }

            /// <summary>Changes all parameters that have a gradient. A closure, if given, computes the loss and the gradients first.</summary>
            public virtual Tensor? step(Func<Tensor>? closure = null)
            {
                Tensor? loss = null;
                if (closure is not null)
                    using (enable_grad()) loss = closure();

                using (no_grad())
                {
                    var moving = new List<(Tensor Parameter, Functional.Optimizer Rule)>();
                    foreach (var group in groups)
                    {
                        var rule = Rule(group);
                        moving.AddRange(group.Parameters.Where(p => p.grad is not null).Select(p => (p, rule)));
                    }
                    if (moving.Count == 0) return loss;

                    var rules = moving.Select(m => m.Rule).ToArray();
                    var values = moving.Select(m => m.Parameter.Core).ToArray();
                    var state = moving.Select((m, i) => states.TryGetValue(m.Parameter, out var s) ? s : rules[i].Init.Invoke(Tree.NewLeaf(values[i]))).ToArray();
                    // One pass computes everything new, into the memory of what is old.
                    var (moved, next) = Rules.step(rules, [.. moving.Select(m => m.Parameter.grad!.Core)], state, values);
                    for (var i = 0; i < moving.Count; i++)
                    {
                        moving[i].Parameter.Replace(moved[i]);
                        states[moving[i].Parameter] = next[i];
                    }
                }
                return loss;
            }

            /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
            public void Dispose() => GC.SuppressFinalize(this);
        }

        static IEnumerable<ParamGroup> One(IEnumerable<Tensor> parameters) => [new ParamGroup(parameters)];

        static Dictionary<string, object> Options(params (string Name, object Value)[] options) => options.ToDictionary(o => o.Name, o => o.Value);

        static void Require(bool condition, string name, double value)
        {
            if (!condition) throw new ArgumentValueException($"Invalid {name}: {value}");
        }
    }
}

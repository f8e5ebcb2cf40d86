using Microsoft.FSharp.Collections;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        // Files of TorchSharp's own format.
        public abstract partial class Optimizer
        {
            static FSharpMap<string, CheckpointValue> Frozen(IEnumerable<KeyValuePair<string, object?>> items) =>
                new(items.Select(i => Tuple.Create(i.Key, new Freezing(i.Value).Value)));

            /// <summary>What stands beside a parameter that was never moved.</summary>
            private protected virtual Dictionary<string, object?> Fresh(Tensor parameter, ParamGroup group) => [];

            /// <summary>
            /// Writes options and state in TorchSharp's own format, which its optimizer of this kind loads; for PyTorch use torch.save
            /// with state_dict(). Raises UnsupportedException for kinds that the format has not.
            /// </summary>
            public void save_state_dict(string location) => TorchSharpOptimizers.save(location, new TorchSharpOptimizer(Kind,
                [.. groups.Select(g => Frozen(g.Names.Select(n => KeyValuePair.Create(n, g.TryGet(n)))))],
                [.. groups.SelectMany(g => g.Parameters.Select(p => Frozen(Memory(p) ?? Fresh(p, g))))]));

            /// <summary>
            /// Takes over options and state from a file that an optimizer of this kind wrote here or in TorchSharp. Raises
            /// ArgumentValueException where kind or groups differ, FileFormatException for what is damaged.
            /// </summary>
            public void load_state_dict(string location)
            {
                var saved = TorchSharpOptimizers.load(location);
                if (saved.Name != Kind) throw new ArgumentValueException($"Mismatched optimizer type: expected '{Kind}', but found '{saved.Name}' in the loaded stream.");
                if (saved.Groups.Length != groups.Count) throw new ArgumentValueException("Invalid optimizer state -- different number of parameter groups.");
                var places = groups.SelectMany(g => g.Parameters.Select(p => (Group: g, Parameter: p))).ToArray();
                if (saved.States.Length != places.Length) throw new ArgumentValueException("Invalid optimizer state -- different number of states.");

                var thawing = new Thawing();
                foreach (var (group, frozen) in groups.Zip(saved.Groups))
                {
                    var options = frozen.ToDictionary(o => o.Key, o => thawing.Of(o.Value));
                    // A rate that no schedule changed is no option of its own in PyTorch.
                    if (!Equals(options["initial_lr"], options["lr"])) group["initial_lr"] = options["initial_lr"]!;
                    foreach (var (name, value) in options)
                        if (group.TryGet(name) is not null) group.Restore(name, value);
                }
                foreach (var (place, state) in places.Zip(saved.States))
                    Remember(place.Parameter, place.Group, state.ToDictionary(i => i.Key, i => thawing.Of(i.Value)));
            }
        }
    }
}

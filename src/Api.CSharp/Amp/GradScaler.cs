namespace Functional.Torch;

public static partial class torch
{
    public static partial class amp
    {
        /// <summary>
        /// Scales losses so that small gradients do not vanish in float16: scale(loss).backward(), step(optimizer), update(). A step whose
        /// gradients are not finite is left out, and the scale shrinks; after `growth_interval` good steps it grows.
        /// </summary>
        public sealed class GradScaler
        {
            enum Stage { Ready, Unscaled, Stepped }

            sealed class Seen
            {
                public Stage Stage;
                public bool? IsFinite;
            }

            readonly bool enabled;
            readonly Dictionary<optim.Optimizer, Seen> seen = new(ReferenceEqualityComparer.Instance as IEqualityComparer<optim.Optimizer>);
            double factor, growth, backoff;
            long interval;
            int tracker;
            bool isUsed;

            /// <summary>A scaler for a kind of device. On cards it is switched off where there is none, as in PyTorch.</summary>
            public GradScaler(string device = "cuda", double init_scale = 65536.0, double growth_factor = 2.0, double backoff_factor = 0.5, long growth_interval = 2000, bool enabled = true)
            {
                if (enabled && growth_factor <= 1.0) throw new ArgumentValueException("The growth factor must be > 1.0.");
                if (enabled && backoff_factor >= 1.0) throw new ArgumentValueException("The backoff factor must be < 1.0.");
                this.enabled = enabled && (new Device(device).type != DeviceType.CUDA || torch.cuda.is_available());
                (factor, growth, backoff, interval) = (init_scale, growth_factor, backoff_factor, growth_interval);
            }

            /// <summary>Whether it does anything.</summary>
            public bool is_enabled() => enabled;

            /// <summary>A loss (or other outputs) times the scale.</summary>
            public Tensor scale(Tensor outputs)
            {
                if (!enabled) return outputs;
                isUsed = true;
                return outputs * factor;
            }

            /// <summary>Outputs times the scale.</summary>
            public Tensor[] scale(IEnumerable<Tensor> outputs) => [.. outputs.Select(scale)];

            Seen Of(optim.Optimizer optimizer, string name)
            {
                if (!isUsed) throw new ArgumentValueException($"Attempted {name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.");
                if (!seen.TryGetValue(optimizer, out var known)) seen[optimizer] = known = new();
                return known;
            }

            /// <summary>Divides the gradients of an optimizer's parameters by the scale, before clipping or looking at them. Once a step.</summary>
            public void unscale_(optim.Optimizer optimizer)
            {
                if (!enabled) return;
                var known = Of(optimizer, "unscale_");
                if (known.Stage == Stage.Unscaled) throw new ArgumentValueException("unscale_() has already been called on this optimizer since the last update().");
                if (known.Stage == Stage.Stepped) throw new ArgumentValueException("unscale_() is being called after step().");
                Unscale(optimizer, known, false);
                known.Stage = Stage.Unscaled;
            }

            void Unscale(optim.Optimizer optimizer, Seen known, bool allowsHalf)
            {
                Tensor[] gradients = [.. optimizer.param_groups.SelectMany(g => g.Parameters).Select(p => p.grad).OfType<Tensor>()];
                if (gradients.Length == 0) return;
                if (!allowsHalf && gradients.Any(g => g.dtype == ScalarType.Float16)) throw new ArgumentValueException("Attempting to unscale FP16 gradients.");
                using (no_grad())
                    foreach (var gradient in gradients) gradient.mul_(1.0 / factor);
                known.IsFinite = gradients.GroupBy(g => g.device).All(group => Functional.Mixed.isFinite([.. group.Select(g => History.Without(g.Recorded))]));
            }

            /// <summary>The optimizer's step, unless gradients are not finite. Unscales them if that has not happened.</summary>
            public Tensor? step(optim.Optimizer optimizer)
            {
                if (!enabled) return optimizer.step();
                var known = Of(optimizer, "step");
                if (known.Stage == Stage.Stepped) throw new ArgumentValueException("step() has already been called since the last update().");
                if (known.Stage == Stage.Ready) Unscale(optimizer, known, true);
                if (known.IsFinite is not { } finite) throw new ArgumentValueException("No inf checks were recorded for this optimizer.");
                known.Stage = Stage.Stepped;
                return finite ? optimizer.step() : null;
            }

            /// <summary>Grows or shrinks the scale by how the steps went, or sets it.</summary>
            public void update(double? new_scale = null)
            {
                if (!enabled) return;
                if (new_scale is { } chosen) factor = chosen;
                else
                {
                    var checkedSteps = seen.Values.Where(s => s.IsFinite is not null).ToList();
                    if (checkedSteps.Count == 0) throw new ArgumentValueException("No inf checks were recorded prior to update.");
                    var (next, since) = Functional.Mixed.nextScale(new LossScale(factor, growth, backoff, Convert.Int(interval)), factor, tracker, checkedSteps.Any(s => s.IsFinite == false));
                    (factor, tracker) = (next, since);
                }
                seen.Clear();
            }

            /// <summary>The scale; 1 where the scaler is switched off.</summary>
            public double get_scale() => enabled ? factor : 1.0;
            /// <summary>What the scale grows by.</summary>
            public double get_growth_factor() => growth;
            /// <summary>Sets what the scale grows by.</summary>
            public void set_growth_factor(double new_factor) => growth = new_factor;
            /// <summary>What the scale shrinks by.</summary>
            public double get_backoff_factor() => backoff;
            /// <summary>Sets what the scale shrinks by.</summary>
            public void set_backoff_factor(double new_factor) => backoff = new_factor;
            /// <summary>After how many good steps the scale grows.</summary>
            public long get_growth_interval() => interval;
            /// <summary>Sets after how many good steps the scale grows.</summary>
            public void set_growth_interval(long new_interval) => interval = new_interval;

            /// <summary>The scale and its options, for a checkpoint; empty where the scaler is switched off.</summary>
            public Dictionary<string, object?> state_dict() => !enabled ? [] : new()
            {
                ["scale"] = factor,
                ["growth_factor"] = growth,
                ["backoff_factor"] = backoff,
                ["growth_interval"] = interval,
                ["_growth_tracker"] = (long)tracker,
            };

            /// <summary>Goes on from a checkpoint.</summary>
            public void load_state_dict(System.Collections.IDictionary state_dict)
            {
                if (!enabled) return;
                var saved = Saved.Map(state_dict);
                if (saved.Count == 0)
                    throw new ArgumentValueException("The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.");
                (factor, growth, backoff) = (Saved.Number(saved["scale"]), Saved.Number(saved["growth_factor"]), Saved.Number(saved["backoff_factor"]));
                (interval, tracker) = ((long)Saved.Number(saved["growth_interval"]), (int)Saved.Number(saved["_growth_tracker"]));
            }
        }
    }
}

namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Lowers rates when a measure has stopped getting better.</summary>
            public sealed class PlateauScheduler : LRScheduler
            {
                readonly bool lower, relative;
                readonly double factor, threshold, eps;
                readonly int patience, cooldown;
                readonly double[] floors;
                Plateau state;

                internal PlateauScheduler(Optimizer optimizer, string mode, double factor, long patience, double threshold, string threshold_mode, long cooldown, double[] min_lr, double eps) : base(optimizer, -1)
                {
                    if (factor >= 1) throw new ArgumentValueException("Factor should be < 1.0.");
                    if (mode is not ("min" or "max")) throw new ArgumentValueException($"mode {mode} is unknown!");
                    if (threshold_mode is not ("rel" or "abs")) throw new ArgumentValueException($"threshold mode {threshold_mode} is unknown!");
                    if (min_lr.Length != 1 && min_lr.Length != optimizer.param_groups.Count) throw new ArgumentValueException($"expected {optimizer.param_groups.Count} min_lrs, got {min_lr.Length}");
                    (lower, relative, this.factor, this.threshold, this.eps) = (mode == "min", threshold_mode == "rel", factor, threshold, eps);
                    (this.patience, this.cooldown, floors) = (Convert.Int(patience), Convert.Int(cooldown), ForEach(min_lr, optimizer, "min_lr"));
                    state = PlateauModule.start(lower);
                    last_epoch = 0;
                }

                private protected override void Set(bool alone)
                {
                    foreach (var (group, floor) in optimizer.param_groups.Zip(floors))
                    {
                        var next = Math.Max(group.LearningRate * factor, floor);
                        if (group.LearningRate - next > eps) group.LearningRate = next;
                    }
                }

                /// <summary>Takes a step with the measure that is watched.</summary>
                public override void step(double metrics)
                {
                    last_epoch++;
                    (state, var isFlat) = PlateauModule.next(lower, relative, threshold, patience, cooldown, state, metrics);
                    if (isFlat) Set(alone: false);
                }

                /// <inheritdoc cref="step(double)"/>
                public void step(Tensor metrics) => step(metrics.ToDouble());

                /// <summary>Needs a measure to watch: raises ArgumentValueException.</summary>
                public override void step() => throw new ArgumentValueException("ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'");

                /// <inheritdoc/>
                public override Dictionary<string, object> state_dict() => new(base.state_dict()) { ["best"] = state.Best, ["num_bad_epochs"] = (long)state.BadSteps, ["cooldown_counter"] = (long)state.Rest };

                /// <inheritdoc/>
                public override void load_state_dict(IDictionary<string, object> state_dict)
                {
                    base.load_state_dict(state_dict);
                    state = new(Saved.Number(state_dict["best"]), (int)Saved.Number(state_dict["num_bad_epochs"]), (int)Saved.Number(state_dict["cooldown_counter"]));
                }
            }

            /// <summary>Lowers rates by a factor when a measure has not got better for `patience` steps.</summary>
            public static PlateauScheduler ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, long patience = 10, double threshold = 0.0001, string threshold_mode = "rel", long cooldown = 0, double min_lr = 0, double eps = 1e-08, bool verbose = false) =>
                new(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, [min_lr], eps);

            /// <summary>Lowers rates by a factor when a measure has not got better for `patience` steps; one least rate for each group.</summary>
            public static PlateauScheduler ReduceLROnPlateau(Optimizer optimizer, double[] min_lr, string mode = "min", double factor = 0.1, long patience = 10, double threshold = 0.0001, string threshold_mode = "rel", long cooldown = 0, double eps = 1e-08, bool verbose = false) =>
                new(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps);

            /// <summary>Several schedulers as one, saved together.</summary>
            abstract class Combined : LRScheduler
            {
                private protected readonly LRScheduler[] parts;

                private protected Combined(Optimizer optimizer, LRScheduler[] parts) : base(optimizer, -1)
                {
                    this.parts = parts;
                    last_epoch = 0;
                }

                private protected override void Set(bool alone) { }

                public override Dictionary<string, object> state_dict() => new(base.state_dict()) { ["_schedulers"] = parts.Select(p => p.state_dict()).ToList() };

                public override void load_state_dict(IDictionary<string, object> state_dict)
                {
                    base.load_state_dict(state_dict);
                    foreach (var (part, saved) in parts.Zip(Saved.List(state_dict["_schedulers"])))
                        part.load_state_dict(Saved.Map(saved).ToDictionary(s => s.Key, s => s.Value!));
                }
            }

            sealed class Chained(LRScheduler[] parts) : Combined(parts[0].optimizer, parts)
            {
                public override void step()
                {
                    last_epoch++;
                    foreach (var part in parts) part.step();
                }
            }

            sealed class Sequence : Combined
            {
                readonly long[] milestones;

                internal Sequence(Optimizer optimizer, LRScheduler[] parts, long[] milestones) : base(optimizer, parts)
                {
                    this.milestones = milestones;
                    // Each part took its first step when it was made; only that of the first one counts.
                    foreach (var group in optimizer.param_groups) group.LearningRate = group.InitialLearningRate;
                    foreach (var part in parts) part.Forget();
                    parts[0].step();
                }

                public override void step()
                {
                    last_epoch++;
                    var current = parts[milestones.Count(m => m <= last_epoch)];
                    if (milestones.Contains(last_epoch)) current.Restart();
                    else current.step();
                }
            }

            /// <summary>Several schedulers that act together at each step.</summary>
            public static LRScheduler ChainedScheduler(IEnumerable<LRScheduler> schedulers)
            {
                LRScheduler[] parts = [.. schedulers];
                if (parts.Length == 0) throw new ArgumentValueException("ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.");
                for (var i = 1; i < parts.Length; i++)
                    if (!ReferenceEquals(parts[i].optimizer, parts[0].optimizer))
                        throw new ArgumentValueException($"ChainedScheduler expects all schedulers to belong to the same optimizer, but got schedulers at index 0 and {i} to be different");
                return new Chained(parts);
            }

            /// <summary>One scheduler after the other, changing at milestones.</summary>
            public static LRScheduler SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, long[] milestones, long last_epoch = -1, bool verbose = false)
            {
                LRScheduler[] parts = [.. schedulers];
                for (var i = 0; i < parts.Length; i++)
                    if (!ReferenceEquals(parts[i].optimizer, optimizer))
                        throw new ArgumentValueException($"Sequential Schedulers expects all schedulers to belong to the same optimizer, but got schedulers at index {i} to be different than the optimizer passed in.");
                if (milestones.Length != parts.Length - 1)
                    throw new ArgumentValueException($"Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers {parts.Length} and the number of milestones to be equal to {milestones.Length}");
                return new Sequence(optimizer, parts, milestones);
            }
        }
    }
}

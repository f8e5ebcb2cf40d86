using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            static double[] ForEach(double[] values, Optimizer optimizer, string name) =>
                values.Length == 1 ? [.. Enumerable.Repeat(values[0], optimizer.param_groups.Count)]
                : values.Length == optimizer.param_groups.Count ? values
                : throw new ArgumentValueException($"expected {optimizer.param_groups.Count} values for {name}, got {values.Length}");

            static void SetMomentum(ParamGroup group, double momentum)
            {
                if (group.TryGet("betas") is double[] betas) group["betas"] = new[] { momentum, betas[1] };
                else group["momentum"] = momentum;
            }

            static void RequireMomentum(Optimizer optimizer, bool orBetas)
            {
                if (!optimizer.defaults.ContainsKey("momentum") && !(orBetas && optimizer.defaults.ContainsKey("betas")))
                    throw new ArgumentValueException("optimizer must support momentum with `cycle_momentum` option enabled");
            }

            /// <summary>Rates, and momenta against them, as functions of the step.</summary>
            sealed class Curves : LRScheduler
            {
                readonly Func<int, int, double> rate;
                readonly Func<int, int, double>? momentum;

                internal Curves(Optimizer optimizer, long last_epoch, Func<int, int, double> rate, Func<int, int, double>? momentum) : base(optimizer, last_epoch)
                {
                    (this.rate, this.momentum) = (rate, momentum);
                    step();
                }

                private protected override void Set(bool alone)
                {
                    for (var i = 0; i < base_lrs.Length; i++)
                    {
                        optimizer.param_groups[i].LearningRate = rate(i, (int)last_epoch);
                        if (momentum is not null) SetMomentum(optimizer.param_groups[i], momentum(i, (int)last_epoch));
                    }
                }
            }

            /// <summary>Up from base_lr to max_lr and down again, over and over (Smith 2017).</summary>
            public static LRScheduler CyclicLR(Optimizer optimizer, double base_lr, double max_lr, long step_size_up = 2000, long? step_size_down = null, string mode = "triangular", double gamma = 1.0, Func<double, double>? scale_fn = null, string scale_mode = "cycle", bool cycle_momentum = true, double base_momentum = 0.8, double max_momentum = 0.9, long last_epoch = -1, bool verbose = false) =>
                CyclicLR(optimizer, [base_lr], [max_lr], step_size_up, step_size_down, mode, gamma, scale_fn, scale_mode, cycle_momentum, [base_momentum], [max_momentum], last_epoch, verbose);

            /// <summary>Up from base_lr to max_lr and down again, over and over (Smith 2017); one value for each group.</summary>
            public static LRScheduler CyclicLR(Optimizer optimizer, double[] base_lr, double[] max_lr, long step_size_up = 2000, long? step_size_down = null, string mode = "triangular", double gamma = 1.0, Func<double, double>? scale_fn = null, string scale_mode = "cycle", bool cycle_momentum = true, double[]? base_momentum = null, double[]? max_momentum = null, long last_epoch = -1, bool verbose = false)
            {
                var (low, high) = (ForEach(base_lr, optimizer, "base_lr"), ForEach(max_lr, optimizer, "max_lr"));
                var (slow, fast) = (ForEach(base_momentum ?? [0.8], optimizer, "base_momentum"), ForEach(max_momentum ?? [0.9], optimizer, "max_momentum"));
                Func<double, int, double> scale = (scale_fn, scale_mode, mode) switch
                {
                    (not null, "cycle", _) => (cycle, _) => scale_fn(cycle),
                    (not null, _, _) => (_, t) => scale_fn(t),
                    (_, _, "triangular") => (_, _) => 1,
                    (_, _, "triangular2") => (cycle, _) => Math.Pow(2, 1 - cycle),
                    (_, _, "exp_range") => (_, t) => Math.Pow(gamma, t),
                    _ => throw new ArgumentValueException("mode is invalid and scale_fn is None"),
                };
                if (cycle_momentum) RequireMomentum(optimizer, orBetas: false);
                if (last_epoch == -1)
                    foreach (var (group, rate) in optimizer.param_groups.Zip(low)) group.LearningRate = rate;

                var wave = FuncConvert.FromFunc(scale);
                double Height(int t) => RateRuleModule.triangle(step_size_up, step_size_down ?? step_size_up, wave, t);
                return new Curves(optimizer, last_epoch,
                    (i, t) => RateRuleModule.between(low[i], high[i], Height(t)),
                    cycle_momentum ? (i, t) => RateRuleModule.between(fast[i], slow[i], Height(t)) : null);
            }

            /// <summary>One cycle up to max_lr and down to nearly nothing (Smith and Topin 2019).</summary>
            public static LRScheduler OneCycleLR(Optimizer optimizer, double max_lr, long? total_steps = null, long? epochs = null, long? steps_per_epoch = null, double pct_start = 0.3, string anneal_strategy = "cos", bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, long last_epoch = -1, bool verbose = false) =>
                OneCycleLR(optimizer, [max_lr], total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, [base_momentum], [max_momentum], div_factor, final_div_factor, three_phase, last_epoch, verbose);

            /// <summary>One cycle up to max_lr and down to nearly nothing (Smith and Topin 2019); one value for each group.</summary>
            public static LRScheduler OneCycleLR(Optimizer optimizer, double[] max_lr, long? total_steps = null, long? epochs = null, long? steps_per_epoch = null, double pct_start = 0.3, string anneal_strategy = "cos", bool cycle_momentum = true, double[]? base_momentum = null, double[]? max_momentum = null, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, long last_epoch = -1, bool verbose = false)
            {
                static long Positive(long value, string name) => value > 0 ? value : throw new ArgumentValueException($"Expected positive integer {name}, but got {value}");
                var steps = total_steps is { } total ? Positive(total, "total_steps")
                    : epochs is { } e && steps_per_epoch is { } each ? Positive(e, "epochs") * Positive(each, "steps_per_epoch")
                    : throw new ArgumentValueException("You must define either total_steps OR (epochs AND steps_per_epoch)");
                if (pct_start is < 0 or > 1) throw new ArgumentValueException($"Expected float between 0 and 1 pct_start, but got {pct_start}");
                if (anneal_strategy is not ("cos" or "linear")) throw new ArgumentValueException($"anneal_strategy must by one of 'cos' or 'linear', instead got {anneal_strategy}");
                if (cycle_momentum) RequireMomentum(optimizer, orBetas: true);

                var high = ForEach(max_lr, optimizer, "max_lr");
                var (slow, fast) = (ForEach(base_momentum ?? [0.85], optimizer, "base_momentum"), ForEach(max_momentum ?? [0.95], optimizer, "max_momentum"));
                for (var i = 0; i < high.Length; i++)
                {
                    var group = optimizer.param_groups[i];
                    if (last_epoch == -1) group.InitialLearningRate = high[i] / div_factor;
                    (group["max_lr"], group["min_lr"]) = (high[i], high[i] / div_factor / final_div_factor);
                }

                // The same phases lead rates up and momenta down.
                double At(int t, double start, double peak, double end, double rest) =>
                    RateRuleModule.oneCycle(anneal_strategy == "cos", three_phase, Convert.Int(steps), pct_start, start, peak, end, rest, t);

                return new Curves(optimizer, last_epoch,
                    (i, t) => (high[i] / div_factor) is var start ? At(t, start, high[i], start / final_div_factor, start) : 0,
                    cycle_momentum ? (i, t) => At(t, fast[i], slow[i], fast[i], fast[i]) : null);
            }

            /// <summary>Half a cosine down to eta_min, again and again over longer times (Loshchilov and Hutter 2017).</summary>
            public sealed class WarmRestarts : LRScheduler
            {
                readonly int first, growth;
                readonly double eta_min;
                double time = -1;

                internal WarmRestarts(Optimizer optimizer, long T_0, long T_mult, double eta_min, long last_epoch) : base(optimizer, last_epoch)
                {
                    if (T_0 <= 0) throw new ArgumentValueException($"Expected positive integer T_0, but got {T_0}");
                    if (T_mult < 1) throw new ArgumentValueException($"Expected integer T_mult >= 1, but got {T_mult}");
                    (first, growth, this.eta_min, time) = (Convert.Int(T_0), Convert.Int(T_mult), eta_min, last_epoch);
                    step();
                }

                private protected override void Set(bool alone)
                {
                    for (var i = 0; i < base_lrs.Length; i++)
                        optimizer.param_groups[i].LearningRate = RateRuleModule.cosineRestartsAt(first, growth, eta_min, base_lrs[i], alone ? last_epoch : time);
                }

                /// <inheritdoc/>
                public override void step() => step(time + 1);

                /// <summary>Goes to a time, in epochs and parts of them.</summary>
                public override void step(double epoch)
                {
                    if (epoch < 0) throw new ArgumentValueException($"Expected non-negative epoch, but got {epoch}");
                    (time, last_epoch) = (epoch, (long)Math.Floor(epoch));
                    Set(alone: false);
                }
            }

            /// <inheritdoc cref="WarmRestarts"/>
            public static WarmRestarts CosineAnnealingWarmRestarts(Optimizer optimizer, long T_0, long T_mult = 1, double eta_min = 0, long last_epoch = -1, bool verbose = false) =>
                new(optimizer, T_0, T_mult, eta_min, last_epoch);
        }
    }
}

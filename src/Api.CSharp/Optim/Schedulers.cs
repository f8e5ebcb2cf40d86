using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Learning rates that change from epoch to epoch.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>Sets the rate of every group by the number of steps taken so far.</summary>
            public abstract class LRScheduler
            {
                private protected readonly double[] base_lrs;

                /// <summary>Whose rates it sets.</summary>
                public Optimizer optimizer { get; }
                /// <summary>How many steps were taken.</summary>
                public long last_epoch { get; private protected set; }

                private protected LRScheduler(Optimizer optimizer, long last_epoch)
                {
                    (this.optimizer, this.last_epoch) = (optimizer, last_epoch);
                    foreach (var (group, i) in optimizer.param_groups.Select((g, i) => (g, i)))
                        if (group.TryGet("initial_lr") is null)
                            group.InitialLearningRate = last_epoch == -1 ? group.LearningRate
                                : throw new ArgumentValueException($"param 'initial_lr' is not specified in param_groups[{i}] when resuming an optimizer");
                    base_lrs = [.. optimizer.param_groups.Select(g => g.InitialLearningRate)];
                }

                /// <summary>Sets rates (and momenta) for the step `last_epoch`. With `alone` they do not depend on the rates before.</summary>
                private protected abstract void Set(bool alone);

                /// <summary>Takes a step.</summary>
                public virtual void step()
                {
                    last_epoch++;
                    Set(alone: false);
                }

                /// <summary>Takes a step in a schedule that watches a measure; others pay no heed to it.</summary>
                public virtual void step(double metrics) => step();

                /// <summary>Begins here, whatever came before.</summary>
                internal void Restart()
                {
                    last_epoch = 0;
                    Set(alone: true);
                }

                internal void Forget() => last_epoch--;

                /// <summary>The rates that hold now.</summary>
                public IEnumerable<double> get_last_lr() => optimizer.param_groups.Select(g => g.LearningRate);

                /// <summary>What is needed to go on later.</summary>
                public virtual Dictionary<string, object> state_dict() => new() { ["last_epoch"] = last_epoch, ["base_lrs"] = base_lrs.ToArray(), ["_last_lr"] = get_last_lr().ToArray() };

                /// <summary>Goes on where another scheduler of this kind was.</summary>
                public virtual void load_state_dict(IDictionary<string, object> state_dict)
                {
                    last_epoch = System.Convert.ToInt64(state_dict["last_epoch"]);
                    Saved.List(state_dict["base_lrs"]).Select(System.Convert.ToDouble).ToArray().CopyTo(base_lrs, 0);
                }
            }

            /// <summary>A scheduler that holds a rule of the core for every group.</summary>
            sealed class Ruled : LRScheduler
            {
                readonly RateRule[] rules;
                // The step from which rules count.
                readonly long begins;

                internal Ruled(Optimizer optimizer, long last_epoch, params RateRule[] rules) : this(optimizer, last_epoch, 0, rules) { }

                internal Ruled(Optimizer optimizer, long last_epoch, long begins, params RateRule[] rules) : base(optimizer, last_epoch)
                {
                    this.begins = begins;
                    this.rules = rules.Length == 1 ? [.. Enumerable.Repeat(rules[0], base_lrs.Length)] : rules;
                    if (this.rules.Length != base_lrs.Length) throw new ArgumentValueException($"Expected {base_lrs.Length} lr_lambdas, but got {rules.Length}");
                    step();
                }

                private protected override void Set(bool alone)
                {
                    for (var i = 0; i < base_lrs.Length; i++)
                    {
                        var group = optimizer.param_groups[i];
                        group.LearningRate = alone
                            ? rules[i].At.Invoke(base_lrs[i]).Invoke((int)last_epoch)
                            : FSharpFunc<double, double>.InvokeFast(rules[i].Next, base_lrs[i], group.LearningRate, (int)(last_epoch - begins));
                    }
                }
            }

            /// <summary>A scheduler whose rule counts its own steps, wherever it takes over.</summary>
            internal static LRScheduler FromHere(Optimizer optimizer, long last_epoch, RateRule rule) => new Ruled(optimizer, last_epoch, last_epoch + 1, rule);

            static FSharpFunc<int, double> Lift(Func<long, double> f) => FuncConvert.FromFunc<int, double>(t => f(t));

            /// <summary>The rate times gamma every step_size steps.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, long step_size, double gamma = 0.1, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, RateRuleModule.step(Convert.Int(step_size), gamma));

            /// <summary>The rate times gamma at each milestone.</summary>
            public static LRScheduler MultiStepLR(Optimizer optimizer, long[] milestones, double gamma = 0.1, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, RateRuleModule.multiStep(Convert.List(milestones), gamma));

            /// <summary>The rate times gamma every step.</summary>
            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma, long last_epoch = -1, bool verbose = false) => new Ruled(optimizer, last_epoch, RateRuleModule.exponential(gamma));

            /// <summary>The first rate times a function of the step.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<long, double> lr_lambda, long last_epoch = -1, bool verbose = false) => new Ruled(optimizer, last_epoch, RateRuleModule.lambda(Lift(lr_lambda)));

            /// <summary>The first rate times a function of the step, one for each group.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, IEnumerable<Func<long, double>> lr_lambda, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, [.. lr_lambda.Select(f => RateRuleModule.lambda(Lift(f)))]);

            /// <summary>The rate times a function of the step.</summary>
            public static LRScheduler MultiplicativeLR(Optimizer optimizer, Func<long, double> lr_lambda, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, RateRuleModule.multiplicative(Lift(lr_lambda)));

            /// <summary>From the first rate down to eta_min along half a cosine, and up again (Loshchilov and Hutter 2017).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, long T_max, double eta_min = 0, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, RateRuleModule.cosine(Convert.Int(T_max), eta_min));

            /// <summary>The rate times a factor for the first total_iters steps.</summary>
            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, long total_iters = 5, long last_epoch = -1, bool verbose = false) =>
                factor is < 0 or > 1
                    ? throw new ArgumentValueException("Constant multiplicative factor expected to be between 0 and 1.")
                    : new Ruled(optimizer, last_epoch, RateRuleModule.constant(factor, Convert.Int(total_iters)));

            /// <summary>The factor of the rate goes evenly from start_factor to end_factor.</summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, long total_iters = 5, long last_epoch = -1, bool verbose = false)
            {
                if (start_factor is not (> 0 and <= 1)) throw new ArgumentValueException("Starting multiplicative factor expected to be between 0 and 1.");
                if (end_factor is not (>= 0 and <= 1)) throw new ArgumentValueException("Ending multiplicative factor expected to be between 0 and 1.");
                return new Ruled(optimizer, last_epoch, RateRuleModule.linear(start_factor, end_factor, Convert.Int(total_iters)));
            }

            /// <summary>The rate falls to 0 by a power of what is left.</summary>
            public static LRScheduler PolynomialLR(Optimizer optimizer, long total_iters = 5, double power = 1.0, long last_epoch = -1, bool verbose = false) =>
                new Ruled(optimizer, last_epoch, RateRuleModule.polynomial(Convert.Int(total_iters), power));
        }
    }
}

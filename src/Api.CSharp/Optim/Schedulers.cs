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
                private protected readonly Optimizer optimizer;
                private protected readonly double[] base_lrs;

                /// <summary>How many steps were taken.</summary>
                public long last_epoch { get; private set; }

                private protected LRScheduler(Optimizer optimizer)
                {
                    this.optimizer = optimizer;
                    foreach (var group in optimizer.param_groups)
                        if (group.TryGet("initial_lr") is null) group.InitialLearningRate = group.LearningRate;
                    base_lrs = [.. optimizer.param_groups.Select(g => g.InitialLearningRate)];
                }

                /// <summary>The rate of a group after `epoch` steps, the rate before being `now`.</summary>
                private protected abstract double Rate(int group, double now, long epoch);

                private protected void Start() => Set(0);

                void Set(long epoch)
                {
                    last_epoch = epoch;
                    for (var i = 0; i < base_lrs.Length; i++)
                        optimizer.param_groups[i].LearningRate = Rate(i, optimizer.param_groups[i].LearningRate, epoch);
                }

                /// <summary>Takes a step.</summary>
                public void step() => Set(last_epoch + 1);

                /// <summary>The rates that hold now.</summary>
                public IEnumerable<double> get_last_lr() => optimizer.param_groups.Select(g => g.LearningRate);
            }

            sealed class Formula : LRScheduler
            {
                readonly Func<double, double, long, double> rate;
                internal Formula(Optimizer optimizer, Func<double, double, long, double> rate) : base(optimizer)
                {
                    this.rate = rate;
                    Start();
                }
                private protected override double Rate(int group, double now, long epoch) => rate(base_lrs[group], now, epoch);
            }

            /// <summary>The rate times gamma every step_size steps.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, long step_size, double gamma = 0.1) =>
                new Formula(optimizer, (_, now, epoch) => epoch == 0 || epoch % step_size != 0 ? now : now * gamma);

            /// <summary>The rate times gamma at each milestone.</summary>
            public static LRScheduler MultiStepLR(Optimizer optimizer, long[] milestones, double gamma = 0.1) =>
                new Formula(optimizer, (_, now, epoch) => now * Math.Pow(gamma, milestones.Count(m => m == epoch)));

            /// <summary>The rate times gamma every step.</summary>
            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma) =>
                new Formula(optimizer, (_, now, epoch) => epoch == 0 ? now : now * gamma);

            /// <summary>The first rate times a function of the step.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<long, double> lr_lambda) =>
                new Formula(optimizer, (first, _, epoch) => first * lr_lambda(epoch));

            /// <summary>From the first rate down to eta_min along half a cosine, and up again (Loshchilov and Hutter 2017).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, long T_max, double eta_min = 0) =>
                new Formula(optimizer, (first, now, epoch) => epoch switch
                {
                    0 => now,
                    _ when (epoch - 1 - T_max) % (2 * T_max) == 0 => now + (first - eta_min) * (1 - Math.Cos(Math.PI / T_max)) / 2,
                    _ => (1 + Math.Cos(Math.PI * epoch / T_max)) / (1 + Math.Cos(Math.PI * (epoch - 1) / T_max)) * (now - eta_min) + eta_min,
                });

            /// <summary>The rate times a factor for the first total_iters steps.</summary>
            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, long total_iters = 5) =>
                new Formula(optimizer, (_, now, epoch) => epoch == 0 ? now * factor : epoch == total_iters ? now / factor : now);

            /// <summary>The factor of the rate goes evenly from start_factor to end_factor.</summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, long total_iters = 5) =>
                new Formula(optimizer, (first, _, epoch) => first * (start_factor + (end_factor - start_factor) * Math.Min(epoch, total_iters) / total_iters));

            /// <summary>The rate falls to 0 by a power of what is left.</summary>
            public static LRScheduler PolynomialLR(Optimizer optimizer, long total_iters = 5, double power = 1.0) =>
                new Formula(optimizer, (first, _, epoch) => first * Math.Pow(1 - (double)Math.Min(epoch, total_iters) / total_iters, power));
        }
    }
}

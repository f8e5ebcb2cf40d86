using Functional.Torch.Modules;

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Averages of models over training (Izmailov et al. 2018).</summary>
            public static class swa_utils
            {
                /// <summary>A copy of a model whose parameters are averages of the model's.</summary>
                public static AveragedModel AveragedModel(nn.Module<Tensor, Tensor> model, Device? device = null, Func<Tensor, Tensor, long, Tensor>? avg_fn = null, bool use_buffers = false) =>
                    new(model, avg_fn ?? ((averaged, now, count) => new Tensor(Averaging.equal((int)count, averaged.Core, now.Core))), use_buffers);

                /// <summary>For AveragedModel: an average in which the past fades (Polyak averaging).</summary>
                public static Func<Tensor, Tensor, long, Tensor> get_ema_avg_fn(double decay = 0.999) =>
                    decay is >= 0 and <= 1
                        ? (averaged, now, _) => new Tensor(Averaging.exponential(decay, averaged.Core, now.Core))
                        : throw new ArgumentValueException($"Invalid decay value {decay} provided. Please provide a value in [0,1] range.");

                /// <summary>Computes the running statistics of all batch norms of a model anew, over the batches of a loader.</summary>
                public static void update_bn(IEnumerable<Tensor> loader, nn.Module<Tensor, Tensor> model, Device? device = null)
                {
                    BatchNorm[] norms = [.. model.modules().OfType<BatchNorm>()];
                    if (norms.Length == 0) return;
                    var (training, momenta) = (model.training, norms.Select(n => n.Momentum).ToArray());
                    foreach (var norm in norms)
                    {
                        norm.reset_running_stats();
                        norm.Momentum = null;
                    }
                    model.train();
                    using (no_grad())
                        foreach (var batch in loader) model.call(batch);
                    foreach (var (norm, momentum) in norms.Zip(momenta)) norm.Momentum = momentum;
                    model.train(training);
                }

                /// <summary>From the rates that hold to swa_lr over anneal_epochs steps, and constant from there; with a `last_epoch` too they count from here.</summary>
                public static lr_scheduler.LRScheduler SWALR(Optimizer optimizer, double swa_lr, long anneal_epochs = 10, string anneal_strategy = "cos", long last_epoch = -1) =>
                    anneal_strategy is not ("cos" or "linear") ? throw new ArgumentValueException($"anneal_strategy must by one of 'cos' or 'linear', instead got {anneal_strategy}")
                    : anneal_epochs < 0 ? throw new ArgumentValueException($"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
                    : lr_scheduler.FromHere(optimizer, last_epoch, RateRuleModule.towards(anneal_strategy == "cos", Convert.Int(anneal_epochs), swa_lr));
            }
        }
    }
}

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>A copy of a model whose parameters are averages of the model's.</summary>
    public sealed class AveragedModel : nn.Module<Tensor, Tensor>
    {
        readonly Func<Tensor, Tensor, long, Tensor> average;
        readonly bool use_buffers;

        /// <summary>The averaged model.</summary>
        public nn.Module<Tensor, Tensor> module { get; }
        /// <summary>How many models went into the average.</summary>
        public Tensor n_averaged { get; }

        internal AveragedModel(nn.Module<Tensor, Tensor> model, Func<Tensor, Tensor, long, Tensor> average, bool use_buffers) : base("AveragedModel")
        {
            (this.average, this.use_buffers) = (average, use_buffers);
            module = model.deepcopy();
            n_averaged = tensor(0L);
            register_module("module", module);
            register_buffer("n_averaged", n_averaged);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => module.call(input);

        static IEnumerable<Tensor> All(nn.Module module, bool buffers) => buffers ? [.. module.parameters(), .. module.buffers()] : module.parameters();

        /// <summary>Takes the model's parameters into the average.</summary>
        public void update_parameters(nn.Module model)
        {
            var count = n_averaged.ToInt64();
            using (no_grad())
            {
                foreach (var (averaged, now) in All(module, use_buffers).Zip(All(model, use_buffers)))
                    averaged.copy_(count == 0 ? now : average(averaged.detach(), now.detach(), count));
                n_averaged.add_(1);
            }
        }
    }
}

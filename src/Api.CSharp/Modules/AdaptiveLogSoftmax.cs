namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>
    /// The log probability of one of very many classes (Grave et al. 2017): frequent classes have their places in the head, rarer ones
    /// are clusters with a place each and a narrower network of their own.
    /// </summary>
    public sealed class AdaptiveLogSoftmaxWithLoss : nn.Module<Tensor, Tensor, (Tensor output, Tensor loss)>
    {
        readonly long[] cutoffs;

        /// <summary>What scores frequent classes and clusters.</summary>
        public Linear head { get; }
        /// <summary>What scores the classes of each cluster.</summary>
        public ModuleList tail { get; }

        internal AdaptiveLogSoftmaxWithLoss(long in_features, long n_classes, long[] cutoffs, double div_value, bool head_bias, ScalarType? dtype) : base("AdaptiveLogSoftmaxWithLoss")
        {
            AdaptiveSoftmax.requireCutoffs(Convert.List(cutoffs), Convert.Int(n_classes));
            this.cutoffs = [.. cutoffs, n_classes];
            head = nn.Linear(in_features, cutoffs[0] + cutoffs.Length, head_bias, dtype: dtype);
            register_module("head", head);
            tail = nn.ModuleList([.. cutoffs.Select((first, i) =>
            {
                var narrow = AdaptiveSoftmax.tailWidth(Convert.Int(in_features), div_value, i);
                return (nn.Module)nn.Sequential(nn.Linear(in_features, narrow, false, dtype: dtype), nn.Linear(narrow, this.cutoffs[i + 1] - first, false, dtype: dtype));
            })]);
            register_module("tail", tail);
        }

        AdaptiveSoftmax.Scores Scores => new(
            Microsoft.FSharp.Core.FuncConvert.FromFunc((CoreTensor x) => head.call(new Tensor(x)).Core),
            Microsoft.FSharp.Collections.ListModule.OfSeq(tail.Cast<Sequential>().Select(cluster => Microsoft.FSharp.Core.FuncConvert.FromFunc((CoreTensor x) => cluster.call(new Tensor(x)).Core))),
            Microsoft.FSharp.Collections.ListModule.OfSeq(cutoffs.Select(c => (int)c)));

        /// <summary>The log probability of each row's target, and minus their mean.</summary>
        public override (Tensor output, Tensor loss) forward(Tensor input, Tensor target)
        {
            var isBatch = target.dim() > 0;
            var output = new Tensor(AdaptiveSoftmax.ofTargets(Scores, (isBatch ? target : unsqueeze(target, 0)).Core, (isBatch ? input : unsqueeze(input, 0)).Core));
            var loss = neg(mean(output));
            return (isBatch ? output : squeeze(output, 0), loss);
        }

        /// <summary>The log probabilities of all classes, [N, n_classes].</summary>
        public Tensor log_prob(Tensor input) => new(AdaptiveSoftmax.ofAll(Scores, input.Core));
        /// <summary>The most probable class of each row.</summary>
        public Tensor predict(Tensor input) => argmax(log_prob(input), 1);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The log probability of one of very many classes.</summary>
            public static AdaptiveLogSoftmaxWithLoss AdaptiveLogSoftmaxWithLoss(long in_features, long n_classes, long[] cutoffs, double div_value = 4.0, bool head_bias = false, Device? device = null, ScalarType? dtype = null) => new AdaptiveLogSoftmaxWithLoss(in_features, n_classes, cutoffs, div_value, head_bias, dtype).On(device);
        }
    }
}

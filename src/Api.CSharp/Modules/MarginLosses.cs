namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>1 - cosine for what belongs together (target 1), max(0, cosine - margin) for what does not (-1).</summary>
    public sealed class CosineEmbeddingLoss(double margin, nn.Reduction reduction) : AppliedToThree("CosineEmbeddingLoss", (input1, input2, target) => nn.functional.cosine_embedding_loss(input1, input2, target, margin, reduction));

    /// <summary>max(0, -target * (input1 - input2) + margin).</summary>
    public sealed class MarginRankingLoss(double margin, nn.Reduction reduction) : AppliedToThree("MarginRankingLoss", (input1, input2, target) => nn.functional.margin_ranking_loss(input1, input2, target, margin, reduction));

    /// <summary>max(0, margin + distance to the positive - distance to the negative).</summary>
    public sealed class TripletMarginLoss(double margin, double p, double eps, bool swap, nn.Reduction reduction) : AppliedToThree("TripletMarginLoss", (anchor, positive, negative) => nn.functional.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction));

    /// <summary>TripletMarginLoss with a distance of one's own.</summary>
    public sealed class TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance_function, double margin, bool swap, nn.Reduction reduction) : AppliedToThree("TripletMarginWithDistanceLoss", (anchor, positive, negative) => nn.functional.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function, margin, swap, reduction));

    /// <summary>Observations with a mean and a variance.</summary>
    public sealed class GaussianNLLLoss(bool full, double eps, nn.Reduction reduction) : AppliedToThree("GaussianNLLLoss", (input, target, var) => nn.functional.gaussian_nll_loss(input, target, var, full, eps, reduction));

    /// <summary>Counts with a rate, or the rate's logarithm.</summary>
    public sealed class PoissonNLLLoss(bool log_input, bool full, double eps, nn.Reduction reduction) : AppliedToTwo("PoissonNLLLoss", (input, target) => nn.functional.poisson_nll_loss(input, target, log_input, full, eps, reduction));

    /// <summary>How much other classes come within a margin of the targets' scores.</summary>
    public sealed class MultiLabelMarginLoss(nn.Reduction reduction) : AppliedToTwo("MultiLabelMarginLoss", (input, target) => nn.functional.multilabel_margin_loss(input, target, reduction));

    /// <summary>The mean over classes of the cross entropies of logits with truths.</summary>
    public sealed class MultiLabelSoftMarginLoss(Tensor? weight, nn.Reduction reduction) : Weighted("MultiLabelSoftMarginLoss", weight, (input, target, weight) => nn.functional.multilabel_soft_margin_loss(input, target, weight, reduction));

    /// <summary>How much other classes come within a margin of the target's score.</summary>
    public sealed class MultiMarginLoss(long p, double margin, Tensor? weight, nn.Reduction reduction) : Weighted("MultiMarginLoss", weight, (input, target, weight) => nn.functional.multi_margin_loss(input, target, p, margin, weight, reduction));

    /// <summary>The negative log probability of the target's class, for images.</summary>
    public sealed class NLLLoss2d(Tensor? weight, long ignore_index, nn.Reduction reduction) : Weighted("NLLLoss2d", weight, (input, target, weight) => nn.functional.nll_loss(input, target, weight, ignore_index, reduction));

    /// <summary>A loss with a weight for each class, which is part of its state.</summary>
    public abstract class Weighted : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Func<Tensor, Tensor, Tensor?, Tensor> function;

        /// <summary>What each class weighs.</summary>
        public Tensor? weight { get; }

        private protected Weighted(string name, Tensor? weight, Func<Tensor, Tensor, Tensor?, Tensor> function) : base(name)
        {
            (this.weight, this.function) = (weight, function);
            register_buffer("weight", weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => function(input, target, weight);
    }

    /// <summary>Sequences whose labels are not aligned with their times (Graves et al. 2006).</summary>
    public sealed class CTCLoss(long blank, nn.Reduction reduction, bool zero_infinity) : nn.Module<Tensor, Tensor, Tensor, Tensor, Tensor>("CTCLoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths) =>
            nn.functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>1 - cosine for what belongs together (target 1), max(0, cosine - margin) for what does not (-1).</summary>
            public static CosineEmbeddingLoss CosineEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);
            /// <summary>max(0, -target * (input1 - input2) + margin).</summary>
            public static MarginRankingLoss MarginRankingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);
            /// <summary>max(0, margin + distance to the positive - distance to the negative).</summary>
            public static TripletMarginLoss TripletMarginLoss(double margin = 1.0, double p = 2.0, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) => new(margin, p, eps, swap, reduction);
            /// <summary>TripletMarginLoss with a distance of one's own.</summary>
            public static TripletMarginWithDistanceLoss TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance_function = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean) => new(distance_function, margin, swap, reduction);
            /// <summary>Observations with a mean and a variance.</summary>
            public static GaussianNLLLoss GaussianNLLLoss(bool full = false, double eps = 1e-06, Reduction reduction = Reduction.Mean) => new(full, eps, reduction);
            /// <summary>Counts with a rate, or the rate's logarithm.</summary>
            public static PoissonNLLLoss PoissonNLLLoss(bool log_input = true, bool full = false, double eps = 1e-08, Reduction reduction = Reduction.Mean) => new(log_input, full, eps, reduction);
            /// <summary>How much other classes come within a margin of the targets' scores.</summary>
            public static MultiLabelMarginLoss MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);
            /// <summary>The mean over classes of the cross entropies of logits with truths.</summary>
            public static MultiLabelSoftMarginLoss MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
            /// <summary>How much other classes come within a margin of the target's score.</summary>
            public static MultiMarginLoss MultiMarginLoss(long p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(p, margin, weight, reduction);
            /// <summary>The negative log probability of the target's class, for images.</summary>
            public static NLLLoss2d NLLLoss2d(Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
            /// <summary>Sequences whose labels are not aligned with their times (Graves et al. 2006).</summary>
            public static CTCLoss CTCLoss(long blank = 0, Reduction reduction = Reduction.Mean, bool zero_infinity = false) => new(blank, reduction, zero_infinity);
        }
    }
}

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>The cross entropy of logits with class numbers or probabilities.</summary>
    public sealed class CrossEntropyLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Tensor? weight;
        readonly long ignore_index;
        readonly nn.Reduction reduction;
        readonly double label_smoothing;

        internal CrossEntropyLoss(Tensor? weight, long ignore_index, nn.Reduction reduction, double label_smoothing) : base("CrossEntropyLoss")
        {
            this.weight = weight;
            this.ignore_index = ignore_index;
            this.reduction = reduction;
            this.label_smoothing = label_smoothing;
            register_buffer("weight", weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing);
    }

    /// <summary>The negative log probability of the target's class.</summary>
    public sealed class NLLLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Tensor? weight;
        readonly long ignore_index;
        readonly nn.Reduction reduction;

        internal NLLLoss(Tensor? weight, long ignore_index, nn.Reduction reduction) : base("NLLLoss")
        {
            this.weight = weight;
            this.ignore_index = ignore_index;
            this.reduction = reduction;
            register_buffer("weight", weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.nll_loss(input, target, weight, ignore_index, reduction);
    }

    /// <summary>The squared difference.</summary>
    public sealed class MSELoss(nn.Reduction reduction) : nn.Module<Tensor, Tensor, Tensor>("MSELoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.mse_loss(input, target, reduction);
    }

    /// <summary>The absolute difference.</summary>
    public sealed class L1Loss(nn.Reduction reduction) : nn.Module<Tensor, Tensor, Tensor>("L1Loss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.l1_loss(input, target, reduction);
    }

    /// <summary>Squared below beta, absolute above.</summary>
    public sealed class SmoothL1Loss(nn.Reduction reduction, double beta) : nn.Module<Tensor, Tensor, Tensor>("SmoothL1Loss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.smooth_l1_loss(input, target, reduction, beta);
    }

    /// <summary>Squared below delta, linear above.</summary>
    public sealed class HuberLoss(nn.Reduction reduction, double delta) : nn.Module<Tensor, Tensor, Tensor>("HuberLoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.huber_loss(input, target, reduction, delta);
    }

    /// <summary>The cross entropy of probabilities with truths.</summary>
    public sealed class BCELoss : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Tensor? weight;
        readonly nn.Reduction reduction;

        internal BCELoss(Tensor? weight, nn.Reduction reduction) : base("BCELoss")
        {
            this.weight = weight;
            this.reduction = reduction;
            register_buffer("weight", weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.binary_cross_entropy(input, target, weight, reduction);
    }

    /// <summary>The cross entropy of logits with truths.</summary>
    public sealed class BCEWithLogitsLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        readonly Tensor? weight;
        readonly nn.Reduction reduction;
        readonly Tensor? pos_weight;

        internal BCEWithLogitsLoss(Tensor? weight, nn.Reduction reduction, Tensor? pos_weight) : base("BCEWithLogitsLoss")
        {
            this.weight = weight;
            this.reduction = reduction;
            this.pos_weight = pos_weight;
            register_buffer("weight", weight);
            register_buffer("pos_weight", pos_weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weight);
    }

    /// <summary>log(1 + exp(-target * input)).</summary>
    public sealed class SoftMarginLoss(nn.Reduction reduction) : nn.Module<Tensor, Tensor, Tensor>("SoftMarginLoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.soft_margin_loss(input, target, reduction);
    }

    /// <summary>input where the target is 1, max(0, margin - input) where it is -1.</summary>
    public sealed class HingeEmbeddingLoss(double margin, nn.Reduction reduction) : nn.Module<Tensor, Tensor, Tensor>("HingeEmbeddingLoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.hinge_embedding_loss(input, target, margin, reduction);
    }

    /// <summary>The divergence of distributions.</summary>
    public sealed class KLDivLoss(string reduction, bool log_target) : nn.Module<Tensor, Tensor, Tensor>("KLDivLoss")
    {
        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.kl_div(input, target, reduction, log_target);
    }

}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The cross entropy of logits with class numbers or probabilities.</summary>
            public static Modules.CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) => new(weight, ignore_index, reduction, label_smoothing);
            /// <summary>The cross entropy of logits, by PyTorch's old arguments: no average means the sum, no reduction the single losses.</summary>
            public static Modules.CrossEntropyLoss CrossEntropyLoss(Tensor? weight, bool? size_average, long ignore_index = -100, bool? reduce = null, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                new(weight, ignore_index, Legacy(size_average, reduce, reduction), label_smoothing);
            /// <summary>The negative log probability of the target's class, by PyTorch's old arguments: no average means the sum, no reduction the single losses.</summary>
            public static Modules.NLLLoss NLLLoss(Tensor? weight, bool? size_average, long ignore_index = -100, bool? reduce = null, Reduction reduction = Reduction.Mean) =>
                new(weight, ignore_index, Legacy(size_average, reduce, reduction));

            static Reduction Legacy(bool? size_average, bool? reduce, Reduction reduction) =>
                size_average is null && reduce is null ? reduction : reduce == false ? Reduction.None : size_average == false ? Reduction.Sum : Reduction.Mean;

            /// <summary>The negative log probability of the target's class.</summary>
            public static Modules.NLLLoss NLLLoss(Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
            /// <summary>The squared difference.</summary>
            public static Modules.MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);
            /// <summary>The absolute difference.</summary>
            public static Modules.L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);
            /// <summary>Squared below beta, absolute above.</summary>
            public static Modules.SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) => new(reduction, beta);
            /// <summary>Squared below delta, linear above.</summary>
            public static Modules.HuberLoss HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1.0) => new(reduction, delta);
            /// <summary>The cross entropy of probabilities with truths.</summary>
            public static Modules.BCELoss BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
            /// <summary>The cross entropy of logits with truths.</summary>
            public static Modules.BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weight = null) => new(weight, reduction, pos_weight);
            /// <summary>log(1 + exp(-target * input)).</summary>
            public static Modules.SoftMarginLoss SoftMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);
            /// <summary>input where the target is 1, max(0, margin - input) where it is -1.</summary>
            public static Modules.HingeEmbeddingLoss HingeEmbeddingLoss(double margin = 1.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);
            /// <summary>The divergence of distributions.</summary>
            public static Modules.KLDivLoss KLDivLoss(string reduction = "mean", bool log_target = false) => new(reduction, log_target);
        }
    }
}

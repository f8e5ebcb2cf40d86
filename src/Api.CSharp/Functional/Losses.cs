namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        static LossReduction Folding(Reduction reduction) =>
            reduction switch
            {
                Reduction.None => LossReduction.Unreduced,
                Reduction.Sum => LossReduction.Total,
                _ => LossReduction.Mean,
            };

        static void SameShape(Tensor input, Tensor target, string name)
        {
            if (!input.is_same_size(target))
                throw new ShapeException($"Using a target size (torch.Size({ShapeModule.format(target.Core.Shape)})) that is different to the input size (torch.Size({ShapeModule.format(input.Core.Shape)})) is deprecated. Please ensure they have the same size. ({name})");
        }

        static Tensor Loss(PointwiseFunction? f, Tensor input, Tensor target, Reduction reduction, Tensor? weight = null, params double[] numbers) =>
            new(Losses.pointwise(f, numbers, Maybe(Autocast.Maybe(weight, "mse_loss")), Folding(reduction), Autocast.As(input, "mse_loss").Core, Autocast.As(target, "mse_loss").Core));

        public static partial class functional
        {
            /// <summary>The cross entropy of logits with class numbers, or with probabilities of the same shape.</summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, nn.Reduction reduction = nn.Reduction.Mean, double label_smoothing = 0.0)
            {
                if (label_smoothing is < 0 or > 1) throw new ArgumentValueException($"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}");
                return new(target.is_floating_point()
                    ? Losses.crossEntropyOfProbabilities(Maybe(Autocast.Maybe(weight)), label_smoothing, Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core)
                    : Losses.crossEntropy(Maybe(Autocast.Maybe(weight)), ignore_index, label_smoothing, Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core));
            }

            /// <summary>The negative log probability of the target's class.</summary>
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(Losses.nll(Maybe(Autocast.Maybe(weight)), ignore_index, Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core));

            /// <summary>The squared difference.</summary>
            public static Tensor mse_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean) => Loss(Formulas.squaredError, NotComplex("mse_cpu", input), NotComplex("mse_cpu", target), reduction);
            /// <summary>The absolute difference.</summary>
            public static Tensor l1_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean) => Loss(Formulas.absoluteError, input, target, reduction);

            /// <summary>Squared below beta, absolute above.</summary>
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean, double beta = 1.0)
            {
                if (beta < 0) throw new ArgumentValueException("smooth_l1_loss does not support negative values for beta.");
                return beta == 0 ? l1_loss(input, target, reduction) : Loss(Formulas.smoothL1, input, target, reduction, null, beta);
            }

            /// <summary>Squared below delta, linear above.</summary>
            public static Tensor huber_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean, double delta = 1.0) =>
                delta <= 0 ? throw new ArgumentValueException("huber_loss does not support non-positive values for delta.") : Loss(Formulas.huber, input, target, reduction, null, delta);

            /// <summary>The cross entropy of probabilities with truths.</summary>
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean)
            {
                Autocast.RefuseUnsafe(input);
                SameShape(input, target, "binary_cross_entropy");
                if (input.device.type == DeviceType.CPU && !all(logical_and(ge(input.detach(), 0), le(input.detach(), 1))).ToBoolean()) throw new ArgumentValueException("all elements of input should be between 0 and 1");
                return Loss(Formulas.binaryCrossEntropy, input, target, reduction, weight);
            }

            /// <summary>The cross entropy of logits with truths; pos_weight weighs the positive ones.</summary>
            [Forms(Forms.Plain, ".binary_cross_entropy_with_logits")]
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean, Tensor? pos_weight = null)
            {
                if (!input.is_same_size(target)) throw new ShapeException($"Target size (torch.Size({ShapeModule.format(target.Core.Shape)})) must be the same as input size (torch.Size({ShapeModule.format(input.Core.Shape)}))");
                if (pos_weight is null) return Loss(Formulas.binaryCrossEntropyWithLogits, input, target, reduction, weight);
                var losses = new Tensor(Operations.ternary(Formulas.weightedCrossEntropyWithLogits, Autocast.As(input).Core, Autocast.As(target).Core, Autocast.As(pos_weight).Core));
                return new(Losses.reduce(Folding(reduction), (weight is null ? losses : mul(losses, weight)).Core));
            }

            /// <summary>The divergence of distributions given as log probabilities and (log) probabilities; "batchmean" is the mathematical one.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, string reduction = "mean", bool log_target = false)
            {
                var batch = reduction == "batchmean";
                var how = batch ? Reduction.Sum : Enum.TryParse<Reduction>(reduction, true, out var r) ? r : throw new ArgumentValueException($"{reduction} is not a valid value for reduction");
                var loss = Loss(log_target ? Formulas.divergenceOfLogs : Formulas.divergence, input, target, how);
                return batch && input.dim() > 0 ? div(loss, input.size(0)) : loss;
            }

            /// <summary>log(1 + exp(-target * input)).</summary>
            public static Tensor soft_margin_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean) => Loss(Formulas.softMargin, input, target, reduction);

            /// <summary>input where the target is 1, max(0, margin - input) where it is -1.</summary>
            [Forms(Forms.Plain, ".hinge_embedding_loss")]
            public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 1.0, nn.Reduction reduction = nn.Reduction.Mean) =>
                Loss(Formulas.hingeEmbedding, input, target, reduction, null, margin);
        }
    }
}

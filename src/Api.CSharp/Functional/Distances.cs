namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>The cosine of the angle between vectors along a dimension.</summary>
            [Forms(Forms.Plain, ".cosine_similarity")]
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) => new(Norms.cosineSimilarity(Convert.Int(dim), eps, Autocast.As(x1).Core, Autocast.As(x2).Core));
            /// <summary>The norm of order p of differences along the last dimension.</summary>
            [Forms(Forms.Plain, ".pairwise_distance")]
            public static Tensor pairwise_distance(Tensor x1, Tensor x2, double p = 2.0, double eps = 1e-06, bool keepdim = false) => new(Norms.pairwiseDistance(p, eps, keepdim, x1.Core, x2.Core));

            /// <summary>The norms of order p of the differences of all pairs of rows, in the order (0, 1), (0, 2), ..., (1, 2), ...</summary>
            public static Tensor pdist(Tensor input, double p = 2.0) => new(Products.pdist(p, input.Core));

            /// <summary>The tensor divided by its norms of order p along a dimension.</summary>
            [Forms(Forms.Out)]
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1, double eps = 1e-12) =>
                Dtypes.isDifferentiable(input.Core.Dtype) ? new(Norms.normalize(p, Convert.Int(dim), eps, Autocast.As(input).Core))
                    : throw new DtypeException($"norm(): input dtype should be either floating point or complex. Got {Named(input)} instead.");

            /// <summary>1 - cosine for what belongs together (target 1), max(0, cosine - margin) for what does not (-1).</summary>
            [Forms(Forms.Plain, ".cosine_embedding_loss")]
            public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(MarginLosses.cosine(margin, Folding(reduction), Autocast.As(input1).Core, Autocast.As(input2).Core, Autocast.As(target).Core));
            /// <summary>max(0, -target * (input1 - input2) + margin).</summary>
            [Forms(Forms.Plain, ".margin_ranking_loss")]
            public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(MarginLosses.ranking(margin, Folding(reduction), Autocast.As(input1).Core, Autocast.As(input2).Core, Autocast.As(target).Core));
            /// <summary>max(0, margin + distance to the positive - distance to the negative), with distances of order p.</summary>
            [Forms(Forms.Plain, ".triplet_margin_loss")]
            public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1.0, double p = 2.0, double eps = 1e-06, bool swap = false, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(MarginLosses.triplet(margin, p, eps, swap, Folding(reduction), Autocast.As(anchor).Core, Autocast.As(positive).Core, Autocast.As(negative).Core));

            /// <summary>max(0, margin + distance to the positive - distance to the negative), with a distance of one's own.</summary>
            public static Tensor triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distance_function = null, double margin = 1.0, bool swap = false, nn.Reduction reduction = nn.Reduction.Mean)
            {
                var distance = distance_function ?? ((x, y) => pairwise_distance(x, y));
                return new(MarginLosses.tripletOf(Microsoft.FSharp.Core.FuncConvert.FromFunc((CoreTensor x, CoreTensor y) => distance(new(x), new(y)).Core), margin, swap, Folding(reduction), anchor.Core, positive.Core, negative.Core));
            }

            /// <summary>How much other classes come within a margin of the target's score, by row.</summary>
            public static Tensor multi_margin_loss(Tensor input, Tensor target, long p = 1, double margin = 1.0, Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(MarginLosses.multiClass(Convert.Int(p), margin, Maybe(Autocast.Maybe(weight)), Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core));
            /// <summary>How much other classes come within a margin of the targets' scores; the targets of a row end at its first -1.</summary>
            public static Tensor multilabel_margin_loss(Tensor input, Tensor target, nn.Reduction reduction = nn.Reduction.Mean) => new(MarginLosses.multiLabel(Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core));
            /// <summary>The mean over classes of the cross entropies of logits with truths.</summary>
            public static Tensor multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(MarginLosses.multiLabelSoft(Maybe(weight), Folding(reduction), input.Core, target.Core));

            /// <summary>Counts with a rate, or the rate's logarithm.</summary>
            public static Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input = true, bool full = false, double eps = 1e-08, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(LikelihoodLosses.poisson(log_input, full, eps, Folding(reduction), Autocast.As(input).Core, Autocast.As(target).Core));
            /// <summary>Observations with a mean and a variance.</summary>
            public static Tensor gaussian_nll_loss(Tensor input, Tensor target, Tensor var, bool full = false, double eps = 1e-06, nn.Reduction reduction = nn.Reduction.Mean) =>
                new(LikelihoodLosses.gaussian(full, eps, Folding(reduction), input.Core, target.Core, var.Core));

            /// <summary>Connectionist temporal classification: sequences whose labels are not aligned with their times.</summary>
            [Forms(Forms.Plain, ".ctc_loss")]
            public static Tensor ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank = 0, nn.Reduction reduction = nn.Reduction.Mean, bool zero_infinity = false) =>
                ctc_loss(log_probs, targets, Constants.readIntegers(Autocast.As(input_lengths).Core), Constants.readIntegers(Autocast.As(target_lengths).Core), blank, reduction, zero_infinity);
            /// <summary>Connectionist temporal classification: sequences whose labels are not aligned with their times.</summary>
            public static Tensor ctc_loss(Tensor log_probs, Tensor targets, long[] input_lengths, long[] target_lengths, long blank = 0, nn.Reduction reduction = nn.Reduction.Mean, bool zero_infinity = false) =>
                new(SequenceLosses.connectionist(Convert.Int(blank), zero_infinity, Folding(reduction), Convert.List(input_lengths), Convert.List(target_lengths), Autocast.As(targets).Core, Autocast.As(log_probs).Core));
        }
    }
}

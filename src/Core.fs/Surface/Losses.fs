namespace Functional

open Functional.Contract

/// nn.functional's losses. The target comes last but one, the prediction last; weights are optional.
[<AutoOpen>]
module LossNames =
    let private by f numbers reduction target input = Losses.pointwise f numbers ValueNone reduction input target

    let private sameShape name (input: Tensor) (target: Tensor) =
        if not (Shape.equal input.Shape target.Shape) then
            raise (
                ShapeException
                    $"Using a target size (torch.Size({Shape.format target.Shape})) that is different to the input size (torch.Size({Shape.format input.Shape})) is deprecated. Please ensure they have the same size. ({name})"
            )

    [<RequireQualifiedAccess>]
    module Ops =
        let mseLoss reduction target input = by Formulas.squaredError [||] reduction target input
        let l1Loss reduction target input = by Formulas.absoluteError [||] reduction target input

        let smoothL1Loss (beta: float) reduction target input =
            if beta < 0.0 then
                raise (ArgumentValueException "smooth_l1_loss does not support negative values for beta.")

            if beta = 0.0 then
                l1Loss reduction target input
            else
                by Formulas.smoothL1 [| beta |] reduction target input

        let huberLoss (delta: float) reduction target input =
            if not (delta > 0.0) then
                raise (ArgumentValueException "huber_loss does not support non-positive values for delta.")

            by Formulas.huber [| delta |] reduction target input

        let binaryCrossEntropy weight reduction target input =
            sameShape "binary_cross_entropy" input target
            Losses.pointwise Formulas.binaryCrossEntropy [||] weight reduction input target

        /// `positive` weighs the positive examples.
        let binaryCrossEntropyWithLogits weight (positive: Tensor voption) reduction target input =
            match positive with
            | ValueNone -> Losses.pointwise Formulas.binaryCrossEntropyWithLogits [||] weight reduction input target
            | ValueSome positive ->
                let losses = Operations.ternary Formulas.weightedCrossEntropyWithLogits input target positive

                match weight with
                | ValueSome weight -> Losses.reduce reduction (losses * weight)
                | ValueNone -> Losses.reduce reduction losses

        let softMarginLoss reduction target input = by Formulas.softMargin [||] reduction target input

        let hingeEmbeddingLoss (margin: float) reduction target input =
            by Formulas.hingeEmbedding [| margin |] reduction target input

        /// The divergence of a prediction in logarithms from a target; `isLog`: the target is in logarithms too.
        let klDiv isLog reduction target input =
            by (if isLog then Formulas.divergenceOfLogs else Formulas.divergence) [||] reduction target input

        let nllLoss weight ignore reduction target input = Losses.nll weight ignore reduction input target

        let crossEntropy weight ignore smoothing reduction target input =
            Losses.crossEntropy weight ignore smoothing reduction input target

        let marginRankingLoss margin reduction target x1 x2 = MarginLosses.ranking margin reduction x1 x2 target
        let cosineEmbeddingLoss margin reduction target x1 x2 = MarginLosses.cosine margin reduction x1 x2 target

        let tripletMarginLoss margin p epsilon swap reduction anchor positive negative =
            MarginLosses.triplet margin p epsilon swap reduction anchor positive negative

        let tripletMarginWithDistanceLoss distance margin swap reduction anchor positive negative =
            MarginLosses.tripletOf distance margin swap reduction anchor positive negative

        let multiMarginLoss p margin weight reduction target input =
            MarginLosses.multiClass p margin weight reduction input target

        let multilabelMarginLoss reduction target input = MarginLosses.multiLabel reduction input target
        let multilabelSoftMarginLoss weight reduction target input = MarginLosses.multiLabelSoft weight reduction input target

        let poissonNllLoss isLog full epsilon reduction target input =
            LikelihoodLosses.poisson isLog full epsilon reduction input target

        let gaussianNllLoss full epsilon reduction variance target input =
            LikelihoodLosses.gaussian full epsilon reduction input target variance

        let ctcLoss blank zeroInfinity reduction inputLengths targetLengths targets logProbabilities =
            SequenceLosses.connectionist blank zeroInfinity reduction inputLengths targetLengths targets logProbabilities

namespace Functional

open Functional.Contract

/// Losses that ask for a distance between what is right and what is wrong.
[<RequireQualifiedAccess>]
module MarginLosses =
    let private mul a b = Operands.binary Functions.mul a b

    let private three f (number: float) (a: Tensor) (b: Tensor) (c: Tensor) =
        let a, b, c = Operands.floating a, Operands.floating b, Operands.floating c
        let dtype = Operands.promoteAll [ a; b; c ]
        let shape = Shape.broadcast a.Shape (Shape.broadcast b.Shape c.Shape)
        let fit t = t |> Engine.cast dtype |> Engine.expand shape
        Engine.pointwise f [| Real number |] (Operands.together f.Name [| a; b; c |] |> Array.map fit)

    /// max(0, -target * (x1 - x2) + margin): x1 should rank above x2 where the target is 1, below where it is -1.
    let ranking (margin: float) reduction (x1: Tensor) (x2: Tensor) (target: Tensor) : Tensor =
        if x1.Rank <> x2.Rank || x1.Rank <> target.Rank then
            raise (
                ShapeException
                    $"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {Shape.format x1.Shape}, input2: {Shape.format x2.Shape}, target: {Shape.format target.Shape} "
            )

        let isWhole = [ x1; x2; target ] |> List.forall (fun t -> not (Dtype.isDifferentiable t.Dtype))

        if isWhole then
            // In their own numbers, which turn around where they overflow.
            let apart = mul (Operands.unary Functions.neg target) (Operands.binary Functions.sub x1 x2)

            Operands.unary Functions.relu (Operands.withRight Functions.add apart (Real margin))
            |> Losses.reduce reduction
        else
            three LayerFormulas.marginRanking margin x1 x2 target |> Losses.reduce reduction

    /// The cosine of the angle between two vectors: 1 - cosine where the target is 1, max(0, cosine - margin) where it is -1.
    let cosine (margin: float) reduction (x1: Tensor) (x2: Tensor) (target: Tensor) : Tensor =
        if target.Rank > 1 then
            raise (ShapeException "0D or 1D target tensor expected, multi-target not supported")

        if target.Rank = 1 && (x1.Rank <> 2 || x2.Rank <> 2) then
            raise (
                ShapeException
                    $"1D target tensor expects 2D input tensors, but found inputs with sizes {Shape.format x1.Shape} and {Shape.format x2.Shape}."
            )

        if target.Rank = 0 && (x1.Rank <> 1 || x2.Rank <> 1) then
            raise (
                ShapeException
                    $"0D target tensor expects 1D input tensors, but found inputs with sizes {Shape.format x1.Shape} and {Shape.format x2.Shape}."
            )

        let last = x1.Rank - 1
        // Integers are multiplied in their own numbers, which turn around where they overflow, and added up in int64.
        let widened (t: Tensor) = if Dtype.isDifferentiable t.Dtype then t else Engine.cast Int64 t
        // PyTorch adds its epsilon to the squares here, not to the lengths.
        let dot a b = Reductions.sum [| last |] (widened (mul a b)) |> fun t -> Engine.reshape (Array.removeAt last t.Shape) t
        let square t = Operands.withRight Functions.add (dot t t) (Real 1e-12)

        let cosine =
            Operands.binary Functions.div (dot x1 x2) (Operands.unary Functions.sqrt (mul (square x1) (square x2)))

        // -1 is 255 in uint8, and equal to -1 there.
        let target = if target.Dtype = UInt8 then Engine.cast Int8 target else target
        Losses.pointwise LayerFormulas.cosineEmbedding [| margin |] ValueNone reduction cosine (Engine.cast cosine.Dtype target)

    /// max(0, margin + distance to the positive - distance to the negative), of distances that are given. With `swap` the positive's
    /// distance to the negative counts where it is smaller (Balntas et al. 2016).
    let tripletOf (distance: Tensor -> Tensor -> Tensor) (margin: float) swap reduction anchor positive negative : Tensor =
        let near = distance anchor positive
        let far = distance anchor negative

        let far =
            if swap then
                Operands.binary Functions.minimum far (distance positive negative)
            else
                far

        Losses.pointwise LayerFormulas.tripletMargin [| margin |] ValueNone reduction near far

    /// The same with distances of order p.
    let triplet margin p epsilon swap reduction (anchor: Tensor) (positive: Tensor) (negative: Tensor) : Tensor =
        if anchor.Rank <> positive.Rank || anchor.Rank <> negative.Rank then
            raise (
                ShapeException
                    $"All inputs should have same dimension but got {anchor.Rank}D, {positive.Rank}D and {negative.Rank}D inputs."
            )

        tripletOf (Norms.pairwiseDistance p epsilon false) margin swap reduction anchor positive negative

    let private rows name (x: Tensor) =
        if x.Rank > 2 || (x.Rank > 0 && x.Shape[x.Rank - 1] = 0) then
            raise (
                ShapeException
                    $"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {Shape.format x.Shape} ({name})"
            )

        Engine.reshape
            (if x.Rank = 2 then x.Shape
             elif x.Rank = 1 then [| 1; x.Shape[0] |]
             else [| 1; 1 |])
            x

    let private reduceRows reduction (isBatch: bool) (losses: Tensor) =
        Losses.reduce reduction (if isBatch then losses else Engine.reshape [||] losses)

    /// The mean over all classes i but the target y of max(0, margin - x[y] + x[i])^p (p is 1 or 2), weighted by the target's class.
    let multiClass (p: int) (margin: float) (weight: Tensor voption) reduction (x: Tensor) (target: Tensor) : Tensor =
        if p <> 1 && p <> 2 then
            raise (ArgumentValueException $"only p == 1 and p == 2 supported, but got {p} (multi_margin_loss)")

        let scores = rows "multi_margin_loss" x
        let n, classes = scores.Shape[0], scores.Shape[1]
        let target = Engine.cast Int64 target

        if Shape.count target.Shape <> n || target.Rank > 1 then
            raise (ShapeException $"inconsistent target size, got: {Shape.format target.Shape} (multi_margin_loss with {n} rows)")

        match weight with
        | ValueSome w when w.Shape <> [| classes |] ->
            raise (
                ShapeException $"inconsistent weight size, got: {Shape.format w.Shape} (multi_margin_loss of {classes} classes)"
            )
        | _ -> ()

        let index = Engine.reshape [| n; 1 |] target

        let right =
            IndexWords.Within("target out of range: {detail} (multi_margin_loss)", fun () -> GatherScatter.gather 1 scores index)

        let formula = if p = 1 then LayerFormulas.hinge else LayerFormulas.squaredHinge
        let terms = Engine.pointwise formula [| Real margin |] [| scores; Engine.expand scores.Shape right |]

        let terms =
            match weight with
            | ValueSome w -> mul terms (GatherScatter.select 0 w (Engine.reshape [| -1 |] target) |> Engine.reshape [| n; 1 |])
            | ValueNone -> terms

        // The target itself costs nothing.
        let others = GatherScatter.scatter ScatterSet 1 terms index (Structure.zeros terms [| n; 1 |])
        let losses = Reductions.sum [| 1 |] others |> Engine.reshape [| n |]
        Operands.withRight Functions.mul losses (Real(1.0 / float classes)) |> reduceRows reduction (target.Rank > 0)

    /// The mean over classes of the cross entropies of logits with truths, one for each class, weighted by class.
    let multiLabelSoft (weight: Tensor voption) reduction (x: Tensor) (target: Tensor) : Tensor =
        let losses = Losses.pointwise Formulas.binaryCrossEntropyWithLogits [||] weight Unreduced x target
        let last = Shape.ownDimension losses.Rank -1

        Reductions.average [| last |] losses
        |> Engine.reshape (Array.removeAt last losses.Shape)
        |> Losses.reduce reduction

    /// The sum over targets y and all classes i that are no targets of max(0, 1 - x[y] + x[i]), divided by the number of classes. Targets
    /// of a row are the class numbers before its first -1.
    let multiLabel reduction (x: Tensor) (target: Tensor) : Tensor =
        let scores = rows "multilabel_margin_loss" x
        let n, classes = scores.Shape[0], scores.Shape[1]

        if not (Shape.equal target.Shape x.Shape) then
            raise (
                ShapeException
                    $"inconsistent size {Shape.format target.Shape} for argument #2 'target' (multilabel_margin_loss of {Shape.format x.Shape})"
            )

        let target = Engine.reshape [| n; classes |] (Engine.cast Int64 target)
        let number value = Operands.number target Int64 target.Shape (Integer value)

        // Running minima tell what stands before the first -1.
        let counts = Operands.withRight Functions.ge (Reductions.scan CumulativeMinimum 1 false target) (Integer 0L)

        let safe = Engine.pointwise Functions.where [||] [| counts; target; number 0L |]
        let used = Engine.cast scores.Dtype counts

        let isTarget, right =
            IndexWords.Within(
                "argument #2 'target' is out of range: {detail} (multilabel_margin_loss)",
                fun () ->
                    GatherScatter.scatter ScatterMaximum 1 (Structure.zeros used scores.Shape) safe used,
                    GatherScatter.gather 1 scores safe
            )

        let cube = [| n; classes; classes |]
        let wide shape t = Engine.expand cube (Engine.reshape shape t)
        let row, column = [| n; 1; classes |], [| n; classes; 1 |]
        let terms = Engine.pointwise LayerFormulas.hinge [| Real 1.0 |] [| wide row scores; wide column right |]
        let weights = mul (wide column used) (wide row (Operands.withLeft Functions.sub (Real 1.0) isTarget))

        Reductions.sum [| 1; 2 |] (mul terms weights)
        |> Engine.reshape [| n |]
        |> fun losses -> Operands.withRight Functions.mul losses (Real(1.0 / float classes))
        |> reduceRows reduction (x.Rank = 2)

/// Losses that are negative log likelihoods of named distributions.
[<RequireQualifiedAccess>]
module LikelihoodLosses =
    /// Counts with a rate, or the rate's logarithm; `full` adds Stirling's approximation of the constant term.
    let poisson isLog full (epsilon: float) reduction (x: Tensor) (target: Tensor) : Tensor =
        let x = Operands.floating x

        let losses =
            if isLog then
                Losses.pointwise LayerFormulas.poissonOfLog [||] ValueNone Unreduced x target
            else
                Losses.pointwise LayerFormulas.poisson [| epsilon |] ValueNone Unreduced x target

        let losses =
            if full then
                let target = Engine.cast losses.Dtype target |> Engine.expand losses.Shape
                Operands.binary Functions.add losses (Engine.pointwise LayerFormulas.stirling [||] [| target |])
            else
                losses

        Losses.reduce reduction losses

    /// Observations with a mean and a variance, which is held above epsilon; `full` adds the constant term.
    let gaussian full (epsilon: float) reduction (x: Tensor) (target: Tensor) (variance: Tensor) : Tensor =
        let variance =
            if Shape.equal variance.Shape x.Shape then
                variance
            elif Shape.equal variance.Shape (Array.truncate (x.Rank - 1) x.Shape) then
                Engine.reshape (Array.append variance.Shape [| 1 |]) variance
            elif
                variance.Rank = x.Rank
                && variance.Rank > 0
                && Array.last variance.Shape = 1
                && Shape.equal variance.Shape[.. x.Rank - 2] x.Shape[.. x.Rank - 2]
            then
                variance
            else
                raise (
                    ShapeException
                        $"var is of incorrect size: {Shape.format variance.Shape} for input {Shape.format x.Shape} (gaussian_nll_loss)"
                )

        if Constants.readReals variance |> Array.exists (fun v -> v < 0.0) then
            raise (ArgumentValueException "var has negative entry/entries (gaussian_nll_loss)")

        // PyTorch holds the variance up outside of what it differentiates.
        let held = Operands.withRight Functions.maximum variance (Real epsilon)

        let variance =
            Operands.binary Functions.add variance (Structure.detach (Operands.binary Functions.sub held variance))

        let losses = Operations.ternary LayerFormulas.gaussian x target variance

        let losses =
            if full then
                Operands.withRight Functions.add losses (Real(0.5 * log (2.0 * System.Math.PI)))
            else
                losses

        Losses.reduce reduction losses

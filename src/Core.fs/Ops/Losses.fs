namespace Functional

open Functional.Contract

/// How the losses of single elements become one.
type LossReduction =
    | Unreduced
    | Mean
    | Total

/// Losses with all of PyTorch's options.
[<RequireQualifiedAccess>]
module Losses =
    let private mul a b = Operands.binary Functions.mul a b
    let private div a b = Operands.binary Functions.div a b
    let private total (t: Tensor) = Reductions.sum [| 0 .. t.Rank - 1 |] t |> Engine.reshape [||]

    let reduce reduction (losses: Tensor) : Tensor =
        match reduction with
        | Unreduced -> losses
        | Total -> total losses
        | Mean -> Operands.withRight Functions.mul (total losses) (Real(1.0 / float (Shape.count losses.Shape)))

    let private weighted (weight: Tensor voption) losses =
        match weight with
        | ValueSome w -> Operands.binary Functions.mul losses w
        | ValueNone -> losses

    /// A pointwise loss of prediction and target, weighted and reduced.
    let pointwise
        (f: PointwiseFunction)
        (parameters: float[])
        (weight: Tensor voption)
        reduction
        (input: Tensor)
        (target: Tensor)
        : Tensor =
        let dtype = Operands.promote input target
        let shape = Shape.broadcast input.Shape target.Shape
        let fit t = t |> Engine.cast dtype |> Engine.expand shape

        Engine.pointwise f (parameters |> Array.map Real) (Operands.together f.Name [| input; target |] |> Array.map fit)
        |> weighted weight
        |> reduce reduction

    let private classAxis (input: Tensor) = if input.Rank = 1 then 0 else 1

    /// For class numbers: which are not to be ignored, and the numbers with ignored ones made 0.
    let private targets (ignore: int64) (target: Tensor) =
        let counts = Operands.withRight Functions.ne target (Integer ignore)
        let zero = Operands.number target target.Dtype target.Shape (Integer 0L)
        let safe = Engine.pointwise Functions.where [||] [| counts; target; zero |]
        struct (counts, safe)

    let private shaped (input: Tensor) (target: Tensor) =
        if input.Rank = 0 then
            raise (
                ShapeException "input tensor should be 1D or 2D: expected [N, C, ...] or [C], but got a tensor without dimensions"
            )

        let axis = classAxis input
        let expected = Array.removeAt axis input.Shape

        if not (Shape.equal expected target.Shape) then
            if input.Rank > 1 && target.Rank > 0 && input.Shape[0] <> target.Shape[0] then
                raise (
                    ShapeException $"Expected input batch_size ({input.Shape[0]}) to match target batch_size ({target.Shape[0]})."
                )

            raise (
                ShapeException
                    $"Expected target size {Shape.format expected}, got {Shape.format target.Shape} (input {Shape.format input.Shape} has its classes along dimension {axis})"
            )

    /// Refuses weights that are not one for each class.
    let private requireWeights (weight: Tensor voption) classes =
        match weight with
        | ValueSome w when not (Shape.equal w.Shape [| classes |]) ->
            raise (
                ShapeException
                    $"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of shape: {Shape.format w.Shape}"
            )
        | _ -> ()

    let private outOfBounds = "Target {index} is out of bounds. ({detail})"

    /// Each target's own number along the class axis of a tensor like the input.
    let private pick axis (safe: Tensor) (t: Tensor) =
        let index = Engine.reshape (Array.insertAt axis 1 safe.Shape) safe

        IndexWords.Within(outOfBounds, (fun () -> GatherScatter.gather axis t index |> Engine.reshape safe.Shape))

    let private perClass (weight: Tensor) (safe: Tensor) =
        IndexWords.Within(
            outOfBounds,
            fun () -> GatherScatter.select 0 weight (Engine.reshape [| -1 |] safe) |> Engine.reshape safe.Shape
        )

    /// The weights of the elements that count, 0 for the others.
    let private weightsOf (dtype: Dtype) (weight: Tensor voption) (counts: Tensor) safe =
        match weight with
        | ValueSome w -> mul (perClass w safe) (Engine.cast dtype counts)
        | ValueNone -> Engine.cast dtype counts

    let private masked (counts: Tensor) (losses: Tensor) =
        Engine.pointwise Functions.where [||] [| counts; losses; Operands.number losses losses.Dtype losses.Shape (Real 0.0) |]

    /// Losses of class numbers, weighted and reduced; `losses` gives those of an input and its numbers, of which ignored ones are 0.
    let private ofClasses
        (losses: int -> Tensor -> Tensor -> Tensor)
        (weight: Tensor voption)
        (ignore: int64)
        reduction
        (input: Tensor)
        (target: Tensor)
        : Tensor =
        shaped input target

        if Dtype.isDifferentiable target.Dtype then
            raise (
                DtypeException
                    $"expected scalar type Long but found {Dtype.scalarTypeName target.Dtype}: nll_loss takes class numbers"
            )

        let axis = classAxis input
        requireWeights weight input.Shape[axis]
        let struct (counts, safe) = targets ignore (Engine.cast Int64 target)
        let weights = weightsOf input.Dtype weight counts safe
        let losses = mul (losses axis input safe) weights |> masked counts

        match reduction with
        | Mean -> div (total losses) (total weights)
        | other -> reduce other losses

    /// The negative log probability of the target's class: input [N, C, ...] or [C] holds log probabilities.
    let nll weight ignore reduction input target : Tensor =
        ofClasses
            (fun axis input safe -> Operands.unary Functions.neg (pick axis safe input))
            weight
            ignore
            reduction
            input
            target

    /// Losses of logits with class numbers in one pass over each row.
    let private ofLogits axis (input: Tensor) (safe: Tensor) : Tensor =
        let classes = input.Shape[axis]

        // Rows come from the axis of classes, whichever that is: the words tell of that one.
        let words =
            $"Target {{index}} is out of bounds. (index {{index}} is out of bounds for dimension {axis} with size {classes}: cross_entropy takes classes from 0 to {classes - 1}, target of shape {Shape.format safe.Shape})"

        IndexWords.Within(words, (fun () -> CrossEntropy.losses (Structure.moveAxis axis (input.Rank - 1) input) safe))

    /// The cross entropy of logits with class numbers.
    let crossEntropy
        (weight: Tensor voption)
        (ignore: int64)
        (smoothing: float)
        reduction
        (input: Tensor)
        (target: Tensor)
        : Tensor =
        if smoothing = 0.0 then
            ofClasses ofLogits weight ignore reduction input target
        else
            shaped input target
            let axis = classAxis input
            let classes = input.Shape[axis]
            let logs = Tensor.logSoftmax axis input
            let plain = nll weight ignore reduction logs target
            let struct (counts, safe) = targets ignore (Engine.cast Int64 target)

            let everyClass =
                match weight with
                | ValueSome w ->
                    let column = Array.create input.Rank 1 |> Array.updateAt axis classes
                    mul logs (Engine.reshape column w)
                | ValueNone -> logs

            let smooth =
                Operands.unary Functions.neg (Reductions.sum [| axis |] everyClass)
                |> Engine.reshape safe.Shape
                |> masked counts

            let smooth =
                match reduction with
                | Mean -> div (total smooth) (total (weightsOf input.Dtype weight counts safe))
                | other -> reduce other smooth

            Operands.binary
                Functions.add
                (Operands.withRight Functions.mul plain (Real(1.0 - smoothing)))
                (Operands.withRight Functions.mul smooth (Real(smoothing / float classes)))

    /// The cross entropy of logits with probabilities of the same shape.
    let crossEntropyOfProbabilities
        (weight: Tensor voption)
        (smoothing: float)
        reduction
        (input: Tensor)
        (target: Tensor)
        : Tensor =
        if not (Shape.equal input.Shape target.Shape) then
            raise (
                ShapeException
                    $"Expected target of class probabilities to have the shape of the input, {Shape.format input.Shape}, but got {Shape.format target.Shape}"
            )

        let axis = Shape.ownDimension input.Rank (classAxis input)
        let classes = input.Shape[axis]

        let target =
            if smoothing = 0.0 then
                target
            else
                Operands.withRight
                    Functions.add
                    (Operands.withRight Functions.mul target (Real(1.0 - smoothing)))
                    (Real(smoothing / float classes))

        let terms = mul (Tensor.logSoftmax axis input) target

        let terms =
            match weight with
            | ValueSome w -> mul terms (Engine.reshape (Array.create input.Rank 1 |> Array.updateAt axis classes) w)
            | ValueNone -> terms

        let losses =
            Operands.unary Functions.neg (Reductions.sum [| axis |] terms)
            |> Engine.reshape (Array.removeAt axis input.Shape)

        match reduction with
        | Mean -> Operands.withRight Functions.mul (total losses) (Real(1.0 / float (Shape.count losses.Shape)))
        | other -> reduce other losses

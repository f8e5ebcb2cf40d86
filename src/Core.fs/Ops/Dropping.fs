namespace Functional

open Functional.Contract

/// Dropping out: what a mask of ones and zeros keeps (Srivastava et al. 2014), with masks given or made from keys.
[<RequireQualifiedAccess>]
module Dropping =
    let private requireProbability (p: float) =
        if not (p >= 0.0 && p <= 1.0) then
            raise (
                ArgumentValueException
                    $"dropout probability has to be between 0 and 1, but got {p}: it is the share of elements that become 0"
            )

    /// One number for each channel of [N, C, ...].
    let channelShape (t: Tensor) : Shape =
        if t.Rank < 2 then
            raise (ShapeException "Feature dropout requires at least 2 dimensions in the input")

        t.Shape |> Array.mapi (fun d size -> if d < 2 then size else 1)

    /// The kept elements, scaled up by 1 / (1 - p).
    let scaled (p: float) (mask: Tensor) (t: Tensor) : Tensor =
        let scale = if p = 1.0 then 0.0 else 1.0 / (1.0 - p)
        Operands.binary Functions.mul t (Operands.withRight Functions.mul (Engine.cast t.Dtype mask) (Real scale))

    /// The kept elements, and selu's saturation for the others, so that mean and variance stay (Klambauer et al. 2017).
    let saturated (p: float) (mask: Tensor) (t: Tensor) : Tensor =
        let alpha = 1.7580993408473766
        let a = if p = 1.0 then 0.0 else 1.0 / sqrt ((alpha * alpha * p + 1.0) * (1.0 - p))
        let mask = Engine.cast t.Dtype mask |> Engine.expand t.Shape
        Engine.pointwise LayerFormulas.alphaDropout [| Real a; Real(alpha * a); Real(alpha * a * p) |] [| t; mask |]

    let private from shapeOf apply (p: float) key (t: Tensor) : Tensor =
        requireProbability p

        if p = 0.0 then
            t
        else
            apply p (Backend.using t.Backend (fun () -> Random.bernoulli (1.0 - p) key (List.ofArray (shapeOf t)))) t

    /// Zeroes elements with probability p and scales the others up.
    let elements p key (t: Tensor) = from (fun (t: Tensor) -> t.Shape) scaled p key t
    /// Zeroes whole channels of [N, C, ...] with probability p and scales the others up (Tompson et al. 2015).
    let channels p key (t: Tensor) = from channelShape scaled p key t
    /// Saturates elements with probability p, keeping mean and variance.
    let alpha p key (t: Tensor) = from (fun (t: Tensor) -> t.Shape) saturated p key t
    /// Saturates whole channels of [N, C, ...] with probability p.
    let alphaChannels p key (t: Tensor) = from channelShape saturated p key t

/// Choices that can be differentiated.
[<RequireQualifiedAccess>]
module Relaxation =
    /// softmax((logits + gumbel) / tau) along a dimension; `hard` gives 1 at the largest and 0 elsewhere, with the slopes of the soft
    /// one (Jang et al. 2017). Exponentially distributed noise makes the Gumbel noise.
    let gumbelSoftmaxOf (tau: float) hard dim (exponential: Tensor) (logits: Tensor) : Tensor =
        let gumbel = Operands.unary Functions.neg (Operands.unary Functions.log exponential)

        let soft =
            Operands.withRight Functions.div (Operands.binary Functions.add logits gumbel) (Real tau)
            |> Tensor.softmax dim

        if hard && soft.Rank = 0 then
            // The one choice there is: softmax along the dimension of a number is 1 already.
            soft
        elif hard then
            let axis = Shape.dimension soft.Rank dim
            let best = Reductions.position ArgMaximum axis (Structure.detach soft)
            let ones = Operands.number soft soft.Dtype best.Shape (Real 1.0)
            let choice = GatherScatter.scatter ScatterSet axis (Structure.zeros soft soft.Shape) best ones
            Operands.binary Functions.add (Operands.binary Functions.sub choice (Structure.detach soft)) soft
        else
            soft

    /// The same with noise from a key.
    let gumbelSoftmax tau hard dim key (logits: Tensor) : Tensor =
        let uniform = Backend.using logits.Backend (fun () -> Random.uniform key (List.ofArray logits.Shape))

        let exponential =
            Operands.unary Functions.neg (Operands.unary Functions.log1p (Operands.unary Functions.neg uniform))

        gumbelSoftmaxOf tau hard dim (Engine.cast logits.Dtype exponential) logits

    /// x above 0, elsewhere x times a slope from [lower, upper) for each element (Xu et al. 2015).
    let leakyRelu (lower: float) (upper: float) key (t: Tensor) : Tensor =
        let slopes = Backend.using t.Backend (fun () -> Random.uniformBetween lower upper key (List.ofArray t.Shape))
        Engine.pointwise Formulas.prelu [||] [| t; Engine.cast t.Dtype slopes |]

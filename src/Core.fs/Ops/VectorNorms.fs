namespace Functional

open Functional.Contract

/// Lengths of vectors along dimensions, and what is measured with them.
[<RequireQualifiedAccess>]
module Norms =
    let private binary = Operands.binary

    let private power (exponent: float) (t: Tensor) = Engine.pointwise LayerFormulas.magnitude [| Real exponent |] [| t |]

    /// The norm of order p over axes, which stay with size 1: (sum |x|^p)^(1/p), the largest magnitude for infinity, the
    /// smallest for -infinity, the number of elements that are not zero for 0. Where it is 0 its slope is 0, as in PyTorch.
    let vector (p: float) (axes: int[]) (t: Tensor) : Tensor =
        let t = Operands.floating t
        let t = if Dtype.isComplex t.Dtype then Operands.unary Functions.abs t else t

        if p = 2.0 then
            Reductions.sum axes (Operands.unary Functions.square t) |> Operands.unary LayerFormulas.root
        elif p = 1.0 then
            Reductions.sum axes (Operands.unary Functions.abs t)
        elif p = infinity || p = -infinity then
            Reductions.extremum (if p > 0.0 then Maximum else Minimum) axes (Operands.unary Functions.abs t)
        elif p = 0.0 then
            Operands.withRight Functions.ne t (Real 0.0) |> Engine.cast t.Dtype |> Reductions.sum axes
        else
            Reductions.sum axes (power p t) |> power (1.0 / p)

    let private drop (axis: int) keep (t: Tensor) = if keep then t else Engine.reshape (Array.removeAt axis t.Shape) t

    /// The value of one tensor with the slope of another.
    let private slopeOf (source: Tensor) (value: Tensor) =
        binary Functions.add source (Structure.detach (binary Functions.sub value source))

    let private atLeast (bound: float) t = Operands.withRight Functions.maximum t (Real bound)

    /// The tensor divided by its norm of order p along a dimension; norms below epsilon count as epsilon.
    let normalize (p: float) dim (epsilon: float) (t: Tensor) : Tensor =
        let axis = Shape.dimension t.Rank dim
        let length = vector p (if t.Rank = 0 then [||] else [| axis |]) t
        let bound = Operands.number length length.Dtype length.Shape (Real epsilon)
        let length = Engine.pointwise Formulas.clampBelow [||] [| length; bound |]
        binary Functions.div t length

    /// The norm of order p of x - y + epsilon along the last dimension.
    let pairwiseDistance (p: float) (epsilon: float) keep (x: Tensor) (y: Tensor) : Tensor =
        let apart = Operands.withRight Functions.add (binary Functions.sub x y) (Real epsilon)
        let axis = apart.Rank - 1

        if axis < 0 then
            vector p [||] apart
        else
            vector p [| axis |] apart |> drop axis keep

    /// The cosine of the angle between vectors along a dimension; lengths below epsilon count as epsilon.
    let cosineSimilarity dim (epsilon: float) (x: Tensor) (y: Tensor) : Tensor =
        let dtype = Operands.promote x y

        if not (Dtype.isDifferentiable dtype) then
            raise (
                DtypeException
                    $"expected common dtype to be floating point, yet common dtype is {Dtype.scalarTypeName dtype} (cosine_similarity: use Tensor.cast)"
            )

        let shape = Shape.broadcast x.Shape y.Shape
        let axis = Shape.dimension shape.Length dim
        let fit t = t |> Engine.cast dtype |> Engine.expand shape
        let axes = if shape.Length = 0 then [||] else [| axis |]

        let unit t =
            let length = vector 2.0 axes t
            // PyTorch holds the length above epsilon outside of what it differentiates.
            binary Functions.div t (slopeOf length (atLeast epsilon length))

        let product = Reductions.sum axes (binary Functions.mul (unit (fit x)) (unit (fit y)))
        if shape.Length = 0 then product else drop axis false product

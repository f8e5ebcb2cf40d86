namespace Functional

open Functional.Contract

/// What depends on the order of the elements along an axis. Positions come from sorting; values are gathered by them, so they
/// move as the elements that they are.
[<RequireQualifiedAccess>]
module Ranking =
    let private where condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
    let private integer (like: Tensor) shape (i: int) = Operands.number like Int64 shape (Integer(int64 i))

    /// Numbers without dimensions count as vectors of one.
    let private alongAxis name f dim (t: Tensor) : Tensor * Tensor =
        let axis = Shape.dimension t.Rank dim
        let whole = if t.Rank = 0 then Engine.reshape [| 1 |] t else t

        if whole.Shape[axis] = 0 then
            raise (IndexException $"{name}(): Expected reduction dim {axis} to have non-zero size.")

        let values, places = f axis whole

        if t.Rank = 0 then
            Engine.reshape [||] values, Engine.reshape [||] places
        else
            values, places

    let private finish axis keep (t: Tensor) = if keep then t else Engine.reshape (Array.removeAt axis t.Shape) t

    let private at axis (t: Tensor) (places: Tensor) keep =
        finish axis keep (GatherScatter.gather axis t places), finish axis keep places

    let private isNan (t: Tensor) =
        if Dtype.isFloating t.Dtype then
            Operands.unary Functions.isNan t
        else
            Engine.cast Bool (Structure.zeros t t.Shape)

    let private countOf axis condition = Reductions.sum [| axis |] (Engine.cast Int64 condition)

    /// The k-th smallest element (from 1 on) along a dimension, and where it is.
    let kthValue k dim keep (t: Tensor) : Tensor * Tensor =
        let find axis (t: Tensor) =
            if k < 1 || k > t.Shape[axis] then
                raise (
                    ArgumentValueException
                        $"kthvalue(): selected number k out of range for dimension {axis}: k = {k} of {t.Shape[axis]}"
                )

            at axis t (Structure.narrow axis (k - 1) 1 (GatherScatter.argSort axis false t)) (keep || t.Rank = 0)

        alongAxis "kthvalue" find dim t

    /// The element in the middle of the order, the lower of two. nan, which sorts last, is the median wherever it occurs,
    /// unless it does not count.
    let private middle ignoresNan axis (t: Tensor) =
        let order = GatherScatter.argSort axis false t
        let nans = countOf axis (isNan t)
        let size = t.Shape[axis]
        let last = integer t nans.Shape (size - 1)

        let rank =
            if ignoresNan then
                let numbers = Operands.binary Functions.sub last nans
                let middle = Operands.withRight Functions.floorDivide numbers (Integer 2L)
                where (Operands.withRight Functions.lt numbers (Integer 0L)) (integer t nans.Shape 0) middle
            else
                where (Operands.withRight Functions.gt nans (Integer 0L)) last (integer t nans.Shape ((size - 1) / 2))

        GatherScatter.gather axis order rank

    /// The median along a dimension (the lower of the two in the middle), and where it is.
    let medianAlong ignoresNan dim keep (t: Tensor) : Tensor * Tensor =
        alongAxis "median" (fun axis t -> at axis t (middle ignoresNan axis t) keep) dim t

    /// The value of one tensor with the derivative of another of nearly the same value.
    let private movingAs (moving: Tensor) (value: Tensor) =
        let still = Structure.detach
        let moved = Operands.binary Functions.add (still value) (Operands.binary Functions.sub moving (still moving))
        where (Operands.unary Functions.isFinite (still moving)) moved (still value)

    /// The median of all elements. Those that equal it share the derivative, as torch.median has it.
    let median ignoresNan (t: Tensor) : Tensor =
        let flat = Engine.reshape [| -1 |] t

        if flat.Shape[0] = 0 then
            Operands.number t t.Dtype [||] (Real nan)
        else
            let value = GatherScatter.gather 0 flat (middle ignoresNan 0 flat)

            if not (Dtype.isDifferentiable t.Dtype) then
                Engine.reshape [||] value
            else
                let equal = Operands.binary Functions.eq flat (Structure.detach value)
                let held = Reductions.sum [| 0 |] (where equal flat (Structure.zeros flat flat.Shape))
                let mean = Operands.binary Functions.div held (Reductions.sum [| 0 |] (Engine.cast t.Dtype equal))
                movingAs mean value |> Engine.reshape [||]

    /// The most frequent element along a dimension, the smallest of several, and where the last of them is.
    let mode dim keep (t: Tensor) : Tensor * Tensor =
        let find axis (t: Tensor) =
            let order = GatherScatter.argSort axis false t
            let sorted = GatherScatter.gather axis (Structure.detach t) order
            let size = t.Shape[axis]
            let column = Array.create t.Rank 1 |> Array.updateAt axis size
            let place = Creation.arange t.Backend Int64 size 0 1 |> Engine.reshape column |> Engine.expand t.Shape
            let previous = Rearrange.roll [ 1, axis ] sorted
            let isFirst = Operands.withRight Functions.eq place (Integer 0L)
            let starts = Operands.binary Functions.bitwiseOr isFirst (Operands.binary Functions.ne sorted previous)
            let start = Reductions.scan CumulativeMaximum axis false (where starts place (Structure.zeros place place.Shape))
            let last = Reductions.position ArgMaximum axis (Operands.binary Functions.sub place start)
            at axis t (GatherScatter.gather axis order last) keep

        alongAxis "mode" find dim t

    /// Running extrema along a dimension, and where the last of equal ones is.
    let running extremum position dim (t: Tensor) : Tensor * Tensor =
        let axis = Shape.dimension t.Rank dim
        let whole = if t.Rank = 0 then Engine.reshape [| 1 |] t else t
        let places = Reductions.scan position axis false whole
        Engine.reshape t.Shape (Reductions.scan extremum axis false whole), Engine.reshape t.Shape places

/// How a quantile that falls between two elements is read.
[<RequireQualifiedAccess>]
type QuantileInterpolation =
    | Linear
    | Lower
    | Higher
    | Midpoint
    | Nearest

/// Quantiles along a dimension, as torch.quantile has them.
[<RequireQualifiedAccess>]
module Quantiles =
    let private where condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]

    /// The quantiles of fractions (a vector, or one without dimensions) along the last axis; they become a first axis.
    let private along ignoresNan interpolation (fractions: Tensor) (t: Tensor) =
        let axis = t.Rank - 1
        let size = t.Shape[axis]
        let sorted = GatherScatter.gather axis t (GatherScatter.argSort axis false t)
        let count = Array.updateAt axis (Shape.count fractions.Shape) t.Shape
        let nans = Reductions.sum [| axis |] (Engine.cast t.Dtype (Operands.unary Functions.isNan t))
        let last = Operands.number t t.Dtype nans.Shape (Real(float (size - 1)))
        let q = Engine.reshape [| -1 |] fractions
        let rank n = Operands.binary Functions.mul q n |> Engine.expand count

        let rank =
            if ignoresNan then
                // Where there are only nans, the first of them.
                let n = Operands.binary Functions.sub last nans
                rank (where (Operands.withRight Functions.lt n (Integer 0L)) (Structure.zeros n n.Shape) n)
            else
                let hasNan = Engine.expand count (Operands.withRight Functions.gt nans (Integer 0L))
                where hasNan (Engine.expand count last) (rank last)

        let read position = GatherScatter.gather axis sorted (Engine.cast Int64 (Structure.detach position))
        let floor, ceil = Operands.unary Functions.floor, Operands.unary Functions.ceil

        let between weight = Engine.pointwise Functions.lerp [||] [| read (floor rank); read (ceil rank); weight |]

        let result =
            match interpolation with
            | QuantileInterpolation.Lower -> read (floor rank)
            | QuantileInterpolation.Higher -> read (ceil rank)
            | QuantileInterpolation.Nearest -> read (Operands.unary Functions.round rank)
            | QuantileInterpolation.Midpoint -> between (Operands.number t t.Dtype count (Real 0.5))
            | QuantileInterpolation.Linear -> between (Operands.binary Functions.sub rank (floor rank))

        Structure.moveAxis axis 0 result

    /// Quantiles of all elements, or along a dimension. Fractions of one dimension become the result's first dimension.
    let quantile ignoresNan interpolation (fractions: Tensor) (dim: int option) keep (t: Tensor) : Tensor =
        if not (Dtype.isFloating t.Dtype) || t.Dtype = Float16 || t.Dtype = BFloat16 then
            raise (DtypeException $"quantile() input tensor must be either float or double dtype, but got {Dtype.name t.Dtype}")

        if fractions.Rank > 1 then
            raise (ShapeException $"quantile() q must be a scalar or 1D tensor, but got shape {Shape.format fractions.Shape}")

        if fractions.Dtype <> t.Dtype then
            raise (
                DtypeException
                    $"quantile() q tensor must be same dtype as the input tensor: got {Dtype.name fractions.Dtype} and {Dtype.name t.Dtype}"
            )

        if Shape.count t.Shape = 0 then
            raise (ShapeException "quantile() input tensor must be non-empty")

        let inside =
            Operands.binary
                Functions.bitwiseAnd
                (Tensor.ge fractions (Tensor.zerosLike fractions))
                (Tensor.le fractions (Tensor.onesLike fractions))

        if not (Array.forall id (Tensor.toBools inside)) then
            raise (ArgumentValueException "quantile() q values must be in the range [0, 1]")

        let shape, moved =
            match dim with
            | None -> (if keep then Array.create t.Rank 1 else [||]), Engine.reshape [| -1 |] t
            | Some dim ->
                let axis = Shape.dimension t.Rank dim
                let whole = if t.Rank = 0 then Engine.reshape [| 1 |] t else t

                let kept =
                    if keep then
                        Array.updateAt axis 1 whole.Shape
                    else
                        Array.removeAt axis whole.Shape

                (if t.Rank = 0 then [||] else kept), Structure.moveAxis axis (whole.Rank - 1) whole

        along ignoresNan interpolation fractions moved |> Engine.reshape (Array.append fractions.Shape shape)

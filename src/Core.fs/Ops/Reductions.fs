namespace Functional

open Functional.Contract

/// Sums, means, extrema and their like. `dims` name what is folded (all dimensions, if none), `keep` leaves them with size 1.
[<AutoOpen>]
module ReductionOperations =
    let private axes (dims: int list) (t: Tensor) =
        match dims with
        | [] -> [| 0 .. t.Rank - 1 |]
        | _ ->
            let found = dims |> List.map (Shape.dimension t.Rank) |> List.filter (fun _ -> t.Rank > 0)

            found
            |> List.countBy id
            |> List.iter (fun (d, n) ->
                if n > 1 then
                    raise (
                        ArgumentValueException
                            $"dim {d} appears multiple times in the list of dims: a reduction of shape {Shape.format t.Shape} over {dims}; name each dimension once"
                    ))

            Array.ofList (List.sort found)

    let private finish (axes: int[]) keep (t: Tensor) =
        if keep then
            t
        else
            Engine.reshape
                (t.Shape |> Array.indexed |> Array.filter (fun (i, _) -> not (Array.contains i axes)) |> Array.map snd)
                t

    let private widened (t: Tensor) = Engine.cast (Dtype.sum t.Dtype) t

    let private requireElements name (axes: int[]) (t: Tensor) =
        for a in axes do
            if t.Shape[a] = 0 then
                raise (
                    IndexException
                        $"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument: dimension {a} of {Shape.format t.Shape} is empty"
                )

    [<RequireQualifiedAccess>]
    module Tensor =
        let sumOver dims keep (t: Tensor) =
            let axes = axes dims t
            Reductions.sum axes (widened t) |> finish axes keep

        let sum t = sumOver [] false t

        let meanOver dims keep (t: Tensor) =
            if not (Dtype.isDifferentiable t.Dtype) then
                raise (
                    DtypeException
                        $"mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {Dtype.scalarTypeName t.Dtype}. Cast the tensor, or ask for a dtype"
                )

            let axes = axes dims t
            let count = axes |> Array.fold (fun n a -> n * t.Shape[a]) 1
            Operands.withRight Functions.mul (Reductions.sum axes t) (Real(1.0 / float count)) |> finish axes keep

        let mean t = meanOver [] false t

        /// The variance, divided by n - correction. That of complex numbers is real: those of their parts together.
        let rec varOver dims (correction: float) keep (t: Tensor) =
            if not (Dtype.isDifferentiable t.Dtype) then
                raise (
                    DtypeException
                        $"std and var only support floating point and complex dtypes, but got {Dtype.name t.Dtype}: use Tensor.cast"
                )

            if Dtype.isComplex t.Dtype then
                varOver dims correction keep (Tensor.real t) + varOver dims correction keep (Tensor.imag t)
            else
                let axes = axes dims t
                let count = axes |> Array.fold (fun n a -> n * t.Shape[a]) 1
                let weight = 1.0 / max 0.0 (float count - correction)

                if t.Rank = 0 && weight = infinity then
                    // nan, which moves with an infinite slope: torch.var multiplies by 2 / 0 and leaves out the difference from the mean.
                    let endless = Operands.withRight Functions.mul t (Real infinity)
                    Operands.binary Functions.sub endless (Structure.detach endless)
                else
                    let centred = Operands.binary Functions.sub t (Reductions.average axes t)
                    let squares = Reductions.sum axes (Operands.unary Functions.square centred)
                    Operands.withRight Functions.mul squares (Real weight) |> finish axes keep

        let var t = varOver [] 1.0 false t
        let stdOver dims correction keep t = varOver dims correction keep t |> Operands.unary Functions.sqrt
        let std t = stdOver [] 1.0 false t

        let private extremum name reduction dims keep t =
            let axes = axes dims t
            requireElements name axes t
            Reductions.extremum reduction axes t |> finish axes keep

        /// The largest elements; ties share the derivative.
        let amax dims keep t = extremum "amax" Maximum dims keep t
        let amin dims keep t = extremum "amin" Minimum dims keep t
        let max t = amax [] false t
        let min t = amin [] false t

        /// Along one axis; a tensor without dimensions counts as a vector of one, and its result has none either.
        let private alongAxis f dim (t: Tensor) =
            let axis = Shape.dimension t.Rank dim

            if t.Rank = 0 then
                f axis (Engine.reshape [| 1 |] t) |> Engine.reshape [||]
            else
                f axis t

        let private position name reduction dim keep (t: Tensor) =
            t
            |> alongAxis
                (fun axis t ->
                    requireElements name [| axis |] t
                    Reductions.position reduction axis t |> finish [| axis |] keep)
                dim

        /// The positions of the largest elements along a dimension, the first among equals.
        let argmaxDim dim keep t = position "argmax" ArgMaximum dim keep t
        let argminDim dim keep t = position "argmin" ArgMinimum dim keep t
        let argmax t = argmaxDim 0 false (Engine.reshape [| -1 |] t)
        let argmin t = argminDim 0 false (Engine.reshape [| -1 |] t)

        /// Is any element not zero?
        let anyOver dims keep (t: Tensor) =
            let axes = axes dims t
            let truth = Engine.cast Bool t
            let empty = axes |> Array.exists (fun a -> t.Shape[a] = 0)

            if empty then
                Reductions.sum axes (Engine.cast Int64 truth) |> Engine.cast Bool |> finish axes keep
            else
                Reductions.extremum Maximum axes truth |> finish axes keep

        /// Are all elements not zero?
        let allOver dims keep t = anyOver dims keep (Operands.unary Functions.logicalNot t) |> Operands.unary Functions.logicalNot

        let any t = anyOver [] false t
        let all t = allOver [] false t

        let prodDim dim keep (t: Tensor) =
            widened t |> alongAxis (fun axis t -> Reductions.product axis t |> finish [| axis |] keep) dim

        let prod (t: Tensor) = prodDim 0 false (Engine.reshape [| -1 |] t)
        let cumsum dim (t: Tensor) = widened t |> alongAxis (fun axis t -> Reductions.scan CumulativeSum axis false t) dim
        let cumprod dim (t: Tensor) = widened t |> alongAxis (fun axis t -> Reductions.scan CumulativeProduct axis false t) dim

        /// log(sum(exp(x))) without overflow.
        let logSumExpOver dims keep (t: Tensor) =
            let t = Operands.floating t
            let axes = axes dims t
            let empty = axes |> Array.exists (fun a -> t.Shape[a] = 0)

            let top =
                if empty then
                    Structure.zeros t (Reductions.sum axes t).Shape
                else
                    Structure.detach (Reductions.extremum Maximum axes t)
            // An infinite maximum would turn into nan when subtracted from itself.
            let top =
                Engine.pointwise
                    Functions.where
                    [||]
                    [| Operands.unary Functions.isFinite top; top; Operands.number top top.Dtype top.Shape (Real 0.0) |]

            let total = Reductions.sum axes (Operands.unary Functions.exp (Operands.binary Functions.sub t top))
            Operands.binary Functions.add (Operands.unary Functions.log total) top |> finish axes keep

        let private alongLast f dim (t: Tensor) =
            let axis = Shape.dimension t.Rank dim

            if t.Rank = 0 then
                f (Engine.reshape [| 1 |] t) |> Engine.reshape [||]
            else
                Structure.moveAxis axis (t.Rank - 1) t |> f |> Structure.moveAxis (t.Rank - 1) axis

        let softmax dim t = alongLast Rows.softmax dim t
        let logSoftmax dim t = alongLast Rows.logSoftmax dim t

        /// The largest elements along a dimension and where they are; the derivative goes to the first among equals.
        let maxDim dim keep (t: Tensor) =
            if t.Rank = 0 then
                t, argmaxDim dim keep t
            else
                let axis = Shape.dimension t.Rank dim
                let where = argmaxDim dim true t
                GatherScatter.gather axis t where |> finish [| axis |] keep, finish [| axis |] keep where

        let minDim dim keep (t: Tensor) =
            if t.Rank = 0 then
                t, argminDim dim keep t
            else
                let axis = Shape.dimension t.Rank dim
                let where = argminDim dim true t
                GatherScatter.gather axis t where |> finish [| axis |] keep, finish [| axis |] keep where

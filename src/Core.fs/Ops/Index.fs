namespace Functional

open Functional.Contract

/// Reading and writing by index.
[<AutoOpen>]
module IndexOperations =
    /// Numbers take part as vectors of one element.
    let private asVector (t: Tensor) = if t.Rank = 0 then Engine.reshape [| 1 |] t else t

    let private onVector (f: Tensor -> Tensor) (t: Tensor) = f (asVector t) |> Engine.reshape t.Shape

    let private integers name (index: Tensor) =
        if not (Dtype.isInteger index.Dtype) then
            raise (
                DtypeException
                    $"{name}(): Expected dtype int64 for index, but got {Dtype.name index.Dtype}: use Tensor.cast Int64"
            )

        Engine.cast Int64 index

    /// PyTorch lets the index be smaller than the tensor in all dimensions but `axis`.
    let private fit axis (index: Tensor) (t: Tensor) name =
        let index = integers name index

        if index.Rank <> t.Rank then
            raise (
                ShapeException
                    $"Index tensor must have the same number of dimensions as input tensor ({name}: {index.Rank} and {t.Rank})"
            )

        let cut =
            [ 0 .. t.Rank - 1 ]
            |> List.fold
                (fun t i ->
                    if i = axis then
                        t
                    elif index.Shape[i] > (t: Tensor).Shape[i] then
                        raise (
                            ShapeException
                                $"Size does not match at dimension {i} expected index {Shape.format index.Shape} to be smaller than self {Shape.format t.Shape} apart from dimension {axis}"
                        )
                    else
                        Structure.narrow i 0 index.Shape[i] t)
                t

        struct (index, cut)

    [<RequireQualifiedAccess>]
    module Tensor =
        /// result[.., p, ..] = t[.., index[.., p, ..], ..] along a dimension.
        let rec gather dim (index: Tensor) (t: Tensor) =
            // What has no dimensions is a vector of one here.
            if t.Rank = 0 && index.Rank < 2 || index.Rank = 0 && t.Rank < 2 then
                let vector (x: Tensor) = if x.Rank = 0 then Engine.reshape [| 1 |] x else x
                GatherScatter.gather 0 (vector t) (Engine.cast Int64 (vector index)) |> Engine.reshape index.Shape
            else

                let axis = Shape.dimension t.Rank dim
                let struct (fitted, t) = fit axis (asVector index) (asVector t) "gather"
                GatherScatter.gather axis t fitted |> Engine.reshape index.Shape

        /// Slices along a dimension, one for each element of an index vector.
        let indexSelect dim (index: Tensor) (t: Tensor) =
            if index.Rank > 1 then
                raise (IndexException $"index_select(): Index is supposed to be a vector, but got {index.Rank}D")

            let axis = Shape.dimension t.Rank dim
            let places = integers "index_select" index |> Engine.reshape [| -1 |]

            let selected =
                IndexWords.Within(
                    "index out of range in self: {detail}",
                    (fun () -> GatherScatter.select axis (asVector t) places)
                )

            if t.Rank = 0 then Engine.reshape [||] selected else selected

        let private scatterInto mode dim (index: Tensor) (source: Tensor) (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            let whole, source = asVector t, asVector source
            let struct (index, part) = fit axis (asVector index) whole "scatter"

            if source.Rank <> index.Rank || Array.exists2 (>) index.Shape source.Shape then
                raise (
                    ShapeException
                        $"Expected index {Shape.format index.Shape} to be smaller than self {Shape.format t.Shape} apart from dimension {axis} and to be smaller size than src {Shape.format source.Shape}: each index takes the element of src at its own place; narrow the index or enlarge src"
                )

            let source = [ 0 .. index.Rank - 1 ] |> List.fold (fun s i -> Structure.narrow i 0 index.Shape[i] s) source

            let written = GatherScatter.scatter mode axis part index source

            if Shape.equal part.Shape whole.Shape then
                Engine.reshape t.Shape written
            else
                Structure.updateSlice (Structure.everything part.Shape) t written

        /// t with source[.., p, ..] added at index[.., p, ..] along a dimension; repeated indices add up.
        let scatterAdd dim index source (t: Tensor) =
            // The sum of truths is whether there is one.
            scatterInto (if t.Dtype = Bool then ScatterMaximum else ScatterAdd) dim index source t

        /// t with source[.., p, ..] written at index[.., p, ..]; the last one written stays.
        let scatter dim index source t = scatterInto ScatterSet dim index source t

        /// 1 at the position that each index names, 0 elsewhere, along a new last dimension.
        let oneHot classes (index: Tensor) =
            if classes < 0 then
                raise (ArgumentValueException $"num_classes should be positive, but got {classes} (oneHot)")

            let index = integers "one_hot" index
            let positions = Creation.arange index.Backend Int64 classes 0 1
            let column = Engine.reshape (Array.append index.Shape [| 1 |]) index
            Operands.binary Functions.eq column positions |> Engine.cast Int64

        let argsort dim descending (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            onVector (GatherScatter.argSort axis descending) t

        /// Sorted along a dimension, with where everything came from. Stable.
        let sort dim descending (t: Tensor) =
            let order = argsort dim descending t
            gather dim order t, order

        /// The k largest (or smallest) elements along a dimension in order, and where they are.
        let topk k dim largest (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            let size = if t.Rank = 0 then 1 else t.Shape[axis]

            if k < 0 || k > size then
                raise (IndexException $"selected index k out of range: k = {k} for dimension {axis} of size {size}")

            let first = GatherScatter.argFirst axis largest k
            // A number is a line of one; none of it is no number.
            let order =
                if t.Rank = 0 && k = 1 then onVector first t
                elif t.Rank = 0 then argsort dim largest t
                else first t

            gather dim order t, order

namespace Functional

open Functional.Contract

/// Reading and writing by index.
[<AutoOpen>]
module IndexOperations =
    /// PyTorch lets the index be smaller than the tensor in all dimensions but `axis`.
    let private fit axis (index: Tensor) (t: Tensor) name =
        let index = Engine.cast Int64 index

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
        let gather dim (index: Tensor) (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            let struct (index, t) = fit axis index t "gather"
            GatherScatter.gather axis t index

        /// Slices along a dimension, one for each element of an index vector.
        let indexSelect dim (index: Tensor) (t: Tensor) =
            if index.Rank > 1 then
                raise (IndexException $"index_select(): Index is supposed to be a vector, but got {index.Rank}D")

            let places = index |> Engine.cast Int64 |> Engine.reshape [| -1 |]

            if t.Rank = 0 then GatherScatter.select 0 (Engine.reshape [| 1 |] t) places |> Engine.reshape [||]
            else GatherScatter.select (Shape.dimension t.Rank dim) t places

        let private scatterInto mode dim (index: Tensor) (source: Tensor) (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            let struct (index, part) = fit axis index t "scatter"
            let source = [ 0 .. index.Rank - 1 ] |> List.fold (fun s i -> Structure.narrow i 0 index.Shape[i] s) source
            let written = GatherScatter.scatter mode axis part index source

            if Shape.equal part.Shape t.Shape then
                written
            else
                Structure.updateSlice (Structure.everything part.Shape) t written

        /// t with source[.., p, ..] added at index[.., p, ..] along a dimension; repeated indices add up.
        let scatterAdd dim index source t = scatterInto ScatterAdd dim index source t
        /// t with source[.., p, ..] written at index[.., p, ..]; the last one written stays.
        let scatter dim index source t = scatterInto ScatterSet dim index source t

        /// 1 at the position that each index names, 0 elsewhere, along a new last dimension.
        let oneHot classes (index: Tensor) =
            let positions = Creation.arange index.Backend Int64 classes 0 1
            let column = Engine.reshape (Array.append index.Shape [| 1 |]) (Engine.cast Int64 index)
            Operands.binary Functions.eq column positions |> Engine.cast Int64

        let argsort dim descending (t: Tensor) = GatherScatter.argSort (Shape.dimension t.Rank dim) descending t

        /// Sorted along a dimension, with where everything came from. Stable.
        let sort dim descending (t: Tensor) =
            let axis = Shape.dimension t.Rank dim
            let order = GatherScatter.argSort axis descending t
            GatherScatter.gather axis t order, order

        /// The k largest (or smallest) elements along a dimension in order, and where they are.
        let topk k dim largest (t: Tensor) =
            let axis = Shape.dimension t.Rank dim

            if k < 0 || k > t.Shape[axis] then
                raise (IndexException $"selected index k out of range: k = {k} for dimension {axis} of size {t.Shape[axis]}")

            let order = GatherScatter.argSort axis largest t |> Structure.narrow axis 0 k
            GatherScatter.gather axis t order, order

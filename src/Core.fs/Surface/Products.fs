namespace Functional

open Functional.Contract

/// PyTorch's products of vectors and matrices with their checks, and sums of them, under their names.
[<AutoOpen>]
module ProductNames =
    let private require name rank (t: Tensor) what =
        if t.Rank <> rank then
            raise (ShapeException $"{what} ({name}: it has the shape {Shape.format t.Shape})")

    /// beta * t + alpha * product; with beta 0 not even nan of t counts.
    let private mixed (beta: float) (alpha: float) (t: Tensor) (product: Tensor) : Tensor =
        let product = if alpha = 1.0 then product else product * alpha

        match beta with
        | 1.0 -> t + product
        | 0.0 -> Engine.expand (Shape.broadcast t.Shape product.Shape) product
        | _ -> t * beta + product

    [<RequireQualifiedAccess>]
    module Tensor =
        let mm (a: Tensor) (b: Tensor) : Tensor =
            require "mm" 2 a "self must be a matrix"
            require "mm" 2 b "mat2 must be a matrix"
            Tensor.matmul a b

        let bmm (a: Tensor) (b: Tensor) : Tensor =
            require "bmm" 3 a "batch1 must be a 3D tensor"
            require "bmm" 3 b "batch2 must be a 3D tensor"

            if a.Shape[0] <> b.Shape[0] || a.Shape[2] <> b.Shape[1] then
                raise (
                    ShapeException
                        $"Expected size for first two dimensions of batch2 tensor to be: [{a.Shape[0]}, {a.Shape[2]}] but got: [{b.Shape[0]}, {b.Shape[1]}]."
                )

            Tensor.matmul a b

        let mv (a: Tensor) (b: Tensor) : Tensor =
            require "mv" 2 a $"vector + matrix @ vector expected, got 1, {a.Rank}, {b.Rank}"
            require "mv" 1 b $"vector + matrix @ vector expected, got 1, {a.Rank}, {b.Rank}"
            Tensor.matmul a b

        let dot (a: Tensor) (b: Tensor) : Tensor =
            for t in [ a; b ] do
                require "dot" 1 t $"1D tensors expected, but got {a.Rank}D and {b.Rank}D tensors"

            if a.Shape[0] <> b.Shape[0] then
                raise (
                    ShapeException
                        $"inconsistent tensor size, expected tensor [{a.Shape[0]}] and src [{b.Shape[0]}] to have the same number of elements, but got {a.Shape[0]} and {b.Shape[0]} elements respectively"
                )

            Tensor.matmul a b

        let outer (a: Tensor) (b: Tensor) : Tensor =
            require "outer" 1 a "outer: Expected 1-D argument self"
            require "outer" 1 b "outer: Expected 1-D argument vec2"
            Tensor.unsqueeze 1 a * Tensor.unsqueeze 0 b

        /// beta * t + alpha * a b, for matrices, a matrix and a vector, the outer product, and batches of matrices (added up in addbmm).
        let addmm beta alpha a b t = mixed beta alpha t (mm a b)
        let addmv beta alpha a b t = mixed beta alpha t (mv a b)
        let addr beta alpha a b t = mixed beta alpha t (outer a b)
        let baddbmm beta alpha a b t = mixed beta alpha t (bmm a b)
        let addbmm beta alpha a b t = mixed beta alpha t (Tensor.sumOver [ 0 ] false (bmm a b))

        /// The distances of order p between all pairs of rows, the first with the others before the second.
        let pdist (p: float) (t: Tensor) : Tensor =
            if t.Rank <> 2 then
                raise (
                    ShapeException
                        $"pdist only supports 2D tensors, got: {t.Rank}D: the shape is {Shape.format t.Shape}, where rows of vectors [N, M] are expected; use cdist for batches"
                )

            if not (p >= 0.0) then
                raise (
                    ArgumentValueException
                        $"pdist only supports non-negative p values: p is {p}; 0, 1, 2 and infinity are the usual ones"
                )

            let pairs = Diagonals.upperIndices t.Backend t.Shape[0] t.Shape[0] 1
            let rows i = Tensor.indexSelect 0 (Tensor.select 0 i pairs) t
            Tensor.norm p [ 1 ] false (rows 0 - rows 1)

namespace Functional

open Functional.Contract

/// PyTorch's products of vectors and matrices with their checks, and sums of them, under their names.
[<AutoOpen>]
module ProductNames =
    let private ranks name (a: Tensor) m (b: Tensor) n =
        if a.Rank <> m || b.Rank <> n then
            raise (
                ShapeException
                    $"{name}: expected {m}D and {n}D tensors, but got {a.Rank}D and {b.Rank}D ({Shape.format a.Shape} and {Shape.format b.Shape})"
            )

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
            ranks "mm" a 2 b 2
            Tensor.matmul a b

        let bmm (a: Tensor) (b: Tensor) : Tensor =
            ranks "batch1 and batch2 of bmm must be 3D tensors" a 3 b 3

            if a.Shape[0] <> b.Shape[0] || a.Shape[2] <> b.Shape[1] then
                raise (
                    ShapeException
                        $"Expected size for first two dimensions of batch2 tensor to be: [{a.Shape[0]}, {a.Shape[2]}] but got: [{b.Shape[0]}, {b.Shape[1]}]."
                )

            Tensor.matmul a b

        let mv (a: Tensor) (b: Tensor) : Tensor =
            ranks "mv" a 2 b 1
            Tensor.matmul a b

        let dot (a: Tensor) (b: Tensor) : Tensor =
            ranks "1D tensors expected" a 1 b 1
            Tensor.matmul a b

        let outer (a: Tensor) (b: Tensor) : Tensor =
            ranks "outer" a 1 b 1
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
                raise (ShapeException $"pdist only supports 2D tensors, got: {t.Rank}D")

            if not (p >= 0.0) then
                raise (ArgumentValueException "pdist only supports non-negative p values")

            let pairs = Diagonals.upperIndices t.Backend t.Shape[0] t.Shape[0] 1
            let rows i = Tensor.indexSelect 0 (Tensor.select 0 i pairs) t
            Tensor.norm p [ 1 ] false (rows 0 - rows 1)

namespace Functional

open Functional.Contract

/// What a norm of a matrix is asked for.
type MatrixOrder =
    | Frobenius
    | Nuclear
    /// 1, -1, 2, -2, inf or -inf.
    | Order of float

/// Lengths of vectors and matrices, and what is measured with them. Where a norm has a kink at 0, its slope there is 0, as PyTorch's.
[<AutoOpen>]
module NormOperations =
    /// Folds axes (that stay) by the p-norm.
    let private fold name (p: float) (axes: int[]) (t: Tensor) : Tensor =
        let isEmpty = axes |> Array.exists (fun a -> t.Shape[a] = 0)

        if isEmpty && System.Double.IsInfinity p then
            raise (
                ShapeException
                    $"{name} cannot compute the {p} norm on an empty tensor because the operation does not have an identity: its shape is {Shape.format t.Shape}"
            )

        // The sum over nothing stays 0 for negative orders too.
        if isEmpty && p < 0.0 then Norms.vector 1.0 axes t else Norms.vector p axes t

    let private withoutAxes (axes: int[]) keep (t: Tensor) =
        if keep then
            t
        else
            Engine.reshape
                (t.Shape |> Array.indexed |> Array.filter (fun (i, _) -> not (Array.contains i axes)) |> Array.map snd)
                t

    let private axesOf (dims: int list) (t: Tensor) =
        let axes =
            if dims.IsEmpty then
                [| 0 .. t.Rank - 1 |]
            else
                dims |> List.map (Shape.dimension t.Rank) |> Array.ofList

        if (Array.distinct axes).Length <> axes.Length then
            raise (
                ArgumentValueException
                    $"dim {Array.last axes} appears multiple times in the list of dims: a norm of shape {Shape.format t.Shape} over {List.ofArray axes}; name each dimension once"
            )

        if t.Rank = 0 then [||] else axes

    [<RequireQualifiedAccess>]
    module Linalg =
        /// The p-norm over dimensions (all, if none is named): sum |x|^p to the 1 / p, the number of elements that are not 0 for p = 0,
        /// the largest or smallest magnitude for plus or minus infinity.
        let vectorNorm (p: float) (dims: int list) keep (t: Tensor) : Tensor =
            let name = "linalg.vector_norm"
            MatrixChecks.floating name t
            let axes = axesOf dims t

            if p < 0.0 && axes |> Array.exists (fun a -> t.Shape[a] = 0) then
                raise (
                    ShapeException
                        $"{name} cannot compute the {p} norm on an empty tensor because the operation does not have an identity: its shape is {Shape.format t.Shape}"
                )

            fold name p axes t |> withoutAxes axes keep

        /// A norm of the matrices that two dimensions make: Frobenius, nuclear (the sum of singular values), by largest column sum (1),
        /// row sum (inf), singular value (2), or the smallest of them (negative orders).
        let matrixNorm (order: MatrixOrder) (first: int) (second: int) keep (t: Tensor) : Tensor =
            let name = "linalg.matrix_norm"
            MatrixChecks.matrix name "A" t
            MatrixChecks.floating name t
            let row, column = Shape.dimension t.Rank first, Shape.dimension t.Rank second

            if row = column then
                raise (ArgumentValueException $"{name}: dims must be different. Got ({first}, {second})")

            let axes = [| row; column |]

            /// Folds one axis (which stays) by sums, then the other by an extremum.
            let sums over reduction =
                let rest = if over = row then column else row
                let total = Reductions.sum [| over |] (Operands.unary Functions.abs t)

                if total.Shape[rest] = 0 then
                    raise (
                        IndexException
                            $"{name}(): Expected reduction dim {rest} to have non-zero size: a matrix without {rest} has no such norm"
                    )

                Reductions.extremum reduction [| rest |] total |> withoutAxes axes keep

            let singular (f: Tensor -> Tensor) =
                let rest = [ 0 .. t.Rank - 1 ] |> List.filter (fun d -> d <> row && d <> column)
                let values = Structure.permute (Array.ofList (rest @ [ row; column ])) t |> SpectralFactors.singularValues
                let folded = f values

                let shape =
                    if keep then
                        Array.mapi (fun i s -> if i = row || i = column then 1 else s) t.Shape
                    else
                        Array.take (values.Rank - 1) values.Shape

                Engine.reshape shape folded

            let extreme reduction (values: Tensor) =
                if values.Shape[values.Rank - 1] = 0 then
                    raise (
                        IndexException
                            $"{name}(): Expected reduction dim to have non-zero size: an empty matrix has no singular values"
                    )

                Reductions.extremum reduction [| values.Rank - 1 |] values

            match order with
            | Frobenius -> fold name 2.0 axes t |> withoutAxes axes keep
            | Nuclear -> singular (fun s -> Reductions.sum [| s.Rank - 1 |] s)
            | Order 1.0 -> sums row Maximum
            | Order -1.0 -> sums row Minimum
            | Order 2.0 -> singular (extreme Maximum)
            | Order -2.0 -> singular (extreme Minimum)
            | Order p when System.Double.IsPositiveInfinity p -> sums column Maximum
            | Order p when System.Double.IsNegativeInfinity p -> sums column Minimum
            | Order p -> raise (ArgumentValueException $"{name}: Order {p} not supported.")

        /// How much a square matrix magnifies errors: |A| |A^-1| in a norm; the ratio of singular values without one.
        let cond (order: MatrixOrder option) (a: Tensor) : Tensor =
            if a.Rank < 2 then
                raise (ShapeException "linalg.cond: The input tensor must have at least 2 dimensions.")

            MatrixChecks.floating "linalg.cond" a

            match order with
            | None
            | Some(Order(2.0 | -2.0)) ->
                let s = SpectralFactors.singularValues a
                let k = s.Shape[s.Rank - 1]
                let at i = Structure.narrow (s.Rank - 1) i 1 s |> Engine.reshape (Array.take (s.Rank - 1) s.Shape)

                if k = 0 then
                    Creation.full a.Backend s.Dtype (Array.take (s.Rank - 1) s.Shape) (Integer 0L)
                elif order = Some(Order -2.0) then
                    Operands.binary Functions.div (at (k - 1)) (at 0)
                else
                    Operands.binary Functions.div (at 0) (at (k - 1))
            | Some order ->
                MatrixChecks.square "linalg.cond" "A" a

                if Matrices.columnCount a = 0 then
                    Creation.full a.Backend (Dtype.toReal a.Dtype) (Matrices.batchOf a) (Integer 0L)
                else
                    let inverse, info = Linalg.invEx false a
                    let size = matrixNorm order -2 -1 false
                    let product = Operands.binary Functions.mul (size a) (size inverse)
                    let singular = Operands.withRight Functions.ne info (Integer 0L)
                    let endless = Operands.number product product.Dtype product.Shape (Real infinity)
                    Engine.pointwise Functions.where [||] [| singular; endless; product |]

    [<RequireQualifiedAccess>]
    module Tensor =
        /// `Linalg.vectorNorm` as torch.norm has it: of no elements it is 0 for every finite order.
        let norm (p: float) (dims: int list) keep (t: Tensor) : Tensor =
            if not (Dtype.isDifferentiable t.Dtype) then
                raise (
                    DtypeException
                        $"norm(): input dtype should be either floating point or complex. Got {Dtype.scalarTypeName t.Dtype} instead."
                )

            let axes = axesOf dims t
            fold "norm" p axes t |> withoutAxes axes keep

        /// The p-norm of all elements of the difference.
        let dist (p: float) (a: Tensor) (b: Tensor) : Tensor =
            let difference = Operands.binary Functions.sub a b

            if not (Dtype.isDifferentiable difference.Dtype) then
                raise (
                    DtypeException
                        $"norm(): input dtype should be either floating point or complex. Got {Dtype.scalarTypeName difference.Dtype} instead."
                )

            fold "dist" p [| 0 .. difference.Rank - 1 |] difference |> Engine.reshape [||]

        /// Slices along a dimension whose p-norm exceeds a limit, scaled down to it.
        let renorm (p: float) dim (limit: float) (t: Tensor) : Tensor =
            if p <= 0.0 then
                raise (ArgumentValueException "renorm: non-positive-norm not supported")

            if limit < 0.0 then
                raise (ArgumentValueException $"renorm: expected maxnorm to be >= 0 but got {limit}")

            if t.Rank < 2 then
                raise (ShapeException $"renorm: input needs at least 2 dimensions, got {t.Rank} dimensions")

            let axis = Shape.dimension t.Rank dim

            let size =
                fold
                    "renorm"
                    p
                    [| for i in 0 .. t.Rank - 1 do
                           if i <> axis then
                               i |]
                    t

            let above = Operands.withRight Functions.gt size (Real limit)
            let factor = Operands.withLeft Functions.div (Real limit) (Operands.withRight Functions.add size (Real 1e-7))
            let one = Operands.number factor factor.Dtype factor.Shape (Integer 1L)
            Operands.binary Functions.mul t (Engine.pointwise Functions.where [||] [| above; factor; one |])

        /// The norm of each slice along a dimension, which alone stays; of everything for dimension -1.
        let normExceptDim (p: float) dim (t: Tensor) : Tensor =
            if dim = -1 then
                fold "norm_except_dim" p [| 0 .. t.Rank - 1 |] t |> Engine.reshape [||]
            else
                let axis = Shape.dimension t.Rank dim

                fold
                    "norm_except_dim"
                    p
                    [| for i in 0 .. t.Rank - 1 do
                           if i <> axis then
                               i |]
                    t

        /// The p-norm of every difference of a row of [.., P, M] and a row of [.., R, M]: [.., P, R].
        let cdist (p: float) (a: Tensor) (b: Tensor) : Tensor =
            if a.Rank < 2 || b.Rank < 2 then
                raise (
                    ShapeException
                        $"cdist only supports at least 2D tensors, X1 got: {a.Rank}D, X2 got: {b.Rank}D: shapes {Shape.format a.Shape} and {Shape.format b.Shape}, where [.., P, M] and [.., R, M] are expected; unsqueeze single vectors"
                )

            if not (Dtype.isFloating a.Dtype && Dtype.isFloating b.Dtype) then
                raise (
                    DtypeException
                        $"cdist only supports floating-point dtypes, X1 got: {Dtype.scalarTypeName a.Dtype}, X2 got: {Dtype.scalarTypeName b.Dtype}"
                )

            if Matrices.columnCount a <> Matrices.columnCount b then
                raise (
                    ShapeException
                        $"X1 and X2 must have the same number of columns. X1: {Matrices.columnCount a} X2: {Matrices.columnCount b}: cdist of shapes {Shape.format a.Shape} and {Shape.format b.Shape}; the last dimensions must be equal (transpose one of the two)"
                )

            if p < 0.0 then
                raise (
                    ArgumentValueException
                        $"cdist only supports non-negative p values: p is {p}; 0, 1, 2 and infinity are the usual ones"
                )

            let dtype = Operands.promote a b
            let struct (a, b) = MatrixChecks.broadcastBatch "cdist" (Engine.cast dtype a) (Engine.cast dtype b)
            let rows, columns = Matrices.rowCount a, Matrices.rowCount b

            if p = 2.0 && (rows > 25 || columns > 25) then
                // |a|^2 + |b|^2 - 2 a b: no table of differences. Rounding may leave less than nothing.
                let squares (t: Tensor) = Reductions.sum [| t.Rank - 1 |] (Operands.unary Functions.square t)
                let products = Contraction.product false true a b
                let sum = Operands.binary Functions.add (squares a) (Matrices.transpose (squares b))
                let distance = Operands.binary Functions.sub sum (Operands.withRight Functions.mul products (Integer 2L))
                Operands.unary Functions.relu distance |> Operands.unary LayerFormulas.root
            else
                let batch = Matrices.batchOf a
                let m = Matrices.columnCount a
                let left = Engine.reshape (Array.append batch [| rows; 1; m |]) a
                let right = Engine.reshape (Array.append batch [| 1; columns; m |]) b
                let differences = Operands.binary Functions.sub left right

                if m = 0 then
                    Structure.zeros a (Array.append batch [| rows; columns |])
                else
                    fold "cdist" p [| differences.Rank - 1 |] differences
                    |> Engine.reshape (Array.append batch [| rows; columns |])

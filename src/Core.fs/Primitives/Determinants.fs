namespace Functional

open Functional.Contract

/// Determinants: read off the factors P L U, differentiated by solving with them.
[<RequireQualifiedAccess>]
module Determinants =
    let private mul a b = Operands.binary Functions.mul a b
    let private square (t: Tensor) = Engine.reshape (Array.append t.Shape [| 1; 1 |]) t

    /// A value that was computed beside all levels, with its derivative in the matrix that it belongs to.
    /// Arguments: the matrix, its factors, the value.
    let private attached name (linearize: Tensor[] -> Tensor -> int -> Linear voption) : Primitive =
        let rec primitive: Primitive =
            { Name = name
              Infer = fun specs -> specs[2]
              Eval = fun _ values -> Value.restructure values[2].Shape id values[2]
              Linearize = linearize
              Batch = fun size args flags -> again (Engine.leadAll size args flags) }

        and again args = Engine.bind primitive args
        primitive

    /// A^-1 T and A^-* T by the factors.
    let private solver (args: Tensor[]) =
        struct (Factorizations.solve false args[0] args[1], Factorizations.solve true args[0] args[1])

    /// c times the identity, for every number c of a batch.
    let private scaledIdentity (args: Tensor[]) c =
        let a = args[0]
        mul (square c) (Matrices.identity a (Matrices.batchOf a) (Matrices.columnCount a))

    /// The products of all elements but one, along the last dimension.
    let private productsOfOthers (s: Tensor) =
        let n = s.Shape[s.Rank - 1]
        let wide = Engine.expand (Array.append s.Shape [| n |]) (Matrices.column s)
        let one = Operands.number wide wide.Dtype wide.Shape (Integer 1L)
        let own = Matrices.identity wide (Matrices.batchOf wide) n |> Engine.cast Bool
        let others = Engine.pointwise Functions.where [||] [| own; one; wide |]
        Reductions.product (wide.Rank - 2) others |> Matrices.vector

    /// The sign that rows changing places gives, and U's diagonal; the determinant is their product.
    let private signAndDiagonal (factors: Tensor) =
        let n = Matrices.columnCount factors
        let pivots = Factorizations.pivotRow n n factors
        let places = Creation.arange pivots.Backend Int64 n 1 1 |> Engine.cast pivots.Dtype
        let moved = Operands.binary Functions.ne pivots places |> Engine.cast factors.Dtype
        let signs = Operands.withLeft Functions.sub (Integer 1L) (Operands.withRight Functions.mul moved (Integer 2L))
        struct (signs, Matrices.diagonal (Matrices.rows 0 n factors))

    let private productOf (t: Tensor) = Reductions.product (t.Rank - 1) t |> Engine.reshape (Array.take (t.Rank - 1) t.Shape)

    let private isSingular (value: Tensor) =
        let zero = Operands.withRight Functions.eq (Structure.detach value) (Integer 0L)
        Array.contains 1uy (Creation.toBytes zero)

    /// The transposed cofactors of a matrix that may be singular: A = U S V* has det(U) det(V*) V diag(product of the others) U*.
    let private adjugate (a: Tensor) (detOf: Tensor -> Tensor) =
        let m = Matrices.rowCount a
        let packed = SpectralFactors.svd false a
        let u, v = Matrices.rows 0 m packed, Matrices.rows (m + 1) m packed
        let s = Matrices.vector (Matrices.rows m 1 packed)
        let phase = mul (detOf u) (Matrices.conjugate (detOf v))
        let inner = Matrices.scaleColumns (productsOfOthers s) v
        mul (square phase) (Matrices.multiply inner (Matrices.adjoint u))

    /// det A. Its slope is det(A) tr(A^-1 dA), or tr(adj(A) dA) where a matrix of the batch is singular.
    let rec det (matrix: Tensor) : Tensor =
        let factors = Factorizations.lu (Structure.detach matrix)
        let struct (signs, diagonal) = signAndDiagonal factors
        Engine.bind (detPrimitive ()) [| matrix; factors; productOf (mul signs diagonal) |]

    and detPrimitive () : Primitive =
        let linearize (args: Tensor[]) value i =
            if i > 0 then
                ValueNone
            elif isSingular value then
                let cofactors = adjugate args[0] det

                Engine.linear (fun t -> Matrices.trace (Matrices.multiply cofactors t)) (fun c ->
                    mul (square c) (Matrices.adjoint cofactors))
            else
                let struct (solve, solveAdjoint) = solver args

                Engine.linear (fun t -> mul value (Matrices.trace (solve t))) (fun c ->
                    solveAdjoint (scaledIdentity args (mul (Matrices.conjugate value) c)))

        attached "linalg.det" linearize

    /// log |det A|; its slope is the real part of tr(A^-1 dA).
    let rec logAbsDet (matrix: Tensor) (factors: Tensor) : Tensor =
        let diagonal = Matrices.diagonal (Matrices.rows 0 (Matrices.columnCount matrix) factors)
        let logs = Operands.unary Functions.log (Operands.unary Functions.abs diagonal)
        let total = Reductions.sum [| logs.Rank - 1 |] logs |> Engine.reshape (Matrices.batchOf matrix)
        Engine.bind logAbsDetPrimitive [| matrix; factors; total |]

    and logAbsDetPrimitive: Primitive =
        let linearize (args: Tensor[]) (value: Tensor) i =
            if i > 0 then
                ValueNone
            else
                let struct (solve, solveAdjoint) = solver args

                Engine.linear (fun t -> Matrices.trace (solve t) |> Engine.cast value.Dtype) (fun c ->
                    solveAdjoint (scaledIdentity args (Engine.cast args[0].Dtype c)))

        attached "linalg.slogdet" linearize

    /// det A / |det A|. That of a real matrix is constant; a complex one turns by the imaginary part of tr(A^-1 dA).
    let rec sign (matrix: Tensor) (factors: Tensor) : Tensor =
        let struct (signs, diagonal) = signAndDiagonal factors
        let value = productOf (mul signs (Operands.unary Functions.sign diagonal))

        if Dtype.isComplex matrix.Dtype then
            Engine.bind signPrimitive [| matrix; factors; value |]
        else
            value

    and signPrimitive: Primitive =
        let linearize (args: Tensor[]) (value: Tensor) i =
            if i > 0 then
                ValueNone
            else
                let struct (solve, solveAdjoint) = solver args
                /// z without its real part.
                let imaginary z = Operands.binary Functions.sub z (Engine.cast (Dtype.toReal z.Dtype) z |> Engine.cast z.Dtype)

                Engine.linear (fun t -> mul value (imaginary (Matrices.trace (solve t)))) (fun c ->
                    solveAdjoint (scaledIdentity args (imaginary (mul (Matrices.conjugate value) c))))

        attached "linalg.slogdet.sign" linearize

    /// The sign of det A, or its phase where A is complex, and log |det A|.
    let signAndLog (matrix: Tensor) : Tensor * Tensor =
        let factors = Factorizations.lu (Structure.detach matrix)
        sign matrix factors, logAbsDet matrix factors

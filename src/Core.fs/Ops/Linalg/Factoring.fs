namespace Functional

open Functional.Contract

/// Factors of matrices: Cholesky, LU and QR. Leading dimensions are batch.
[<AutoOpen>]
module FactoringOperations =
    let private times = Matrices.multiply
    let private adjoint = Matrices.adjoint

    let private notPositive order =
        $"The factorization could not be completed because the input is not positive-definite (the leading minor of order {order} is not positive-definite)."

    [<RequireQualifiedAccess>]
    module Linalg =
        let private choleskyOf name upper (a: Tensor) =
            MatrixChecks.floatingSquare name a
            let n = Matrices.columnCount a
            // Of a Hermitian matrix the upper triangle is the adjoint of the lower one.
            let packed = Factorizations.cholesky (if upper then adjoint a else a)
            let l = Matrices.rows 0 n packed
            struct ((if upper then adjoint l else l), MatrixChecks.infoOf n packed)

        /// L with A = L L* (or U with A = U* U) of a Hermitian positive-definite matrix, of which one triangle is read. The gradient
        /// counts both. Raises LinAlgException where the matrix is not positive-definite.
        let cholesky upper (a: Tensor) : Tensor =
            let struct (l, info) = choleskyOf "linalg.cholesky" upper a
            MatrixChecks.success "linalg.cholesky" notPositive info
            l

        /// `cholesky`, and for each matrix 0 or the order of the first leading minor that is not positive.
        let choleskyEx upper checkErrors (a: Tensor) : Tensor * Tensor =
            let struct (l, info) = choleskyOf "linalg.cholesky_ex" upper a

            if checkErrors then
                MatrixChecks.success "linalg.cholesky_ex" notPositive info

            l, info

        /// X with T X = B, or X T = B unless left, for triangles T. Only the triangle is read, and not its diagonal if `unit`.
        let solveTriangular upper left unit (a: Tensor) (b: Tensor) : Tensor =
            let name = "linalg.solve_triangular"
            MatrixChecks.square name "A" a
            MatrixChecks.matrix name "B" b
            MatrixChecks.floating name a
            MatrixChecks.sameDtype name a b
            MatrixChecks.equation name a b left
            let struct (a, b) = MatrixChecks.broadcastBatch name a b

            if left then
                Factorizations.solveTriangular upper unit a b
            else
                Matrices.transpose (Factorizations.solveTriangular (not upper) unit (Matrices.transpose a) (Matrices.transpose b))

        /// X with A X = B by a factor of A that `cholesky` gave.
        let choleskySolve upper (b: Tensor) (factor: Tensor) : Tensor =
            if b.Rank < 2 then
                raise (ShapeException $"b should have at least 2 dimensions, but has {b.Rank} dimensions instead")

            if factor.Rank < 2 then
                raise (ShapeException $"u should have at least 2 dimensions, but has {factor.Rank} dimensions instead")

            MatrixChecks.square "cholesky_solve" "A" factor
            MatrixChecks.sameDtype "cholesky_solve" factor b
            MatrixChecks.equation "cholesky_solve" factor b true
            let struct (factor, b) = MatrixChecks.broadcastBatch "cholesky_solve" factor b
            let lower = if upper then adjoint factor else factor
            let triangle = Structure.detach lower |> Matrices.lower 0
            // PyTorch's convention: the value reads the triangle, the gradient takes the factor for a full matrix.
            Factorizations.solveHermitian (times lower (adjoint lower)) triangle b

        /// The inverse of A by a factor of A that `cholesky` gave.
        let choleskyInverse upper (factor: Tensor) : Tensor =
            MatrixChecks.floatingSquare "cholesky_inverse" factor
            let identity = Matrices.identity factor (Matrices.batchOf factor) (Matrices.columnCount factor)
            choleskySolve upper identity factor

        let private luPacked name (a: Tensor) =
            MatrixChecks.floatingMatrix name a
            let m, n = Matrices.rowCount a, Matrices.columnCount a
            let packed = Factorizations.lu a
            let pivots = Structure.detach packed |> Factorizations.pivotRow m n |> Engine.cast Int32
            struct (Matrices.rows 0 m packed, pivots, MatrixChecks.infoOf (m + 1) packed)

        /// L below the diagonal with U above, the pivots (int32, from 1), and for each matrix 0 or the number of the first zero pivot.
        let luFactorEx checkErrors (a: Tensor) : Tensor * Tensor * Tensor =
            let struct (f, pivots, info) = luPacked "torch.linalg.lu_factor_ex" a

            if checkErrors then
                MatrixChecks.success
                    "torch.linalg.lu_factor"
                    (fun i ->
                        $"U[{i},{i}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)")
                    info

            f, pivots, info

        /// `luFactorEx` that raises LinAlgException where a pivot is zero.
        let luFactor (a: Tensor) : Tensor * Tensor =
            let f, pivots, _ = luFactorEx true a
            f, pivots

        let private requirePivots name (f: Tensor) (pivots: Tensor) =
            if pivots.Dtype <> Int32 then
                raise (
                    DtypeException
                        $"{name} is expected to be a Tensor of scalar type torch.int32, but it is {Dtype.name pivots.Dtype}"
                )

            let count = min (Matrices.rowCount f) (Matrices.columnCount f)

            if not (Shape.equal pivots.Shape (Array.append (Matrices.batchOf f) [| count |])) then
                raise (
                    ShapeException
                        $"{name}: expected one pivot for each step of the factorization, {count} for matrices of shape {Shape.format f.Shape}, but got {Shape.format pivots.Shape}"
                )

        /// P, L and U of packed factors.
        let luUnpack (f: Tensor) (pivots: Tensor) : Tensor * Tensor * Tensor =
            MatrixChecks.matrix "lu_unpack" "LU_data" f
            requirePivots "torch.lu_unpack: LU_pivots" f pivots
            let m, n = Matrices.rowCount f, Matrices.columnCount f
            let k = min m n
            let batch = Matrices.batchOf f
            let order = Factorizations.permutation m (Structure.detach pivots)
            // Row i of P^T is 1 at order[i].
            let places = Creation.arange f.Backend Int64 m 0 1
            let p = Operands.binary Functions.eq (Matrices.row order) (Matrices.column places) |> Engine.cast f.Dtype

            let l =
                let below = Matrices.lower -1 (Matrices.columns 0 k f)
                let ones = Matrices.identity f batch k |> Matrices.within m k 0 0
                Operands.binary Functions.add below ones

            p, l, Matrices.upper 0 (Matrices.rows 0 k f)

        /// P, L and U with A = P L U.
        let lu (a: Tensor) : Tensor * Tensor * Tensor =
            let struct (f, pivots, _) = luPacked "linalg.lu" a
            luUnpack f pivots

        /// X with A X = B by the factors of A (A* if `byAdjoint`), or X A = B unless left.
        let rec luSolve left byAdjoint (f: Tensor) (pivots: Tensor) (b: Tensor) : Tensor =
            let name = "linalg.lu_solve"
            MatrixChecks.square name "LU" f
            requirePivots "linalg.lu_solve: pivots" f pivots
            MatrixChecks.matrix name "B" b
            MatrixChecks.floating name f
            MatrixChecks.sameDtype name f b
            MatrixChecks.equation name f b left

            if not left then
                // X A = B is A* X* = B*.
                adjoint (luSolve true (not byAdjoint) f pivots (adjoint b))
            else
                let n = Matrices.columnCount f
                let struct (f, b) = MatrixChecks.broadcastBatch name f b
                let order = Factorizations.permutation n (Structure.detach pivots)
                let order = Engine.expand (Array.append (Matrices.batchOf f) [| n |]) order

                if byAdjoint then
                    Factorizations.solveTriangular false false (adjoint f) b
                    |> Factorizations.solveTriangular true true (adjoint f)
                    |> Factorizations.unpermuteRows order
                else
                    Factorizations.permuteRows order b
                    |> Factorizations.solveTriangular false true f
                    |> Factorizations.solveTriangular true false f

        /// Q and R with A = Q R: `complete` gives all columns of Q, else as many as the smaller side of A.
        let qr complete (a: Tensor) : Tensor * Tensor =
            MatrixChecks.floatingMatrix "linalg.qr" a
            let m, n = Matrices.rowCount a, Matrices.columnCount a
            let columns = if complete then m else min m n
            let packed = Factorizations.qr complete a
            Matrices.columns 0 columns packed, Matrices.columns columns n packed |> Matrices.rows 0 columns

        /// R with the Householder vectors below it, and their scales: LAPACK's geqrf. Has no derivative; `qr` has.
        let geqrf (a: Tensor) : Tensor * Tensor =
            if a.Rank < 2 then
                raise (ShapeException $"torch.geqrf: input must have at least 2 dimensions, but it has {a.Rank}.")

            MatrixChecks.floating "geqrf" a
            let m, k = Matrices.rowCount a, min (Matrices.rowCount a) (Matrices.columnCount a)
            let packed = Factorizations.householder a
            Matrices.rows 0 m packed, Matrices.rows m 1 packed |> Matrices.columns 0 k |> Matrices.vector

        /// X -> Q X (or Q* X) for Q = H_1 H_2 ..., H_i = 1 - tau_i v_i v_i*, written as 1 - V T V* with
        /// T = (1 + D S)^-1 D, D = diag tau, S the strict upper triangle of V* V (Joffrain et al. 2006).
        let private reflect byAdjoint (vectors: Tensor) (tau: Tensor) (x: Tensor) =
            let k = tau.Shape[tau.Rank - 1]
            let m = Matrices.rowCount vectors
            let batch = Matrices.batchOf vectors
            let below = Matrices.lower -1 (Matrices.columns 0 k vectors)
            let heads = Matrices.identity vectors batch k |> Matrices.within m k 0 0
            let v = Operands.binary Functions.add below heads
            let inner = Matrices.upper 1 (times (adjoint v) v) |> Matrices.scaleRows tau
            // What stands below the diagonal is not read, and the diagonal counts as ones.
            let turn = Factorizations.solveTriangular true true inner
            let projected = times (adjoint v) x

            let moved =
                if byAdjoint then
                    // T* = D* (1 + D S)^-*
                    Factorizations.solveTriangular false true (adjoint inner) projected
                    |> Matrices.scaleRows (Matrices.conjugate tau)
                else
                    turn (Matrices.scaleRows tau projected)

            Operands.binary Functions.sub x (times v moved)

        /// The first columns of Q, the product of the Householder reflections that `geqrf` gave; as many as there are vectors.
        let householderProduct (vectors: Tensor) (tau: Tensor) : Tensor =
            let name = "torch.linalg.householder_product"

            if vectors.Rank < 2 then
                raise (ShapeException $"{name}: input must have at least 2 dimensions.")

            let m, n = Matrices.rowCount vectors, Matrices.columnCount vectors

            if m < n then
                raise (ShapeException $"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]")

            if tau.Rank <> vectors.Rank - 1 then
                raise (
                    ShapeException
                        $"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {tau.Rank} and input.ndim is equal to {vectors.Rank}"
                )

            if n < tau.Shape[tau.Rank - 1] then
                raise (ShapeException $"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]")

            MatrixChecks.floating name vectors
            MatrixChecks.sameDtype name vectors tau

            Matrices.identity vectors (Matrices.batchOf vectors) n |> Matrices.within m n 0 0 |> reflect false vectors tau

        /// Q C, or C Q unless left, or with Q* for Q, where Q is the product of Householder reflections.
        let rec ormqr left byAdjoint (vectors: Tensor) (tau: Tensor) (other: Tensor) : Tensor =
            let name = "torch.ormqr"

            if vectors.Rank < 2 then
                raise (ShapeException $"{name}: input must have at least 2 dimensions.")

            if other.Rank < 2 then
                raise (ShapeException $"{name}: other must have at least 2 dimensions.")

            if tau.Rank <> vectors.Rank - 1 || other.Rank <> vectors.Rank then
                raise (
                    ShapeException
                        $"{name}: Expected other to have as many dimensions as input and tau one less, but got {other.Rank}, {vectors.Rank} and {tau.Rank}"
                )

            let side = if left then other.Rank - 2 else other.Rank - 1
            let place = if left then -2 else -1

            if other.Shape[side] < tau.Shape[tau.Rank - 1] then
                raise (ShapeException $"{name}: other.shape[{place}] must be greater than or equal to tau.shape[-1]")

            if other.Shape[side] <> Matrices.rowCount vectors then
                raise (ShapeException $"{name}: other.shape[{place}] must be equal to input.shape[-2]")

            if tau.Shape[tau.Rank - 1] > Matrices.columnCount vectors then
                raise (ShapeException $"{name}: tau.shape[-1] must be less than or equal to input.shape[-1]")

            MatrixChecks.floating name vectors
            MatrixChecks.sameDtype name vectors other
            MatrixChecks.sameDtype name vectors tau

            if left then
                reflect byAdjoint vectors tau other
            else
                // C Q = (Q* C*)*
                adjoint (ormqr true (not byAdjoint) vectors tau (adjoint other))

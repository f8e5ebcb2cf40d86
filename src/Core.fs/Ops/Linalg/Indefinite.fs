namespace Functional

open Functional.Contract

/// L D L^T, or L D L*, of matrices that are symmetric or hermitian but need not be positive-definite.
[<AutoOpen>]
module IndefiniteOperations =
    [<RequireQualifiedAccess>]
    module Linalg =
        /// L below blocks of D as LAPACK's sytrf (hetrf, if hermitian) packs them, the pivots (int32, from 1, negative for blocks of two
        /// rows), and for each matrix 0 or the number of the first block that is zero. The lower triangle is read.
        let ldlFactorEx hermitian checkErrors (a: Tensor) : Tensor * Tensor * Tensor =
            MatrixChecks.floatingSquare "torch.linalg.ldl_factor_ex" a
            let n = Matrices.rowCount a
            let packed = IndefiniteFactors.factor hermitian a
            let info = MatrixChecks.infoOf (n + 1) packed

            if checkErrors then
                MatrixChecks.success
                    "torch.linalg.ldl_factor"
                    (fun i -> $"D[{i},{i}] is zero and using it on ldl_solve would result in a division by zero.")
                    info

            Matrices.rows 0 n packed, Matrices.rows n 1 packed |> Matrices.vector |> Structure.detach |> Engine.cast Int32, info

        /// `ldlFactorEx` that raises LinAlgException where a block of D is zero.
        let ldlFactor hermitian (a: Tensor) : Tensor * Tensor =
            let factors, pivots, _ = ldlFactorEx hermitian true a
            factors, pivots

        /// X with A X = B by what `ldlFactor` gave of A. Gradients go to B.
        let ldlSolve hermitian (factors: Tensor) (pivots: Tensor) (b: Tensor) : Tensor =
            let name = "torch.linalg.ldl_solve"
            MatrixChecks.square name "LD" factors
            MatrixChecks.matrix name "B" b
            MatrixChecks.floating name factors
            let n = Matrices.columnCount factors

            if b.Rank < 2 then
                raise (ShapeException $"{name}: Expected B to have at least 2 dimensions, but it has {b.Rank} dimensions instead")

            if pivots.Dtype <> Int32 then
                raise (DtypeException $"{name}: Expected pivots to be integers. Got {Dtype.scalarTypeName pivots.Dtype}")

            if not (Shape.equal pivots.Shape (Array.append (Matrices.batchOf factors) [| n |])) then
                raise (
                    ShapeException
                        $"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape {Shape.format pivots.Shape} instead"
                )

            MatrixChecks.sameDtype name factors b
            MatrixChecks.equation name factors b true

            let packed =
                Matrices.underEachOther
                    [ factors
                      Matrices.row (Engine.cast factors.Dtype pivots)
                      Structure.zeros factors (Array.append (Matrices.batchOf factors) [| 1; n |]) ]

            let struct (packed, b) = MatrixChecks.broadcastBatch name packed b
            IndefiniteFactors.solve hermitian packed b

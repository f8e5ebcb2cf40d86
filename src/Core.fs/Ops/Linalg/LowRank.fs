namespace Functional

open Functional.Contract

/// A few singular values or eigenvalues of a matrix, with what goes with them.
[<AutoOpen>]
module LowRankOperations =
    let private times a b = Tensor.matmul a b
    let private adjoint = Matrices.adjoint
    let private sub (a: Tensor) (b: Tensor) : Tensor = a - b

    [<RequireQualifiedAccess>]
    module Linalg =
        /// Orthonormal columns that span nearly what q random combinations of a matrix's columns span, after some rounds through the
        /// matrix and back (Halko, Martinsson and Tropp 2011, algorithm 4.4).
        let private range (draw: int -> int -> Tensor) q rounds (a: Tensor) : Tensor =
            let ortho t = fst (Linalg.qr false t)
            let around basis = ortho (times a (ortho (times (adjoint a) basis)))

            (ortho (times a (draw (Matrices.columnCount a) q)), seq { 1..rounds })
            ||> Seq.fold (fun basis _ -> around basis)

        /// U, S and V (as columns) of nearly the best approximation of rank q, from q random vectors that `draw` gives for a number of
        /// rows and of columns. `mean`, a row, is taken off every row first.
        let svdLowrank (draw: int -> int -> Tensor) q rounds (mean: Tensor option) (a: Tensor) : Tensor * Tensor * Tensor =
            MatrixChecks.floatingMatrix "svd_lowrank" a

            if q < 0 then
                raise (ArgumentValueException $"q(={q}) must be non-negative integer (svd_lowrank)")

            let m, n = Matrices.rowCount a, Matrices.columnCount a

            let centred =
                match mean with
                | Some mean -> sub a mean
                | None -> a

            // The smaller of the two problems: of the rows where there are fewer of them, or where q columns are few.
            if m < n || n > q then
                let basis = range draw q rounds (adjoint centred)
                let u, s, vh = Linalg.svd false (times centred basis)
                u, s, times basis (adjoint vh)
            else
                let basis = range draw q rounds centred
                let u, s, vh = Linalg.svd false (times (adjoint basis) centred)
                times basis u, s, adjoint vh

        /// Principal components: `svdLowrank` of what is left when the mean of the rows is taken off.
        let pcaLowrank draw q center rounds (a: Tensor) : Tensor * Tensor * Tensor =
            MatrixChecks.floatingMatrix "pca_lowrank" a
            let m, n = Matrices.rowCount a, Matrices.columnCount a

            if q < 0 || q > min m n then
                raise (ArgumentValueException $"q(={q}) must be non-negative integer and not greater than min(m, n)={min m n}")

            if rounds < 0 then
                raise (ArgumentValueException $"niter(={rounds}) must be non-negative integer")

            svdLowrank draw q rounds None (if center then sub a (Tensor.meanOver [ a.Rank - 2 ] true a) else a)

        /// The k largest (or smallest) eigenvalues of A x = l B x and their vectors, for hermitian A and positive-definite B (1, if none).
        /// The vectors are orthonormal as B measures it. Nothing is iterated: the whole problem is solved, to full precision.
        let lobpcg k largest (b: Tensor option) (a: Tensor) : Tensor * Tensor =
            MatrixChecks.floatingSquare "lobpcg" a
            let n = Matrices.rowCount a

            if 3 * k > n then
                raise (
                    ArgumentValueException
                        $"LPBPCG algorithm is not applicable when the number of A rows (={n}) is smaller than 3 x the number of requested eigenpairs (={k})"
                )

            let few (values: Tensor, vectors: Tensor) =
                let order = if largest then [ n - 1 .. -1 .. n - k ] else [ 0 .. k - 1 ]
                let places = Constants.integers a [| k |] (order |> List.map int64 |> Array.ofList)
                Tensor.indexSelect -1 places values, Tensor.indexSelect -1 places vectors

            match b with
            | None -> few (Linalg.eigh false a)
            | Some b ->
                let l = Linalg.cholesky false b
                let under t = Linalg.solveTriangular false true false l t
                let values, vectors = few (Linalg.eigh false (adjoint (under (adjoint (under a)))))
                values, Linalg.solveTriangular true true false (adjoint l) vectors

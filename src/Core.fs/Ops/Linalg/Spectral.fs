namespace Functional

open Functional.Contract

/// Singular values and eigenvalues. Leading dimensions are batch.
[<AutoOpen>]
module SpectralOperations =
    [<RequireQualifiedAccess>]
    module Linalg =
        /// U, singular values from the largest down, and V with A = U S V*; `full` gives all columns of U and V, of which those beyond
        /// the smaller side of A have no derivative.
        let svdUSV full (a: Tensor) : Tensor * Tensor * Tensor =
            MatrixChecks.floatingMatrix "linalg.svd" a
            let m, n = Matrices.rowCount a, Matrices.columnCount a
            let k = min m n
            let packed = SpectralFactors.svd full a
            let part first rows columns = Matrices.rows first rows packed |> Matrices.columns 0 columns
            let s = Matrices.vector (part m 1 k) |> Engine.cast (Dtype.toReal a.Dtype)
            part 0 m (if full then m else k), s, part (m + 1) n (if full then n else k)

        /// U, singular values and V* with A = U S V*.
        let svd full (a: Tensor) : Tensor * Tensor * Tensor =
            let u, s, v = svdUSV full a
            u, s, Matrices.adjoint v

        /// Singular values from the largest down.
        let svdvals (a: Tensor) : Tensor =
            MatrixChecks.floatingMatrix "linalg.svdvals" a
            SpectralFactors.singularValues a

        /// The triangle that is read, as the lower one.
        let private triangle upper (a: Tensor) = if upper then Matrices.adjoint a else a

        /// Eigenvalues from the smallest up and eigenvectors (columns) of a Hermitian matrix, of which one triangle is read.
        let eigh upper (a: Tensor) : Tensor * Tensor =
            MatrixChecks.floatingSquare "linalg.eigh" a
            let n = Matrices.columnCount a
            let packed = SpectralFactors.hermitianEigen (triangle upper a)
            Matrices.vector (Matrices.rows 0 1 packed) |> Engine.cast (Dtype.toReal a.Dtype), Matrices.rows 1 n packed

        /// Eigenvalues of a Hermitian matrix from the smallest up.
        let eigvalsh upper (a: Tensor) : Tensor =
            MatrixChecks.floatingSquare "linalg.eigvalsh" a
            SpectralFactors.hermitianEigenvalues (triangle upper a)

        /// Eigenvalues and eigenvectors (columns of length 1) of a square matrix, complex.
        let eig (a: Tensor) : Tensor * Tensor =
            MatrixChecks.floatingSquare "linalg.eig" a
            let packed = SpectralFactors.eigen a
            Matrices.vector (Matrices.rows 0 1 packed), Matrices.rows 1 (Matrices.columnCount a) packed

        /// Eigenvalues of a square matrix, complex.
        let eigvals (a: Tensor) : Tensor =
            MatrixChecks.floatingSquare "linalg.eigvals" a
            SpectralFactors.eigenvalues a

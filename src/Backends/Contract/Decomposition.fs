namespace Functional.Contract

/// What is computed of one matrix, or of a few matrices that go together. Inputs have equal leading batch dimensions;
/// results with several parts hold them side by side in one matrix, to be cut apart by views. m and n are rows and
/// columns of the first input, k the smaller of the two.
[<RequireQualifiedAccess>]
type Decomposition =
    /// Hermitian [n, n], of which the lower triangle is read -> [n + 1, n]: L with A = L L*, and a row that begins with 0 or with
    /// the order of the leading minor that is not positive.
    | Cholesky
    /// -> [m + 2, n]: L below the diagonal and U, a row with k pivots (row i was swapped with row pivot[i], counted from 1),
    /// and a row that begins with 0 or with the number of the first pivot that is zero.
    | Lu
    /// -> [m + 1, n]: R and below it the Householder vectors as LAPACK's geqrf stores them, and a row with their k scales.
    | Householder
    /// -> [m, k + n]: Q beside R, over rows of zeros; complete: [m, m + n].
    | Qr of complete: bool
    /// -> [m + 1 + n, k]: U, a row of singular values from the largest down, V; full: with all columns, [m + 1 + n, max m n].
    | Svd of full: bool
    /// -> [k], real, from the largest down.
    | SingularValues
    /// Hermitian [n, n], of which the lower triangle is read -> [n + 1, n]: a row of eigenvalues from the smallest up, eigenvectors.
    | HermitianEigen
    /// -> [n], real, from the smallest up.
    | HermitianEigenvalues
    /// -> [n + 1, n], complex: a row of eigenvalues, eigenvectors of length 1.
    | Eigen
    /// -> [n], complex.
    | Eigenvalues
    /// A matrix, an absolute and a relative bound (real, one number each) -> [n, m]: the pseudoinverse, for which singular
    /// values up to the larger of the absolute bound and the relative one times the largest singular value count as zero.
    | PseudoInverse
    /// A triangle [n, n] and right sides [n, r] -> [n, r]; unit: the diagonal is taken for ones and not read.
    | TriangularSolve of upper: bool * unit: bool
    /// What Lu gave of [n, n], and right sides [n, r] -> [n, r]: solutions of A X = B, or of A* X = B if adjoint.
    | LuSolve of adjoint: bool
    /// Symmetric or hermitian [n, n], of which the lower triangle is read -> [n + 2, n]: L with D in it as LAPACK's sytrf stores them, a row of
    /// pivots, and a row that begins with 0 or with the number of the first block of D that is zero.
    | Ldl of hermitian: bool
    /// What Ldl gave of [n, n], and right sides [n, r] -> [n, r].
    | LdlSolve of hermitian: bool

/// Names and shapes of decompositions.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Decomposition =
    /// PyTorch's name of the function that it serves, for errors.
    let name kind =
        match kind with
        | Decomposition.Cholesky -> "linalg.cholesky"
        | Decomposition.Lu -> "linalg.lu_factor"
        | Decomposition.Householder -> "geqrf"
        | Decomposition.Qr _ -> "linalg.qr"
        | Decomposition.Svd _ -> "linalg.svd"
        | Decomposition.SingularValues -> "linalg.svdvals"
        | Decomposition.HermitianEigen -> "linalg.eigh"
        | Decomposition.HermitianEigenvalues -> "linalg.eigvalsh"
        | Decomposition.Eigen -> "linalg.eig"
        | Decomposition.Eigenvalues -> "linalg.eigvals"
        | Decomposition.PseudoInverse -> "linalg.pinv"
        | Decomposition.TriangularSolve _ -> "linalg.solve_triangular"
        | Decomposition.LuSolve _ -> "linalg.solve"
        | Decomposition.Ldl _ -> "linalg.ldl_factor"
        | Decomposition.LdlSolve _ -> "linalg.ldl_solve"

    /// The dtype of the result for a first input of this dtype.
    let dtype kind source =
        match kind with
        | Decomposition.SingularValues
        | Decomposition.HermitianEigenvalues -> Dtype.toReal source
        | Decomposition.Eigen
        | Decomposition.Eigenvalues -> Dtype.toComplex source
        | _ -> source

    /// The shape of the result, without batch dimensions, for inputs without them.
    let shape kind (inputs: Shape[]) : Shape =
        let m, n = inputs[0][0], inputs[0][1]
        let k = min m n

        match kind with
        | Decomposition.Cholesky
        | Decomposition.Householder
        | Decomposition.HermitianEigen
        | Decomposition.Eigen -> [| m + 1; n |]
        | Decomposition.Lu
        | Decomposition.Ldl _ -> [| m + 2; n |]
        | Decomposition.Qr false -> [| m; k + n |]
        | Decomposition.Qr true -> [| m; m + n |]
        | Decomposition.Svd false -> [| m + 1 + n; k |]
        | Decomposition.Svd true -> [| m + 1 + n; max m n |]
        | Decomposition.SingularValues
        | Decomposition.HermitianEigenvalues
        | Decomposition.Eigenvalues -> [| k |]
        | Decomposition.PseudoInverse -> [| n; m |]
        | Decomposition.TriangularSolve _
        | Decomposition.LuSolve _
        | Decomposition.LdlSolve _ -> inputs[1]

    /// How many dimensions each input has behind the batch dimensions.
    let ranks kind =
        match kind with
        | Decomposition.PseudoInverse -> [| 2; 0; 0 |]
        | Decomposition.TriangularSolve _
        | Decomposition.LuSolve _
        | Decomposition.LdlSolve _ -> [| 2; 2 |]
        | _ -> [| 2 |]

namespace Functional.Torch;

public static partial class torch
{
    // What the core gives in tuples of its own.
    static (Tensor, Tensor) Two(Tuple<CoreTensor, CoreTensor> parts) => (new(parts.Item1), new(parts.Item2));
    static (Tensor, Tensor, Tensor) Three(Tuple<CoreTensor, CoreTensor, CoreTensor> parts) => (new(parts.Item1), new(parts.Item2), new(parts.Item3));

    static void Pivoting(bool pivot, string name)
    {
        if (!pivot) throw new UnsupportedException(name, "cpu", "LU without pivoting is not implemented on the CPU");
    }

    /// <summary>Linear algebra.</summary>
    public static partial class linalg
    {
        /// <summary>The Cholesky factor of a symmetric positive-definite matrix: L with A = L Lᴴ, or its adjoint if `upper`.</summary>
        [Forms(Forms.Out)]
        public static Tensor cholesky(Tensor A, bool upper = false) => new(Factoring.cholesky(upper, Autocast.As(A).Core));

        /// <summary>The Cholesky factor, and 0 or the order of the first leading minor that is not positive.</summary>
        [Forms(Forms.Out)]
        public static (Tensor L, Tensor info) cholesky_ex(Tensor A, bool upper = false, bool check_errors = false) => Two(Factoring.choleskyEx(upper, check_errors, Autocast.As(A).Core));

        /// <summary>L and U packed in one matrix, and the pivots.</summary>
        [Forms(Forms.Out)]
        public static (Tensor LU, Tensor pivots) lu_factor(Tensor A, bool pivot = true)
        {
            Pivoting(pivot, "linalg.lu_factor");
            return Two(Factoring.luFactor(Autocast.As(A).Core));
        }

        /// <summary>L and U packed in one matrix, the pivots, and 0 or the number of the first zero pivot.</summary>
        [Forms(Forms.Out)]
        public static (Tensor LU, Tensor pivots, Tensor info) lu_factor_ex(Tensor A, bool pivot = true, bool check_errors = false)
        {
            Pivoting(pivot, "linalg.lu_factor_ex");
            return Three(Factoring.luFactorEx(check_errors, Autocast.As(A).Core));
        }

        /// <summary>P, L and U with A = P L U.</summary>
        [Forms(Forms.Out)]
        public static (Tensor P, Tensor L, Tensor U) lu(Tensor A, bool pivot = true)
        {
            Pivoting(pivot, "linalg.lu");
            return Three(Factoring.lu(Autocast.As(A).Core));
        }

        /// <summary>The solution of A X = B (or X A = B unless `left`, or with Aᴴ if `adjoint`) by the factors of A.</summary>
        [Forms(Forms.Out)]
        public static Tensor lu_solve(Tensor LU, Tensor pivots, Tensor B, bool left = true, bool adjoint = false) =>
            new(Factoring.luSolve(left, adjoint, Autocast.As(LU).Core, pivots.Core, Autocast.As(B).Core));

        /// <summary>Q with orthonormal columns and R, a triangle, with A = Q R. Modes: reduced, complete, r (Q is empty).</summary>
        [Forms(Forms.Out)]
        public static (Tensor Q, Tensor R) qr(Tensor A, string mode = "reduced")
        {
            if (mode is not ("reduced" or "complete" or "r"))
                throw new ArgumentValueException($"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'");
            var (q, r) = Two(Factoring.qr(mode == "complete", Autocast.As(A).Core));
            return (mode == "r" ? empty([0], A.dtype) : q, r);
        }

        /// <summary>The first columns of the product of the Householder reflections that geqrf gave.</summary>
        [Forms(Forms.Out)]
        public static Tensor householder_product(Tensor A, Tensor tau) => new(Factoring.householderProduct(Autocast.As(A).Core, Autocast.As(tau).Core));

        /// <summary>The solution of A X = B for a triangle A (or X A = B unless `left`); the diagonal counts as ones if `unitriangular`.</summary>
        [Forms(Forms.Out)]
        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false) =>
            new(Factoring.solveTriangular(upper, left, unitriangular, Autocast.As(A).Core, Autocast.As(B).Core));
    }

    /// <inheritdoc cref="linalg.cholesky(Tensor, bool)"/>
    [Forms(Forms.MethodOut)]
    public static Tensor cholesky(Tensor input, bool upper = false) => linalg.cholesky(input, upper);

    /// <summary>The inverse of A by its Cholesky factor.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor cholesky_inverse(Tensor input, bool upper = false) => new(Factoring.choleskyInverse(upper, Autocast.As(input).Core));

    /// <summary>The solution of A X = input by the Cholesky factor of A.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false) => new(Factoring.choleskySolve(upper, Autocast.As(input).Core, Autocast.As(input2).Core));

    /// <summary>L and U packed in one matrix, and the pivots.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor LU, Tensor pivots) lu(Tensor A, bool pivot = true)
    {
        var (factors, pivots, _) = linalg.lu_factor_ex(A, pivot);
        return (factors, pivots);
    }

    /// <summary>L and U packed in one matrix, the pivots, and if asked for 0 or the number of the first zero pivot.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] lu(Tensor A, bool pivot, bool get_infos)
    {
        var (factors, pivots, infos) = linalg.lu_factor_ex(A, pivot);
        return get_infos ? [factors, pivots, infos] : [factors, pivots];
    }

    /// <summary>L and U packed in one matrix, and the pivots, into tensors that are given.</summary>
    public static (Tensor LU, Tensor pivots) lu(Tensor A, bool pivot, bool get_infos, (Tensor LU, Tensor pivots) @out) => Tensor.ReceiveAll(@out, lu(A, pivot));

    /// <summary>L and U packed in one matrix, the pivots, and 0 or the number of the first zero pivot, into tensors that are given.</summary>
    public static (Tensor LU, Tensor pivots, Tensor infos) lu(Tensor A, bool pivot, bool get_infos, (Tensor LU, Tensor pivots, Tensor infos) @out) =>
        Tensor.ReceiveAll(@out, linalg.lu_factor_ex(A, pivot));

    /// <summary>P, L and U of packed factors; what is not asked for is empty.</summary>
    [Forms(Forms.Out)]
    public static (Tensor P, Tensor L, Tensor U) lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data = true, bool unpack_pivots = true)
    {
        var (p, l, u) = Three(Factoring.luUnpack(LU_data.Core, LU_pivots.Core));
        Tensor nothing() => empty([0], LU_data.dtype);
        return (unpack_pivots ? p : nothing(), unpack_data ? l : nothing(), unpack_data ? u : nothing());
    }

    /// <summary>The solution of A X = b by the factors of A.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor lu_solve(Tensor b, Tensor LU_data, Tensor LU_pivots) => linalg.lu_solve(LU_data, LU_pivots, b);

    /// <summary>Q and R with A = Q R; all columns of Q unless `some`.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor Q, Tensor R) qr(Tensor input, bool some = true) => linalg.qr(input, some ? "reduced" : "complete");

    /// <summary>R with the Householder vectors of its QR below it, and their scales, as LAPACK stores them.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor a, Tensor tau) geqrf(Tensor input) => Two(Factoring.geqrf(Autocast.As(input).Core));

    /// <inheritdoc cref="linalg.householder_product(Tensor, Tensor)"/>
    [Forms(Forms.MethodOut)]
    public static Tensor orgqr(Tensor input, Tensor tau) => linalg.householder_product(input, tau);

    /// <summary>Q times a matrix (or the matrix times Q unless `left`, or with Qᴴ if `transpose`), Q being the product of Householder reflections.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor ormqr(Tensor input, Tensor tau, Tensor other, bool left = true, bool transpose = false) =>
        new(Factoring.ormqr(left, transpose, Autocast.As(input).Core, Autocast.As(tau).Core, Autocast.As(other).Core));

    /// <summary>The solution of A X = b for a triangle A, and A.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor solution, Tensor cloned_coefficient) triangular_solve(Tensor b, Tensor A, bool upper = true, bool transpose = false, bool unitriangular = false)
    {
        (b, A) = (Autocast.As(b), Autocast.As(A));
        if (b.dim() < 2) throw new ShapeException($"torch.triangular_solve: Expected b to have at least 2 dimensions, but it has {b.dim()} dimensions instead");
        if (A.dim() < 2) throw new ShapeException($"torch.triangular_solve: Expected A to have at least 2 dimensions, but it has {A.dim()} dimensions instead");
        var solution = transpose
            ? linalg.solve_triangular(torch.transpose(A, -2, -1), b, !upper, unitriangular: unitriangular)
            : linalg.solve_triangular(A, b, upper, unitriangular: unitriangular);
        long[] batch = [.. solution.shape[..^2], .. A.shape[^2..]];
        return (solution, A.expand(batch).clone());
    }
}

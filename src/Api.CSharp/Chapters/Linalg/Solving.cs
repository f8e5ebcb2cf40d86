using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    static FSharpOption<CoreTensor>? Bound(Tensor? bound) => bound is null ? null : FSharpOption<CoreTensor>.Some(bound.Core);
    static FSharpOption<CoreTensor>? Bound(double? bound) => bound is { } number ? FSharpOption<CoreTensor>.Some(tensor(number, ScalarType.Float64).Core) : null;

    public static partial class linalg
    {
        /// <summary>The solution of A X = B, or X A = B unless `left`.</summary>
        [Forms(Forms.Out)]
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => new(Solving.solve(left, Autocast.As(A).Core, Autocast.As(B).Core));

        /// <summary>The solution of A X = B, and 0 or the number of the first zero pivot.</summary>
        [Forms(Forms.Out)]
        public static (Tensor result, Tensor info) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) => Two(Solving.solveEx(left, check_errors, Autocast.As(A).Core, Autocast.As(B).Core));

        /// <summary>The inverse of a square matrix.</summary>
        [Forms(Forms.Out)]
        public static Tensor inv(Tensor A) => new(Solving.inv(Autocast.As(A).Core));

        /// <summary>The inverse of a square matrix, and 0 or the number of the first zero pivot.</summary>
        [Forms(Forms.Out)]
        public static (Tensor inverse, Tensor info) inv_ex(Tensor A, bool check_errors = false) => Two(Solving.invEx(check_errors, Autocast.As(A).Core));

        /// <summary>The pseudoinverse. Singular values up to max(atol, rtol * the largest) count as zero.</summary>
        [Forms(Forms.Out)]
        public static Tensor pinv(Tensor A, double? atol = null, double? rtol = null, bool hermitian = false) => new(Solving.pinv(Bound(atol), Bound(rtol), hermitian, Autocast.As(A).Core));

        /// <summary>The pseudoinverse, with bounds for each matrix.</summary>
        [OverloadResolutionPriority(-1)]
        public static Tensor pinv(Tensor A, Tensor? atol = null, Tensor? rtol = null, bool hermitian = false) => new(Solving.pinv(Bound(atol), Bound(rtol), hermitian, Autocast.As(A).Core));

        /// <summary>The pseudoinverse, with bounds for each matrix.</summary>
        public static Tensor pinv(Tensor A, Tensor? atol, Tensor? rtol, Tensor @out, bool hermitian = false) => @out.Receive(pinv(A, atol, rtol, hermitian));

        /// <summary>The pseudoinverse with a bound relative to the largest singular value.</summary>
        public static Tensor pinv(Tensor A, double rcond, bool hermitian = false) => pinv(A, null, rcond, hermitian);

        /// <summary>The pseudoinverse with a bound for each matrix, relative to its largest singular value.</summary>
        public static Tensor pinv(Tensor A, Tensor rcond, bool hermitian = false) => pinv(A, null, rcond, hermitian);

        /// <summary>How many singular values exceed absolute bounds given for each matrix.</summary>
        public static Tensor matrix_rank(Tensor A, Tensor tol, bool hermitian = false) => matrix_rank(A, tol, null, hermitian);

        /// <summary>How many singular values (eigenvalues by magnitude, if hermitian) exceed max(atol, rtol * the largest).</summary>
        [Forms(Forms.Out)]
        public static Tensor matrix_rank(Tensor A, double? atol = null, double? rtol = null, bool hermitian = false) => new(Solving.matrixRank(Bound(atol), Bound(rtol), hermitian, Autocast.As(A).Core));

        /// <summary>How many singular values exceed bounds given for each matrix.</summary>
        [Forms(Forms.Out)]
        public static Tensor matrix_rank(Tensor A, Tensor? atol, Tensor? rtol, bool hermitian = false) => new(Solving.matrixRank(Bound(atol), Bound(rtol), hermitian, Autocast.As(A).Core));

        /// <summary>X of least |A X - B|, the squared lengths of what is left, the rank and the singular values; what the driver (gelsy, gels, gelsd, gelss) does not report is empty.</summary>
        [Forms(Forms.Out)]
        public static (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values) lstsq(Tensor A, Tensor B, double? rcond = null, string? driver = null)
        {
            var way = driver switch
            {
                null or "gelsy" => LeastSquares.Gelsy,
                "gels" => LeastSquares.Gels,
                "gelsd" => LeastSquares.Gelsd,
                "gelss" => LeastSquares.Gelss,
                _ => throw new ArgumentValueException($"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), but got '{driver}'"),
            };
            var parts = Solving.lstsq(way, rcond is { } bound ? FSharpOption<double>.Some(bound) : null, Autocast.As(A).Core, Autocast.As(B).Core);
            return (new(parts.Item1), new(parts.Item2), new(parts.Item3), new(parts.Item4));
        }

        /// <summary>The inverse of a tensor as a map from its last dimensions to its first `ind` ones.</summary>
        [Forms(Forms.Out)]
        public static Tensor tensorinv(Tensor A, long ind = 2) => new(Solving.tensorinv(Convert.Int(ind), Autocast.As(A).Core));

        /// <summary>X with tensordot(A, X) = B; dimensions `dims` of A are moved to its end first.</summary>
        [Forms(Forms.Out)]
        public static Tensor tensorsolve(Tensor A, Tensor B, long[]? dims = null) => new(Solving.tensorsolve(Convert.List(dims ?? []), Autocast.As(A).Core, Autocast.As(B).Core));
    }

    /// <inheritdoc cref="linalg.inv(Tensor)"/>
    [Forms(Forms.MethodOut)]
    public static Tensor inverse(Tensor input) => linalg.inv(input);

    /// <summary>The pseudoinverse of a matrix; singular values up to `rcond` times the largest count as zero.</summary>
    [Forms(Forms.Method)]
    public static Tensor pinverse(Tensor input, double rcond = 1e-15) => linalg.pinv(Autocast.As(input), rcond);

    /// <summary>The determinant of a square matrix.</summary>
    [Forms(Forms.MethodOut, "linalg.det")]
    public static Tensor det(Tensor input) => new(Solving.det(input.Core));

    /// <summary>The sign of the determinant, and the logarithm of its magnitude.</summary>
    [Forms(Forms.MethodOut, "linalg.slogdet")]
    public static (Tensor sign, Tensor logabsdet) slogdet(Tensor input) => Two(Solving.slogdet(input.Core));

    /// <summary>The logarithm of the determinant; nan where that is negative.</summary>
    [Forms(Forms.Method)]
    public static Tensor logdet(Tensor input) => new(Solving.logdet(input.Core));

    /// <summary>The n-th power of a square matrix; negative ones are powers of the inverse.</summary>
    [Forms(Forms.MethodOut, "linalg.matrix_power")]
    public static Tensor matrix_power(Tensor input, long n) => new(Solving.matrixPower(Convert.Int(n), input.Core));

    /// <summary>The exponential of a square matrix.</summary>
    [Forms(Forms.Method, "linalg.matrix_exp")]
    public static Tensor matrix_exp(Tensor input) => new(Exponential.matrixExp(input.Core));
}

namespace Functional.Torch;

public static partial class torch
{
    static bool IsUpper(string UPLO) => UPLO switch
    {
        "U" or "u" => true,
        "L" or "l" => false,
        _ => throw new ArgumentValueException($"Expected UPLO argument to be 'L' or 'U', but got {UPLO}"),
    };

    public static partial class linalg
    {
        /// <summary>U, singular values from the largest down, and Vᴴ with A = U S Vᴴ. The driver is accepted and makes no difference.</summary>
        [Forms(Forms.Out)]
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor A, bool full_matrices = true, string? driver = null) => Three(Spectral.svd(full_matrices, Autocast.As(A).Core));

        /// <summary>Singular values from the largest down.</summary>
        [Forms(Forms.Out)]
        public static Tensor svdvals(Tensor A, string? driver = null) => new(Spectral.svdvals(Autocast.As(A).Core));

        /// <summary>Eigenvalues from the smallest up and eigenvectors of a Hermitian matrix, of which one triangle is read.</summary>
        [Forms(Forms.Out)]
        public static (Tensor eigenvalues, Tensor eigenvectors) eigh(Tensor A, string UPLO = "L") => Two(Spectral.eigh(IsUpper(UPLO), Autocast.As(A).Core));

        /// <summary>Eigenvalues of a Hermitian matrix from the smallest up.</summary>
        [Forms(Forms.Out)]
        public static Tensor eigvalsh(Tensor A, string UPLO = "L") => new(Spectral.eigvalsh(IsUpper(UPLO), Autocast.As(A).Core));

        /// <summary>Eigenvalues and eigenvectors of a square matrix; complex.</summary>
        [Forms(Forms.Out)]
        public static (Tensor eigenvalues, Tensor eigenvectors) eig(Tensor A) => Two(Spectral.eig(Autocast.As(A).Core));

        /// <summary>Eigenvalues of a square matrix; complex.</summary>
        [Forms(Forms.Out)]
        public static Tensor eigvals(Tensor A) => new(Spectral.eigvals(Autocast.As(A).Core));
    }

    /// <summary>U, singular values and V with A = U S Vᴴ; all columns unless `some`; zeros for U and V unless `compute_uv`.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor U, Tensor S, Tensor V) svd(Tensor input, bool some = true, bool compute_uv = true)
    {
        if (compute_uv) return Three(Spectral.svdUSV(!some, Autocast.As(input).Core));
        var values = linalg.svdvals(input);
        long[] batch = input.shape[..^2];
        long m = input.size(-2), n = input.size(-1);
        return (zeros([.. batch, m, m], input.dtype), values, zeros([.. batch, n, n], input.dtype));
    }

    /// <summary>Eigenvalues and, if asked for, eigenvectors of a symmetric matrix, of which one triangle is read.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor eigenvalues, Tensor eigenvectors) symeig(Tensor input, bool eigenvectors = false, bool upper = true) =>
        eigenvectors ? Two(Spectral.eigh(upper, Autocast.As(input).Core)) : (new(Spectral.eigvalsh(upper, Autocast.As(input).Core)), empty([0], input.dtype));
}

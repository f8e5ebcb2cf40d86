namespace Functional.Torch;

// Factors of matrices that are symmetric but not definite, and problems of which only a part is wanted.
public static partial class torch
{
    public static partial class linalg
    {
        /// <summary>L with D in it, packed as LAPACK does, and pivots of a symmetric (or Hermitian) matrix whose lower triangle is read. Raises LinAlgException where D has a zero block.</summary>
        [Forms(Forms.Out)]
        public static (Tensor LD, Tensor pivots) ldl_factor(Tensor A, bool hermitian = false) => Two(Indefinites.ldlFactor(hermitian, A.Core));

        /// <summary>The same, and for each matrix 0 or the number of the first zero block.</summary>
        [Forms(Forms.Out)]
        public static (Tensor LD, Tensor pivots, Tensor info) ldl_factor_ex(Tensor A, bool hermitian = false, bool check_errors = false) => Three(Indefinites.ldlFactorEx(hermitian, check_errors, A.Core));

        /// <summary>X with A X = B by what ldl_factor gave of A. Gradients go to B.</summary>
        [Forms(Forms.Out)]
        public static Tensor ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian = false) => new(Indefinites.ldlSolve(hermitian, LD.Core, pivots.Core, B.Core));
    }

    static Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<int, CoreTensor>> Drawn(Tensor like) =>
        Microsoft.FSharp.Core.FuncConvert.FromFunc((int rows, int columns) => randn([rows, columns], like.dtype, like.device).Core);

    /// <summary>U, S and V with nearly A - M = U diag(S) V*, of a rank q that is a little more than is expected (Halko et al. 2011).</summary>
    public static (Tensor U, Tensor S, Tensor V) svd_lowrank(Tensor A, long q = 6, long niter = 2, Tensor? M = null) =>
        Three(LowRank.svdLowrank(Drawn(A), Convert.Int(q), Convert.Int(niter), Maybe(M), A.Core));

    /// <summary>Principal components of the rows of A: U, S and V of A without the mean of its rows, of rank q (the least of 6 and the sizes, if none is given).</summary>
    public static (Tensor U, Tensor S, Tensor V) pca_lowrank(Tensor A, long? q = null, bool center = true, long niter = 2) =>
        Three(LowRank.pcaLowrank(Drawn(A), Convert.Int(q ?? Math.Min(6, Math.Min(A.size(-2), A.size(-1)))), center, Convert.Int(niter), A.Core));

    /// <summary>
    /// The k largest (or smallest) eigenvalues of A x = l B x, and their vectors. Matrices are dense here, so nothing is iterated: the whole problem is solved
    /// to full precision, and what PyTorch takes to begin and to stop by (X, n, iK, niter, tol, method and the others) is accepted and changes nothing.
    /// </summary>
    public static (Tensor E, Tensor X) lobpcg(Tensor A, long? k = null, Tensor? B = null, Tensor? X = null, long? n = null, Tensor? iK = null, long? niter = null, double? tol = null, bool? largest = null, string? method = null)
    {
        if (method is not (null or "basic" or "ortho")) throw new ArgumentValueException($"lobpcg: expected method to be basic or ortho, but got {method}");
        var count = k ?? (X is null ? 1 : X.size(-1));
        return Two(LowRank.lobpcg(Convert.Int(count), largest ?? true, Maybe(B), A.Core));
    }

    /// <summary>Consecutive pieces of a dimension, cut by their lengths or by where they begin and end, each reduced ("sum", "mean", "max", "min", "prod").</summary>
    public static Tensor segment_reduce(Tensor data, string reduce, Tensor? lengths = null, Tensor? indices = null, Tensor? offsets = null, long axis = 0, bool @unsafe = false, Scalar? initial = null)
    {
        if (indices is not null) throw new ArgumentValueException("segment_reduce(): indices based reduction is not supported yet.");
        if (lengths is null && offsets is null) throw new ArgumentValueException("segment_reduce(): Either lengths or offsets must be defined.");
        var reduction = reduce switch
        {
            "sum" => PlaceReduction.ReduceSum,
            "mean" => PlaceReduction.ReduceMean,
            "max" => PlaceReduction.ReduceMaximum,
            "min" => PlaceReduction.ReduceMinimum,
            "prod" => PlaceReduction.ReduceProduct,
            _ => throw new ArgumentValueException($"unsupported reduction given! {reduce}"),
        };
        var sizes = lengths ?? diff(offsets!);
        if (Dim(data, axis) != sizes.dim() - 1)
            throw new ArgumentValueException($"segment_reduce(): Expected axis to be the last dimension in lengths but got {axis}.");
        if (data.numel() == 0) throw new ShapeException("Expected data.numel() > 0 to be true, but got false. (segment_reduce)");
        var start = initial is { } i ? Microsoft.FSharp.Core.FSharpOption<double>.Some(i.ToDouble()) : null;
        return new(Segments.segmentReduce(reduction, sizes.Core, start, @unsafe, data.Core));
    }
}

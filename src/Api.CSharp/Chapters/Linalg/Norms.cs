using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    static MatrixOrder Order(string name, string ord) => ord switch
    {
        "fro" => MatrixOrder.Frobenius,
        "nuc" => MatrixOrder.Nuclear,
        _ => throw new ArgumentValueException($"{name}: Order {ord} not supported."),
    };

    static MatrixOrder Order(Scalar ord) => MatrixOrder.NewOrder(ord.ToDouble());

    static Tensor MatrixNorm(Tensor A, MatrixOrder order, long[]? dim, bool keepdim, ScalarType? dtype)
    {
        long[] dims = dim ?? [-2, -1];
        if (dims.Length != 2) throw new ArgumentValueException($"linalg.matrix_norm: dim must be a 2-tuple. Got {string.Join(" ", dims)}");
        return new(LinalgNorms.matrixNorm(order, Convert.Int(dims[0]), Convert.Int(dims[1]), keepdim, Folding(A, dtype).Core));
    }

    public static partial class linalg
    {
        /// <summary>The p-norm over dimensions: p = `ord`, 0 counts what is not zero, infinities take the largest or smallest magnitude.</summary>
        [Forms(Forms.Out)]
        public static Tensor vector_norm(Tensor x, double ord = 2, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            new(LinalgNorms.vectorNorm(ord, Convert.List(dim ?? []), keepdim, Folding(x, dtype).Core));

        /// <summary>The p-norm over a dimension.</summary>
        [Forms(Forms.Out)]
        public static Tensor vector_norm(Tensor x, double ord, long dim, bool keepdim = false, ScalarType? dtype = null) => vector_norm(x, ord, [dim], keepdim, dtype);

        /// <summary>The Frobenius ("fro") or nuclear ("nuc") norm of matrices.</summary>
        [Forms(Forms.Out)]
        public static Tensor matrix_norm(Tensor A, string ord = "fro", long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            MatrixNorm(A, Order("linalg.matrix_norm", ord), dim, keepdim, dtype);

        /// <summary>The norm of matrices by their largest (or, for negative orders, smallest) column sum (1), singular value (2) or row sum (inf).</summary>
        [Forms(Forms.Out)]
        public static Tensor matrix_norm(Tensor A, Scalar ord, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) => MatrixNorm(A, Order(ord), dim, keepdim, dtype);

        /// <summary>The norm of vectors or matrices: of the whole tensor as a vector without order and dimensions, of vectors over one dimension, of matrices over two.</summary>
        [Forms(Forms.Out)]
        public static Tensor norm(Tensor A, Scalar? ord = null, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null)
        {
            if (ord is not { } order) return vector_norm(A, 2, dim, keepdim, dtype);
            if (dim is null && A.dim() is not (1 or 2)) throw new ShapeException($"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.dim()}D.");
            if (dim is { Length: not (1 or 2) }) throw new ArgumentValueException($"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {dim.Length}");
            return dim is { Length: 2 } || dim is null && A.dim() == 2 ? matrix_norm(A, order, dim, keepdim, dtype) : vector_norm(A, order.ToDouble(), dim, keepdim, dtype);
        }

        /// <summary>The Frobenius ("fro") or nuclear ("nuc") norm of matrices.</summary>
        [Forms(Forms.Out)]
        public static Tensor norm(Tensor A, string ord, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null)
        {
            if (dim is null && A.dim() != 2) throw new ShapeException($"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.dim()}D.");
            return matrix_norm(A, ord, dim, keepdim, dtype);
        }

        /// <summary>The condition number of a matrix: the ratio of its largest and smallest singular value, or |A| |A⁻¹| in a norm.</summary>
        [Forms(Forms.Out)]
        public static Tensor cond(Tensor A, Scalar? p = null) =>
            new(LinalgNorms.cond(p is { } order ? FSharpOption<MatrixOrder>.Some(Order(order)) : null, Autocast.As(A).Core));

        /// <summary>The condition number in the Frobenius ("fro") or nuclear ("nuc") norm.</summary>
        [Forms(Forms.Out)]
        public static Tensor cond(Tensor A, string p) => new(LinalgNorms.cond(FSharpOption<MatrixOrder>.Some(Order("linalg.cond", p)), Autocast.As(A).Core));
    }

    /// <summary>The Frobenius ("fro", the root of the sum of squares over all dimensions or those named) or nuclear ("nuc") norm.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor norm(Tensor input, string? p = "fro", long[]? dim = null, bool keepdim = false, ScalarType? dtype = null)
    {
        if (p is null or "fro") return norm(input, 2, dim, keepdim, dtype);
        if (p != "nuc") throw new ArgumentValueException($"only valid string values are 'fro' and 'nuc', found {p}");
        if (dim is null && input.dim() != 2) throw new ShapeException($"Expected a tensor with 2 dimensions, but got a tensor with {input.dim()} dimensions instead. (norm with p='nuc': name two dimensions)");
        return linalg.matrix_norm(input, "nuc", dim, keepdim, dtype);
    }

    /// <summary>The p-norm over all dimensions or those named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor norm(Tensor input, Scalar p, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        new(Distances.norm(p.ToDouble(), Convert.List(dim ?? []), keepdim, Folding(input, dtype).Core));

    /// <summary>The p-norm over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor norm(Tensor input, Scalar p, long dim, bool keepdim = false, ScalarType? dtype = null) => norm(input, p, [dim], keepdim, dtype);

    /// <summary>The root of the sum of squares over a dimension ("fro").</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor norm(Tensor input, string p, long dim, bool keepdim = false, ScalarType? dtype = null) => norm(input, p, [dim], keepdim, dtype);

    /// <summary>The p-norm of the difference.</summary>
    [Forms(Forms.Method)]
    public static Tensor dist(Tensor input, Tensor other, double p = 2) => new(Distances.dist(p, Autocast.As(input).Core, Autocast.As(other).Core));

    /// <summary>Slices along a dimension whose p-norm exceeds `maxnorm`, scaled down to it.</summary>
    [Forms(Forms.All)]
    public static Tensor renorm(Tensor input, double p, long dim, double maxnorm) => new(Distances.renorm(p, Convert.Int(dim), maxnorm, Autocast.As(input).Core));

    /// <summary>The norm of each slice along a dimension, which alone stays; of everything for dimension -1.</summary>
    public static Tensor norm_except_dim(Tensor v, long pow = 2, long dim = 0) => new(Distances.normExceptDim(pow, Convert.Int(dim), v.Core));

    /// <summary>The p-norm of every difference of a row of one matrix and a row of another.</summary>
    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2, string compute_mode = "use_mm_for_euclid_dist_if_necessary")
    {
        if (compute_mode is not ("use_mm_for_euclid_dist_if_necessary" or "use_mm_for_euclid_dist" or "donot_use_mm_for_euclid_dist"))
            throw new ArgumentValueException($"{compute_mode} is not a valid value for compute_mode");
        return new(Distances.cdist(p, Autocast.As(x1).Core, Autocast.As(x2).Core));
    }
}

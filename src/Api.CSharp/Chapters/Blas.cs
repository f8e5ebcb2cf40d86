namespace Functional.Torch;

public static partial class torch
{
    /// <summary>The product of two tensors: dot product, matrix-vector, matrix-matrix or batched, by their dimensions.</summary>
    [Forms(Forms.MethodOut, "linalg.matmul")]
    public static Tensor matmul(Tensor input, Tensor other) => new(Linears.matmul(Autocast.As(input).Core, Autocast.As(other).Core));

    static Tensor Product(Func<CoreTensor, CoreTensor, CoreTensor> f, Tensor a, Tensor b) => new(f(Autocast.As(a, "matmul").Core, Autocast.As(b, "matmul").Core));

    /// <summary>The product of two matrices.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor mm(Tensor input, Tensor mat2) => Product(Products.mm, input, mat2);

    /// <summary>The products of two batches of matrices.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor bmm(Tensor input, Tensor mat2) => Product(Products.bmm, input, mat2);

    /// <summary>The product of a matrix and a vector.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor mv(Tensor input, Tensor vec) => Product(Products.mv, input, vec);

    /// <summary>The dot product of two vectors.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor dot(Tensor input, Tensor tensor) => Product(Products.dot, input, tensor);

    static Tensor Mixed(Tensor input, Tensor product, Scalar? beta, Scalar? alpha)
    {
        if (alpha is { } a) product = mul(product, Fitting(a, product.Core.Dtype));
        if (beta is not { } b) return add(input, product);
        // With beta 0 not even nan of the input counts.
        return !b.ToBoolean() ? add(zeros_like(input), product) : add(mul(input, Fitting(b, input.Core.Dtype)), product);
    }

    /// <summary>beta * input + alpha * (mat1 @ mat2).</summary>
    [Forms(Forms.All)]
    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, Scalar? beta = null, Scalar? alpha = null) => Mixed(Autocast.As(input), mm(mat1, mat2), beta, alpha);
    /// <summary>beta * input + alpha * (mat @ vec).</summary>
    [Forms(Forms.All)]
    public static Tensor addmv(Tensor input, Tensor mat, Tensor vec, Scalar? beta = null, Scalar? alpha = null) => Mixed(Autocast.As(input), mv(mat, vec), beta, alpha);
    /// <summary>beta * input + alpha * outer(vec1, vec2).</summary>
    [Forms(Forms.All)]
    public static Tensor addr(Tensor input, Tensor vec1, Tensor vec2, Scalar? beta = null, Scalar? alpha = null) => Mixed(Autocast.As(input), outer(Autocast.As(vec1), Autocast.As(vec2)), beta, alpha);
    /// <summary>beta * input + alpha * (batch1 @ batch2).</summary>
    [Forms(Forms.All)]
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => Mixed(Autocast.As(input), bmm(batch1, batch2), beta, alpha);
    /// <summary>beta * input + alpha * sum over the batch of (batch1 @ batch2).</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) =>
        Mixed(Autocast.As(input), Autocast.As(sum(bmm(batch1, batch2), 0, dtype: batch1.dtype)), beta, alpha);
    /// <summary>beta * input + alpha * sum over the batch of (batch1 @ batch2), in the input's place; it takes the result's shape, as PyTorch's does.</summary>
    public static Tensor addbmm_(Tensor input, Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => input.addbmm_(batch1, batch2, beta, alpha);

    public partial class Tensor
    {
        /// <inheritdoc cref="torch.addbmm_(Tensor, Tensor, Tensor, Scalar?, Scalar?)"/>
        public Tensor addbmm_(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => Writable("addbmm_").Reshaping(torch.addbmm(this, batch1, batch2, beta, alpha));
    }

    /// <summary>All products of elements of two vectors.</summary>
    [Forms(Forms.MethodOut, "ger")]
    public static Tensor outer(Tensor input, Tensor vec2) => new(Products.outer(input.Core, vec2.Core));
}

using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class linalg
    {
        /// <summary>The product of several matrices in the order that takes the fewest multiplications; the first and the last may be vectors.</summary>
        [Forms(Forms.Out)]
        public static Tensor multi_dot(IEnumerable<Tensor> tensors) => new(LinalgProducts.multiDot(Convert.List(Autocast.All(tensors))));

        /// <summary>The diagonals of matrices: elements A[.., i, .., i + offset, ..] as a new last dimension. A view.</summary>
        public static Tensor diagonal(Tensor A, long offset = 0, long dim1 = -2, long dim2 = -1) => torch.diagonal(A, offset, dim1, dim2);

        /// <summary>The vector at right angles to both, along a dimension of size 3.</summary>
        [Forms(Forms.Out)]
        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => new(LinalgProducts.cross(Convert.Int(dim), input.Core, other.Core));

        /// <summary>Sums of products along a dimension, the first conjugated.</summary>
        [Forms(Forms.Out)]
        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1) => new(LinalgProducts.vecdot(Convert.Int(dim), x.Core, y.Core));

        /// <summary>Powers 0, 1, ... N - 1 of each element along a new last dimension.</summary>
        public static Tensor vander(Tensor x, long? N = null) =>
            new(LinalgProducts.vander(N is { } count ? FSharpOption<int>.Some(Convert.Int(count)) : null, x.Core));
    }

    /// <summary>The vector at right angles to both, along a dimension of size 3: the first such unless named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor cross(Tensor input, Tensor other, long? dim = null)
    {
        if (dim is { } named) return linalg.cross(input, other, named);
        if (input.dim() != other.dim()) throw new ShapeException($"inconsistent tensors dimensions input: {input.dim()} other: {other.dim()}");
        var first = Array.IndexOf(input.shape, 3);
        return first >= 0 ? linalg.cross(input, other, first) : throw new ShapeException("no dimension of size 3 in input");
    }

    /// <summary>Powers of each element of a vector along a new dimension: falling, or rising if `increasing`.</summary>
    public static Tensor vander(Tensor x, long? N = null, bool increasing = false)
    {
        if (x.dim() != 1) throw new ShapeException("x must be a one-dimensional tensor.");
        var count = N ?? x.size(0);
        if (count < 0) throw new ArgumentValueException("N must be non-negative.");
        var whole = IsWhole(x.Core.Dtype) ? x.to(ScalarType.Int64) : x;
        if (count < 2) return ones([x.size(0), count], whole.dtype);
        var powers = linalg.vander(whole, count);
        return increasing ? powers : flip(powers, -1);
    }

    /// <inheritdoc cref="linalg.multi_dot(IEnumerable{Tensor})"/>
    public static Tensor chain_matmul(params Tensor[] matrices) => matrices.Length switch
    {
        0 => throw new ArgumentValueException("chain_matmul(): Expected one or more matrices"),
        1 => matrices[0],
        _ => linalg.multi_dot(matrices),
    };

    /// <inheritdoc cref="linalg.multi_dot(IEnumerable{Tensor})"/>
    public static Tensor chain_matmul(Tensor[] matrices, Tensor @out) => @out.Receive(chain_matmul(matrices));

    /// <summary>The sum of products of two vectors, of which the first is conjugated.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor vdot(Tensor input, Tensor other) => new(TensorProducts.vdot(input.Core, other.Core));

    /// <summary>Sums of products over the last dimension of both.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor inner(Tensor input, Tensor other) => new(TensorProducts.inner(input.Core, other.Core));

    /// <summary>Sums of products over the last `dims` dimensions of one and the first of the other.</summary>
    [Forms(Forms.Out)]
    public static Tensor tensordot(Tensor a, Tensor b, long dims = 2)
    {
        if (dims < 0) throw new ArgumentValueException($"tensordot expects dims >= 0, but got dims={dims}");
        if (dims > Math.Min(a.dim(), b.dim())) throw new ArgumentValueException($"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}");
        var count = Convert.Int(dims);
        return new(TensorProducts.tensordot(ListModule.OfSeq(Enumerable.Range(Convert.Int(a.dim()) - count, count)), ListModule.OfSeq(Enumerable.Range(0, count)), a.Core, b.Core));
    }

    /// <summary>Sums of products over pairs of dimensions.</summary>
    [Forms(Forms.Out)]
    public static Tensor tensordot(Tensor a, Tensor b, (long[] a, long[] b) dims) => new(TensorProducts.tensordot(Convert.List(dims.a), Convert.List(dims.b), a.Core, b.Core));

    /// <summary>All products of elements, block by block (Kronecker).</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor kron(Tensor input, Tensor other) => new(TensorProducts.kron(input.Core, other.Core));

    /// <summary>The sum of a matrix's diagonal.</summary>
    [Forms(Forms.Method)]
    public static Tensor trace(Tensor input) => new(TensorProducts.trace(Autocast.As(input).Core));

    /// <summary>Matrices along the diagonal of a larger one.</summary>
    public static Tensor block_diag(params Tensor[] tensors) => new(TensorProducts.blockDiag(Convert.List(tensors)));

    /// <summary>Sums of products by an equation that names dimensions: "bij,bjk->bik".</summary>
    public static Tensor einsum(string equation, params Tensor[] operands) => new(Einsum.einsum(equation, Convert.List(Autocast.All(operands))));

    /// <summary>Sums of products; dimensions are named by numbers from 0 to 51, TensorIndex.Ellipsis stands for those without a name.</summary>
    public static Tensor einsum((Tensor operand, TensorIndex[] sublist)[] operands, TensorIndex[]? output = null)
    {
        var named = ListModule.OfSeq(operands.Select(o => Tuple.Create(o.operand.Core, Subscripts(o.sublist))));
        return new(Einsum.einsumSublists(named, output is null ? null : FSharpOption<FSharpList<FSharpOption<int>?>>.Some(Subscripts(output))));
    }

    static FSharpList<FSharpOption<int>?> Subscripts(TensorIndex[] sublist) => ListModule.OfSeq<FSharpOption<int>?>(sublist.Select(index => index.What switch
    {
        TensorIndex.Kind.Single => FSharpOption<int>.Some(Convert.Int(index.Start)),
        TensorIndex.Kind.Ellipsis => FSharpOption<int>.None,
        _ => throw new ArgumentValueException("einsum(): expected each subscript of a sublist to be a number or an ellipsis"),
    }));
}

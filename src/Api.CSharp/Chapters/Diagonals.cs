namespace Functional.Torch;

// Diagonals, and the triangles beside them.
public static partial class torch
{
    /// <summary>The elements input[.., i, .., i + offset, ..] as a new last dimension. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor diagonal(Tensor input, long offset = 0, long dim1 = 0, long dim2 = 1)
    {
        var (a, b) = (Dim(input, dim1), Dim(input, dim2));
        return a == b
            ? throw new ArgumentValueException($"diagonal dimensions cannot be identical {dim1}, {dim2}")
            : new Tensor(input, new Diagonal(Convert.Int(offset), a, b));
    }

    /// <summary>The tensor with other elements on a diagonal.</summary>
    [Forms(Forms.Method)]
    public static Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
        new(Diagonals.diagonalScatter(Convert.Int(offset), Convert.Int(dim1), Convert.Int(dim2), Engine.cast(input.Core.Dtype, src.Core), input.Core));

    /// <summary>Matrices with the last dimension on a diagonal, zeros elsewhere.</summary>
    [Forms(Forms.Method)]
    public static Tensor diag_embed(Tensor input, long offset = 0, long dim1 = -2, long dim2 = -1) =>
        new(Diagonals.diagonalEmbed(Convert.Int(offset), Convert.Int(dim1), Convert.Int(dim2), input.Core));

    /// <summary>Of a vector the matrix with this diagonal, of a matrix its diagonal. A copy.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor diag(Tensor input, long diagonal = 0) =>
        input.dim() is 1 or 2 ? new(Diagonals.diag(Convert.Int(diagonal), input.Core)) : throw new ShapeException($"matrix or a vector expected: diag of shape {ShapeModule.format(input.Core.Shape)}");

    /// <summary>The matrix whose diagonal holds all elements.</summary>
    [Forms(Forms.Method)]
    public static Tensor diagflat(Tensor input, long offset = 0) => diag(reshape(input, -1), offset);

    /// <summary>The elements on and below a diagonal of the last two dimensions, zeros elsewhere.</summary>
    [Forms(Forms.All)]
    public static Tensor tril(Tensor input, long diagonal = 0) => new(Diagonals.lower(Near(diagonal), input.Core));
    /// <summary>The elements on and above a diagonal of the last two dimensions, zeros elsewhere.</summary>
    [Forms(Forms.All)]
    public static Tensor triu(Tensor input, long diagonal = 0) => new(Diagonals.upper(Near(diagonal), input.Core));

    // Diagonals beyond all sizes are all alike.
    static int Near(long diagonal) => (int)Math.Clamp(diagonal, -int.MaxValue, int.MaxValue);

    /// <summary>Rows and columns of the places on and below a diagonal, row by row.</summary>
    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) => Places(Diagonals.lowerIndices, row, col, offset, dtype, device);
    /// <summary>Rows and columns of the places on and above a diagonal, row by row.</summary>
    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) => Places(Diagonals.upperIndices, row, col, offset, dtype, device);

    static Tensor Places(Func<IBackend?, int, int, int, CoreTensor> indices, long row, long col, long offset, ScalarType dtype, Device? device)
    {
        if (row < 0 || col < 0) throw new ArgumentValueException($"row and col must be non-negative, got {row} and {col}");
        return new Tensor(indices(Device.On(device), Convert.Int(row), Convert.Int(col), Near(offset))).to(dtype);
    }

    public partial class Tensor
    {
        /// <summary>Overwrites the diagonal (also beyond a square's height, once around, if `wrap`).</summary>
        public Tensor fill_diagonal_(Scalar fill_value, bool wrap = false)
        {
            if (dim() < 2) throw new ShapeException("dimensions must larger than 1");
            if (dim() > 2 && shape.Distinct().Count() > 1) throw new ShapeException("all dimensions of input must be of equal length");
            Writable("fill_diagonal_");
            var sizes = value.Shape;
            var rows = wrap || sizes[0] <= sizes[^1] || dim() > 2 ? sizes[0] : sizes[^1];
            var step = ShapeModule.rowMajor(sizes).Sum();
            // With `wrap` the next diagonal begins a row below the end of the last.
            var places = dim() == 2
                ? Enumerable.Range(0, int.MaxValue).Select(i => (long)i * (sizes[1] + 1)).TakeWhile(p => p < (long)rows * sizes[1])
                : Enumerable.Range(0, sizes[0]).Select(i => (long)i * step);
            var index = Selection.positions(Core, [.. places]);
            var flat = Engine.reshape([-1], Core);
            Store(Engine.reshape(sizes, IndexWrites.fill(0, index, Operands.number(flat, value.Dtype, [], fill_value.Value), flat)));
            return this;
        }
    }
}

namespace Functional.Torch;

[Row(Family.Unary, nameof(Functions), nameof(Functions.isNan), Forms.Method, "Where elements are nan.", Name = "isnan")]
[Row(Family.Real, nameof(Functions), nameof(Functions.isInfinite), Forms.Method, "Where elements are infinite.", Name = "isinf")]
[Row(Family.Real, nameof(Functions), nameof(Functions.isFinite), Forms.Method, "Where elements are neither nan nor infinite.", Name = "isfinite")]
[Row(Family.Real, nameof(Formulas), nameof(Formulas.isPositiveInfinity), Forms.MethodOut, "Where elements are plus infinity.", Name = "isposinf")]
[Row(Family.Real, nameof(Formulas), nameof(Formulas.isNegativeInfinity), Forms.MethodOut, "Where elements are minus infinity.", Name = "isneginf")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.eq), Forms.All, "Where elements of input are equal compared with those of other.")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.ne), Forms.All, "Where elements of input are not equal compared with those of other.", "not_equal")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.lt), Forms.All, "Where elements of input are less compared with those of other.", "less")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.le), Forms.All, "Where elements of input are less or equal compared with those of other.", "less_equal")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.gt), Forms.All, "Where elements of input are greater compared with those of other.", "greater")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.ge), Forms.All, "Where elements of input are greater or equal compared with those of other.", "greater_equal")]
[Row(Family.Pair, nameof(Functions), nameof(Functions.maximum), Forms.MethodOut, "The larger of two elements; nan where one is nan.")]
[Row(Family.Pair, nameof(Functions), nameof(Functions.minimum), Forms.MethodOut, "The smaller of two elements; nan where one is nan.")]
[Row(Family.Pair, nameof(Formulas), nameof(Formulas.largerNumber), Forms.MethodOut, "The larger of two elements; the number where one is nan.", Name = "fmax")]
[Row(Family.Pair, nameof(Formulas), nameof(Formulas.smallerNumber), Forms.MethodOut, "The smaller of two elements; the number where one is nan.", Name = "fmin")]
public static partial class torch
{
    /// <summary>Where elements have no imaginary part.</summary>
    [Forms(Forms.Method)]
    public static Tensor isreal(Tensor input) => input.is_complex() ? eq(imag(input), 0) : full_like(input, true, ScalarType.Bool);

    /// <summary>Whether both have the same shape and elements.</summary>
    public static bool equal(Tensor input, Tensor other) =>
        input.is_same_size(other) && all(eq(input, other)).ToBoolean();

    /// <summary>Where |input - other| is at most atol + rtol * |other|.</summary>
    [Forms(Forms.Method)]
    public static Tensor isclose(Tensor input, Tensor other, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
    {
        if (input.dtype != other.dtype) throw new DtypeException($"{Named(input)} did not match {Named(other)}: isclose compares tensors of one dtype");
        if (rtol < 0) throw new ArgumentValueException($"rtol must be greater than or equal to zero, but got {rtol}");
        if (atol < 0) throw new ArgumentValueException($"atol must be greater than or equal to zero, but got {atol}");
        var close = eq(input, other);
        if (equal_nan && !IsWhole(input.Core.Dtype)) close = logical_or(close, logical_and(isnan(input), isnan(other)));
        if (rtol == 0 && atol == 0) return close;
        var (a, b) = IsWhole(input.Core.Dtype) ? (input.to(ScalarType.Float64), other.to(ScalarType.Float64)) : (input, other);
        var allowed = add(mul(abs(b), rtol), atol);
        var difference = abs(sub(a, b));
        return logical_or(close, logical_and(isfinite(difference), le(difference, allowed)));
    }

    /// <summary>Whether all elements are close; see isclose.</summary>
    public static bool allclose(Tensor input, Tensor other, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
        all(isclose(input, other, rtol, atol, equal_nan)).ToBoolean();

    public partial class Tensor
    {
        /// <summary>Whether both have the same shape and elements.</summary>
        public bool equal(Tensor other) => torch.equal(this, other);
        /// <summary>Whether all elements are close; see torch.isclose.</summary>
        public bool allclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => torch.allclose(this, other, rtol, atol, equal_nan);
    }
}

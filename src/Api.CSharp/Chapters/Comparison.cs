namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Where elements of input are equal compared with those of other.</summary>
    [Forms(Forms.All)]
    public static Tensor eq(Tensor input, Tensor other) => Binary(Functions.eq, input, other);

    /// <summary>Where elements of input are equal compared with those of other.</summary>
    [Forms(Forms.All)]
    public static Tensor eq(Tensor input, Scalar other) => Binary(Functions.eq, input, other);

    /// <summary>Where elements of input are not equal compared with those of other.</summary>
    [Forms(Forms.All, "not_equal")]
    public static Tensor ne(Tensor input, Tensor other) => Binary(Functions.ne, input, other);

    /// <summary>Where elements of input are not equal compared with those of other.</summary>
    [Forms(Forms.All, "not_equal")]
    public static Tensor ne(Tensor input, Scalar other) => Binary(Functions.ne, input, other);

    /// <summary>Where elements of input are less compared with those of other.</summary>
    [Forms(Forms.All, "less")]
    public static Tensor lt(Tensor input, Tensor other) => Binary(Functions.lt, input, other);

    /// <summary>Where elements of input are less compared with those of other.</summary>
    [Forms(Forms.All, "less")]
    public static Tensor lt(Tensor input, Scalar other) => Binary(Functions.lt, input, other);

    /// <summary>Where elements of input are less or equal compared with those of other.</summary>
    [Forms(Forms.All, "less_equal")]
    public static Tensor le(Tensor input, Tensor other) => Binary(Functions.le, input, other);

    /// <summary>Where elements of input are less or equal compared with those of other.</summary>
    [Forms(Forms.All, "less_equal")]
    public static Tensor le(Tensor input, Scalar other) => Binary(Functions.le, input, other);

    /// <summary>Where elements of input are greater compared with those of other.</summary>
    [Forms(Forms.All, "greater")]
    public static Tensor gt(Tensor input, Tensor other) => Binary(Functions.gt, input, other);

    /// <summary>Where elements of input are greater compared with those of other.</summary>
    [Forms(Forms.All, "greater")]
    public static Tensor gt(Tensor input, Scalar other) => Binary(Functions.gt, input, other);

    /// <summary>Where elements of input are greater or equal compared with those of other.</summary>
    [Forms(Forms.All, "greater_equal")]
    public static Tensor ge(Tensor input, Tensor other) => Binary(Functions.ge, input, other);

    /// <summary>Where elements of input are greater or equal compared with those of other.</summary>
    [Forms(Forms.All, "greater_equal")]
    public static Tensor ge(Tensor input, Scalar other) => Binary(Functions.ge, input, other);

    /// <summary>Where elements are nan.</summary>
    [Forms(Forms.Method)]
    public static Tensor isnan(Tensor input) => Unary(Functions.isNan, input);

    /// <summary>Where elements are infinite.</summary>
    [Forms(Forms.Method)]
    public static Tensor isinf(Tensor input) => Real(Functions.isInfinite, input);

    /// <summary>Where elements are neither nan nor infinite.</summary>
    [Forms(Forms.Method)]
    public static Tensor isfinite(Tensor input) => Real(Functions.isFinite, input);

    /// <summary>Where elements are plus infinity.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor isposinf(Tensor input) => Real(Formulas.isPositiveInfinity, input);

    /// <summary>Where elements are minus infinity.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor isneginf(Tensor input) => Real(Formulas.isNegativeInfinity, input);

    /// <summary>Where elements have no imaginary part.</summary>
    [Forms(Forms.Method)]
    public static Tensor isreal(Tensor input) => input.is_complex() ? eq(imag(input), 0) : full_like(input, true, ScalarType.Bool);

    /// <summary>The larger of two elements; nan where one is nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor maximum(Tensor input, Tensor other) => Binary(Functions.maximum, input, other);

    /// <summary>The smaller of two elements; nan where one is nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor minimum(Tensor input, Tensor other) => Binary(Functions.minimum, input, other);

    /// <summary>The larger of two elements; the number where one is nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor fmax(Tensor input, Tensor other) => Binary(Formulas.largerNumber, input, other);

    /// <summary>The smaller of two elements; the number where one is nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor fmin(Tensor input, Tensor other) => Binary(Formulas.smallerNumber, input, other);

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

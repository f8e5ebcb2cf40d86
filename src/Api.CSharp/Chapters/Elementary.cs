namespace Functional.Torch;

// Functions of one number that give real numbers: integers and bools become floats first.
public static partial class torch
{
    /// <summary>The angle whose cosine is each element, in radians.</summary>
    [Forms(Forms.All, "arccos")]
    public static Tensor acos(Tensor input) => Real(Functions.acos, input);

    /// <summary>The inverse hyperbolic cosine of each element.</summary>
    [Forms(Forms.All, "arccosh")]
    public static Tensor acosh(Tensor input) => Real(Functions.acosh, input);

    /// <summary>The angle whose sine is each element, in radians.</summary>
    [Forms(Forms.All, "arcsin")]
    public static Tensor asin(Tensor input) => Real(Functions.asin, input);

    /// <summary>The inverse hyperbolic sine of each element.</summary>
    [Forms(Forms.All, "arcsinh")]
    public static Tensor asinh(Tensor input) => Real(Functions.asinh, input);

    /// <summary>The angle whose tangent is each element, in radians.</summary>
    [Forms(Forms.All, "arctan")]
    public static Tensor atan(Tensor input) => Real(Functions.atan, input);

    /// <summary>The inverse hyperbolic tangent of each element.</summary>
    [Forms(Forms.All, "arctanh")]
    public static Tensor atanh(Tensor input) => Real(Functions.atanh, input);

    /// <summary>The cosine of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor cos(Tensor input) => Real(Functions.cos, input);

    /// <summary>The hyperbolic cosine of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor cosh(Tensor input) => Real(Functions.cosh, input);

    /// <summary>The derivative of lgamma.</summary>
    [Forms(Forms.All, "special.digamma", "special.psi")]
    public static Tensor digamma(Tensor input) => Real(Functions.digamma, input);

    /// <summary>The error function: 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.</summary>
    [Forms(Forms.All, "special.erf")]
    public static Tensor erf(Tensor input) => Real(Functions.erf, input);

    /// <summary>1 - erf(x), accurate for large x.</summary>
    [Forms(Forms.All, "special.erfc")]
    public static Tensor erfc(Tensor input) => Real(Functions.erfc, input);

    /// <summary>The inverse of erf.</summary>
    [Forms(Forms.All, "special.erfinv")]
    public static Tensor erfinv(Tensor input) => Real(Functions.erfinv, input);

    /// <summary>e to the power of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor exp(Tensor input) => Real(Functions.exp, input);

    /// <summary>2 to the power of each element.</summary>
    [Forms(Forms.All, "special.exp2")]
    public static Tensor exp2(Tensor input) => Real(Functions.exp2, input);

    /// <summary>exp(x) - 1, accurate near 0.</summary>
    [Forms(Forms.All, "special.expm1")]
    public static Tensor expm1(Tensor input) => Real(Functions.expm1, input);

    /// <summary>The logarithm of the absolute value of the gamma function.</summary>
    [Forms(Forms.All, "special.gammaln")]
    public static Tensor lgamma(Tensor input) => Real(Functions.lgamma, input);

    /// <summary>The natural logarithm of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor log(Tensor input) => Real(Functions.log, input);

    /// <summary>The logarithm to base 10.</summary>
    [Forms(Forms.All)]
    public static Tensor log10(Tensor input) => Real(Functions.log10, input);

    /// <summary>log(1 + x), accurate near 0.</summary>
    [Forms(Forms.All, "special.log1p")]
    public static Tensor log1p(Tensor input) => Real(Functions.log1p, input);

    /// <summary>The logarithm to base 2.</summary>
    [Forms(Forms.All)]
    public static Tensor log2(Tensor input) => Real(Functions.log2, input);

    /// <summary>1 / x.</summary>
    [Forms(Forms.All)]
    public static Tensor reciprocal(Tensor input) => Real(Functions.reciprocal, input);

    /// <summary>1 / sqrt(x).</summary>
    [Forms(Forms.All)]
    public static Tensor rsqrt(Tensor input) => Real(Functions.rsqrt, input);

    /// <summary>1 / (1 + exp(-x)).</summary>
    [Forms(Forms.All, "special.expit")]
    public static Tensor sigmoid(Tensor input) => Real(Functions.sigmoid, input);

    /// <summary>The sine of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor sin(Tensor input) => Real(Functions.sin, input);

    /// <summary>The hyperbolic sine of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor sinh(Tensor input) => Real(Functions.sinh, input);

    /// <summary>The square root of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor sqrt(Tensor input) => Real(Functions.sqrt, input);

    /// <summary>The tangent of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor tan(Tensor input) => Real(Functions.tan, input);

    /// <summary>The hyperbolic tangent of each element.</summary>
    [Forms(Forms.All)]
    public static Tensor tanh(Tensor input) => Real(Functions.tanh, input);
}

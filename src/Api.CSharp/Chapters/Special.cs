namespace Functional.Torch;

// Special functions, and the whole-number and floating-point arithmetic beside them.
[Row(Family.Special, nameof(Bessel), nameof(Bessel.i0), Forms.All, "The modified Bessel function of the first kind of order 0.", "special.i0", "special.modified_bessel_i0")]
public static partial class torch
{
    static Tensor Special(PointwiseFunction? f, Tensor input) => new(Functional.Special.apply(f, input.Core));

    static Tensor Degree(PolynomialFamily family, Tensor x, Tensor n, bool isShifted = false) => new(Functional.Special.polynomial(family, isShifted, x.Core, n.Core));

    /// <summary>The n-th derivative of digamma.</summary>
    [Forms(Forms.Out, "special.polygamma")]
    public static Tensor polygamma(long n, Tensor input) => new(Functional.Special.polygamma(Convert.Int(n), input.Core));

    /// <summary>The logarithm of the multivariate gamma function of dimension p.</summary>
    [Forms(Forms.All, "special.multigammaln")]
    public static Tensor mvlgamma(Tensor input, long p) => new(Functional.Special.multigammaln(Convert.Int(p), input.Core));

    /// <summary>The share of the gamma integral of shape `input` that lies below `other`.</summary>
    [Forms(Forms.All, "special.gammainc")]
    public static Tensor igamma(Tensor input, Tensor other) => Binary(Functions.igamma, Fractional("igamma_cpu", input), Fractional("igamma_cpu", other));

    /// <summary>The share of the gamma integral of shape `input` that lies above `other`.</summary>
    [Forms(Forms.All, "special.gammaincc")]
    public static Tensor igammac(Tensor input, Tensor other) => Binary(Functions.igammac, Fractional("igammac_cpu", input), Fractional("igammac_cpu", other));

    /// <summary>The next representable number after `input` on the way to `other`.</summary>
    [Forms(Forms.All)]
    public static Tensor nextafter(Tensor input, Tensor other) => Binary(Functions.nextAfter, Meeting(Fractional, "nextafter_cpu", input, other), other);

    static Tensor Fractional(string name, Tensor input) =>
        input.is_floating_point() ? input : throw new DtypeException($"\"{name}\" not implemented for '{Named(input)}': it takes floating-point numbers");

    /// <summary>Fractions in [0.5, 1) and exponents: input = mantissa * 2^exponent.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor mantissa, Tensor exponent) frexp(Tensor input) => Pair(Functional.Special.frexp(input.Core));

    /// <summary>The greatest common divisor of integers; not negative.</summary>
    [Forms(Forms.All)]
    public static Tensor gcd(Tensor input, Tensor other) => Binary(Functions.gcd, Meeting(Whole, "gcd_cpu", input, other), other);

    /// <summary>The least common multiple of integers; not negative.</summary>
    [Forms(Forms.All)]
    public static Tensor lcm(Tensor input, Tensor other) => new(Functional.Special.lcm(Meeting(Whole, "lcm_cpu", input, other).Core, other.Core));

    // What two tensors meet in is what a kernel must take; the first of them, in that dtype.
    static Tensor Meeting(Func<string, Tensor, Tensor> takes, string name, Tensor input, Tensor other)
    {
        takes(name, new Tensor(Operands.number(input.Core, Operands.promote(input.Core, other.Core), [], Number.NewInteger(0))));
        return input;
    }

    static Tensor Whole(string name, Tensor input) =>
        input.is_integral() ? input : throw new DtypeException($"\"{name}\" not implemented for '{Named(input)}': it takes integers");

    public partial class Tensor
    {
        /// <summary>The n-th derivative of digamma.</summary>
        public Tensor polygamma(long n) => torch.polygamma(n, this);
        /// <summary>The n-th derivative of digamma, in place.</summary>
        public Tensor polygamma_(long n) => Writable("polygamma_").Assign(torch.polygamma(n, this));
    }

    [Row(Family.Special, nameof(Bessel), nameof(Bessel.i0e), Forms.Out, "exp(-|x|) times the modified Bessel function of the first kind of order 0.")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.i1), Forms.Out, "The modified Bessel function of the first kind of order 1.", "special.modified_bessel_i1")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.i1e), Forms.Out, "exp(-|x|) times the modified Bessel function of the first kind of order 1.")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.k0), Forms.Out, "The modified Bessel function of the second kind of order 0.", Name = "modified_bessel_k0")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.k1), Forms.Out, "The modified Bessel function of the second kind of order 1.", Name = "modified_bessel_k1")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.k0e), Forms.Out, "exp(x) times the modified Bessel function of the second kind of order 0.", Name = "scaled_modified_bessel_k0", Parameter = "x")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.k1e), Forms.Out, "exp(x) times the modified Bessel function of the second kind of order 1.", Name = "scaled_modified_bessel_k1", Parameter = "x")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.j0), Forms.Out, "The Bessel function of the first kind of order 0.", Name = "bessel_j0")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.j1), Forms.Out, "The Bessel function of the first kind of order 1.", Name = "bessel_j1")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.y0), Forms.Out, "The Bessel function of the second kind of order 0.", Name = "bessel_y0")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.y1), Forms.Out, "The Bessel function of the second kind of order 1.", Name = "bessel_y1")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.sphericalJ0), Forms.Out, "The spherical Bessel function of the first kind of order 0: sin(x) / x.", Name = "spherical_bessel_j0", Parameter = "x")]
    [Row(Family.Special, nameof(Bessel), nameof(Bessel.airyAi), Forms.Out, "The Airy function Ai.", Name = "airy_ai", Parameter = "x")]
    [Row(Family.Special, nameof(Probability), nameof(Probability.erfcx), Forms.Out, "exp(x^2) erfc(x).")]
    [Row(Family.Special, nameof(Probability), nameof(Probability.logNdtr), Forms.Out, "The logarithm of the area under the standard normal curve left of x.", Name = "log_ndtr")]
    [Row(Family.Special, nameof(Probability), nameof(Probability.ndtri), Forms.Out, "The x left of which the area under the standard normal curve is the given one.")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevT), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the first kind of degree n.", Name = "chebyshev_polynomial_t")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevU), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the second kind of degree n.", Name = "chebyshev_polynomial_u")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevV), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the third kind of degree n.", Name = "chebyshev_polynomial_v")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevW), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the fourth kind of degree n.", Name = "chebyshev_polynomial_w")]
    [Row(Family.ShiftedDegree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevT), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the first kind of degree n, shifted to [0, 1].", Name = "shifted_chebyshev_polynomial_t")]
    [Row(Family.ShiftedDegree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevU), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the second kind of degree n, shifted to [0, 1].", Name = "shifted_chebyshev_polynomial_u")]
    [Row(Family.ShiftedDegree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevV), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the third kind of degree n, shifted to [0, 1].", Name = "shifted_chebyshev_polynomial_v")]
    [Row(Family.ShiftedDegree, nameof(PolynomialFamily), nameof(PolynomialFamily.ChebyshevW), Forms.Out | Forms.Numbers, "Chebyshev polynomials of the fourth kind of degree n, shifted to [0, 1].", Name = "shifted_chebyshev_polynomial_w")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.Hermite), Forms.Out | Forms.Numbers, "Hermite polynomials of degree n.", Name = "hermite_polynomial_h")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.HermiteE), Forms.Out | Forms.Numbers, "The probabilists' Hermite polynomials of degree n.", Name = "hermite_polynomial_he")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.Laguerre), Forms.Out | Forms.Numbers, "Laguerre polynomials of degree n.", Name = "laguerre_polynomial_l")]
    [Row(Family.Degree, nameof(PolynomialFamily), nameof(PolynomialFamily.Legendre), Forms.Out | Forms.Numbers, "Legendre polynomials of degree n.", Name = "legendre_polynomial_p")]
    public static partial class special
    {
    }
}

namespace Functional.Torch;

// Special functions, and the whole-number and floating-point arithmetic beside them.
public static partial class torch
{
    static Tensor Special(PointwiseFunction? f, Tensor input) => new(Functional.Special.apply(f, input.Core));

    static Tensor Degree(PolynomialFamily family, Tensor x, Tensor n, bool isShifted = false) => new(Functional.Special.polynomial(family, isShifted, x.Core, n.Core));

    /// <summary>The modified Bessel function of the first kind of order 0.</summary>
    [Forms(Forms.All, "special.i0", "special.modified_bessel_i0")]
    public static Tensor i0(Tensor input) => Special(Bessel.i0, input);

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
    public static Tensor nextafter(Tensor input, Tensor other) => Binary(Functions.nextAfter, Fractional("nextafter_cpu", input), Fractional("nextafter_cpu", other));

    static Tensor Fractional(string name, Tensor input) =>
        input.is_floating_point() ? input : throw new DtypeException($"\"{name}\" not implemented for '{Named(input)}': it takes floating-point numbers");

    /// <summary>Fractions in [0.5, 1) and exponents: input = mantissa * 2^exponent.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor mantissa, Tensor exponent) frexp(Tensor input) => Pair(Functional.Special.frexp(input.Core));

    /// <summary>The greatest common divisor of integers; not negative.</summary>
    [Forms(Forms.All)]
    public static Tensor gcd(Tensor input, Tensor other) => Binary(Functions.gcd, Whole("gcd_cpu", input), Whole("gcd_cpu", other));

    /// <summary>The least common multiple of integers; not negative.</summary>
    [Forms(Forms.All)]
    public static Tensor lcm(Tensor input, Tensor other) => new(Functional.Special.lcm(Whole("lcm_cpu", input).Core, Whole("lcm_cpu", other).Core));

    static Tensor Whole(string name, Tensor input) =>
        input.is_integral() ? input : throw new DtypeException($"\"{name}\" not implemented for '{Named(input)}': it takes integers");

    public partial class Tensor
    {
        /// <summary>The n-th derivative of digamma.</summary>
        public Tensor polygamma(long n) => torch.polygamma(n, this);
        /// <summary>The n-th derivative of digamma, in place.</summary>
        public Tensor polygamma_(long n) => Writable("polygamma_").Assign(torch.polygamma(n, this));
    }

    public static partial class special
    {
        /// <summary>exp(-|x|) times the modified Bessel function of the first kind of order 0.</summary>
        [Forms(Forms.Out)]
        public static Tensor i0e(Tensor input) => Special(Bessel.i0e, input);
        /// <summary>The modified Bessel function of the first kind of order 1.</summary>
        [Forms(Forms.Out, "special.modified_bessel_i1")]
        public static Tensor i1(Tensor input) => Special(Bessel.i1, input);
        /// <summary>exp(-|x|) times the modified Bessel function of the first kind of order 1.</summary>
        [Forms(Forms.Out)]
        public static Tensor i1e(Tensor input) => Special(Bessel.i1e, input);
        /// <summary>The modified Bessel function of the second kind of order 0.</summary>
        [Forms(Forms.Out)]
        public static Tensor modified_bessel_k0(Tensor input) => Special(Bessel.k0, input);
        /// <summary>The modified Bessel function of the second kind of order 1.</summary>
        [Forms(Forms.Out)]
        public static Tensor modified_bessel_k1(Tensor input) => Special(Bessel.k1, input);
        /// <summary>exp(x) times the modified Bessel function of the second kind of order 0.</summary>
        [Forms(Forms.Out)]
        public static Tensor scaled_modified_bessel_k0(Tensor x) => Special(Bessel.k0e, x);
        /// <summary>exp(x) times the modified Bessel function of the second kind of order 1.</summary>
        [Forms(Forms.Out)]
        public static Tensor scaled_modified_bessel_k1(Tensor x) => Special(Bessel.k1e, x);
        /// <summary>The Bessel function of the first kind of order 0.</summary>
        [Forms(Forms.Out)]
        public static Tensor bessel_j0(Tensor input) => Special(Bessel.j0, input);
        /// <summary>The Bessel function of the first kind of order 1.</summary>
        [Forms(Forms.Out)]
        public static Tensor bessel_j1(Tensor input) => Special(Bessel.j1, input);
        /// <summary>The Bessel function of the second kind of order 0.</summary>
        [Forms(Forms.Out)]
        public static Tensor bessel_y0(Tensor input) => Special(Bessel.y0, input);
        /// <summary>The Bessel function of the second kind of order 1.</summary>
        [Forms(Forms.Out)]
        public static Tensor bessel_y1(Tensor input) => Special(Bessel.y1, input);
        /// <summary>The spherical Bessel function of the first kind of order 0: sin(x) / x.</summary>
        [Forms(Forms.Out)]
        public static Tensor spherical_bessel_j0(Tensor x) => Special(Bessel.sphericalJ0, x);
        /// <summary>The Airy function Ai.</summary>
        [Forms(Forms.Out)]
        public static Tensor airy_ai(Tensor x) => Special(Bessel.airyAi, x);

        /// <summary>exp(x^2) erfc(x).</summary>
        [Forms(Forms.Out)]
        public static Tensor erfcx(Tensor input) => Special(Probability.erfcx, input);
        /// <summary>The logarithm of the area under the standard normal curve left of x.</summary>
        [Forms(Forms.Out)]
        public static Tensor log_ndtr(Tensor input) => Special(Probability.logNdtr, input);
        /// <summary>The x left of which the area under the standard normal curve is the given one.</summary>
        [Forms(Forms.Out)]
        public static Tensor ndtri(Tensor input) => Special(Probability.ndtri, input);

        /// <summary>Chebyshev polynomials of the first kind of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor chebyshev_polynomial_t(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevT, input, n);
        /// <summary>Chebyshev polynomials of the second kind of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor chebyshev_polynomial_u(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevU, input, n);
        /// <summary>Chebyshev polynomials of the third kind of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor chebyshev_polynomial_v(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevV, input, n);
        /// <summary>Chebyshev polynomials of the fourth kind of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor chebyshev_polynomial_w(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevW, input, n);
        /// <summary>Chebyshev polynomials of the first kind of degree n, shifted to [0, 1].</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor shifted_chebyshev_polynomial_t(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevT, input, n, true);
        /// <summary>Chebyshev polynomials of the second kind of degree n, shifted to [0, 1].</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor shifted_chebyshev_polynomial_u(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevU, input, n, true);
        /// <summary>Chebyshev polynomials of the third kind of degree n, shifted to [0, 1].</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor shifted_chebyshev_polynomial_v(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevV, input, n, true);
        /// <summary>Chebyshev polynomials of the fourth kind of degree n, shifted to [0, 1].</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor shifted_chebyshev_polynomial_w(Tensor input, Tensor n) => Degree(PolynomialFamily.ChebyshevW, input, n, true);
        /// <summary>Hermite polynomials of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor hermite_polynomial_h(Tensor input, Tensor n) => Degree(PolynomialFamily.Hermite, input, n);
        /// <summary>The probabilists' Hermite polynomials of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor hermite_polynomial_he(Tensor input, Tensor n) => Degree(PolynomialFamily.HermiteE, input, n);
        /// <summary>Laguerre polynomials of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor laguerre_polynomial_l(Tensor input, Tensor n) => Degree(PolynomialFamily.Laguerre, input, n);
        /// <summary>Legendre polynomials of degree n.</summary>
        [Forms(Forms.Out | Forms.Numbers)]
        public static Tensor legendre_polynomial_p(Tensor input, Tensor n) => Degree(PolynomialFamily.Legendre, input, n);
    }
}

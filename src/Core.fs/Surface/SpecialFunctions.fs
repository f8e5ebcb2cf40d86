namespace Functional

open Functional.Contract

/// torch.special under its names. What torch has as well stands in Tensor.
[<AutoOpen>]
module SpecialNames =
    let private real f t = Operands.unary f (Operands.floating t)
    let private realBinary f a b = Operands.floatingBinary f a b
    let private polynomial family degree x = Special.polynomial family false x degree
    let private shifted family degree x = Special.polynomial family true x degree

    [<RequireQualifiedAccess>]
    module Special =
        /// -x log x; 0 at 0, -infinity below.
        let entr t = real Formulas.entropy t
        /// The area under the standard normal curve left of x, its logarithm and its inverse.
        let ndtr t = real Formulas.normalDistribution t
        let logNdtr t = Special.apply Probability.logNdtr t
        let ndtri t = Special.apply Probability.ndtri t
        /// exp(x^2) erfc(x).
        let erfcx t = Special.apply Probability.erfcx t
        let xlog1py a b = realBinary Formulas.xlog1py a b
        /// Hurwitz's zeta function.
        let zeta a b = realBinary Functions.zeta a b
        let i0 t = Special.apply Bessel.i0 t
        let i0e t = Special.apply Bessel.i0e t
        let i1 t = Special.apply Bessel.i1 t
        let i1e t = Special.apply Bessel.i1e t
        let modifiedBesselK0 t = Special.apply Bessel.k0 t
        let modifiedBesselK1 t = Special.apply Bessel.k1 t
        let scaledModifiedBesselK0 t = Special.apply Bessel.k0e t
        let scaledModifiedBesselK1 t = Special.apply Bessel.k1e t
        let besselJ0 t = Special.apply Bessel.j0 t
        let besselJ1 t = Special.apply Bessel.j1 t
        let besselY0 t = Special.apply Bessel.y0 t
        let besselY1 t = Special.apply Bessel.y1 t
        let sphericalBesselJ0 t = Special.apply Bessel.sphericalJ0 t
        let airyAi t = Special.apply Bessel.airyAi t
        // Orthogonal polynomials of degrees (a tensor) at x.
        let chebyshevPolynomialT degree x = polynomial PolynomialFamily.ChebyshevT degree x
        let chebyshevPolynomialU degree x = polynomial PolynomialFamily.ChebyshevU degree x
        let chebyshevPolynomialV degree x = polynomial PolynomialFamily.ChebyshevV degree x
        let chebyshevPolynomialW degree x = polynomial PolynomialFamily.ChebyshevW degree x
        let shiftedChebyshevPolynomialT degree x = shifted PolynomialFamily.ChebyshevT degree x
        let shiftedChebyshevPolynomialU degree x = shifted PolynomialFamily.ChebyshevU degree x
        let shiftedChebyshevPolynomialV degree x = shifted PolynomialFamily.ChebyshevV degree x
        let shiftedChebyshevPolynomialW degree x = shifted PolynomialFamily.ChebyshevW degree x
        let hermitePolynomialH degree x = polynomial PolynomialFamily.Hermite degree x
        let hermitePolynomialHe degree x = polynomial PolynomialFamily.HermiteE degree x
        let laguerrePolynomialL degree x = polynomial PolynomialFamily.Laguerre degree x
        let legendrePolynomialP degree x = polynomial PolynomialFamily.Legendre degree x

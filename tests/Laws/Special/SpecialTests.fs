/// Special functions against what mathematics says of them: Wronskians, differential equations, inverses, orthogonality.
module Functional.Laws.SpecialTests

open System
open Expecto
open Functional
open Functional.Contract

let private points (numbers: float list) = Tensor.ofFloat64s [ numbers.Length ] (Array.ofList numbers)
let private values (t: Tensor) = Tensor.toFloat64s t
let private at f (x: Tensor) = Special.apply f x

let private agrees name tolerance (expected: float[]) (actual: float[]) =
    for e, a in Array.zip expected actual do
        Expect.isLessThanOrEqual (abs (e - a)) (tolerance * max 1.0 (abs e)) $"{name}: {a}, rightly {e}"

// Both sides of every place where one approximation takes over from another.
let private positive = points [ 0.01; 0.5; 1.0; 1.99; 2.01; 3.0; 4.5; 5.2; 7.99; 8.01; 9.0; 20.0; 61.0; 150.0 ]

let private wronskians = test "Wronskians" {
    let x = positive
    let oscillating = at Bessel.j1 x * at Bessel.y0 x - at Bessel.j0 x * at Bessel.y1 x
    agrees "J1 Y0 - J0 Y1 = 2 / (pi x)" 1e-13 (values (2.0 / (Math.PI * x))) (values oscillating)
    let modified = at Bessel.i0e x * at Bessel.k1e x + at Bessel.i1e x * at Bessel.k0e x
    agrees "I0 K1 + I1 K0 = 1 / x" 1e-13 (values (1.0 / x)) (values modified)
}

let private derivatives = test "derivatives that other functions know" {
    let slope f = diff (at f)

    agrees
        "I0' = I1"
        1e-12
        (values (at Bessel.i1 (points [ 0.0; 0.7; -7.9; 8.1; 12.0 ])))
        (values (slope Bessel.i0 (points [ 0.0; 0.7; -7.9; 8.1; 12.0 ])))

    agrees "J0' = -J1" 1e-12 (values (-(at Bessel.j1 positive))) (values (slope Bessel.j0 positive))
    agrees "K0' = -K1" 1e-11 (values (-(at Bessel.k1 positive))) (values (slope Bessel.k0 positive))
    let x = points [ -9.0; -4.1; -3.9; -1.0; 0.0; 1.9; 2.1; 5.0 ]
    agrees "Ai'' = x Ai" 1e-9 (values (x * at Bessel.airyAi x)) (values (diff (diff (at Bessel.airyAi)) x))
}

let private probability = test "the normal distribution and its inverse" {
    let x = points [ -37.0; -12.0; -5.1; -1.3; -1.28; -1.0; 0.0; 0.4; 1.27; 1.3; 5.0 ]
    let p = Operands.unary Formulas.normalDistribution x
    agrees "ndtri(ndtr(x)) = x" 1e-9 (values x) (values (at Probability.ndtri p))
    let inside = points [ -8.0; -1.01; -0.99; 0.0; 3.0 ]

    agrees
        "exp(log_ndtr) = ndtr"
        1e-13
        (values (Operands.unary Formulas.normalDistribution inside))
        (values (exp (at Probability.logNdtr inside)))

    let z = points [ -6.1; -5.9; -1.0; 0.0; 2.0; 9.9; 10.1; 1e10 ]
    let slope = diff (at Probability.erfcx) z

    agrees
        "erfcx' = 2 z erfcx - 2 / sqrt(pi)"
        1e-11
        (values (2.0 * z * at Probability.erfcx z - 2.0 / sqrt Math.PI))
        (values slope)
}

let private incompleteGamma = test "the incomplete gamma functions" {
    let a = points [ 0.3; 1.0; 5.0; 11.9; 12.1; 80.0; 1e5; 1e5 ]
    let x = points [ 0.1; 2.0; 5.0; 14.0; 3.0; 100.0; 1.001e5; 0.99e5 ]
    let p, q = Operands.binary Functions.igamma a x, Operands.binary Functions.igammac a x
    agrees "P + Q = 1" 1e-14 (Array.create 8 1.0) (values (p + q))
    // P(a + 1, x) = P(a, x) - x^a exp(-x) / gamma(a + 1)
    let next = Operands.binary Functions.igamma (a + 1.0) x
    let step = exp (a * log x - x - Operands.unary Functions.lgamma (a + 1.0))
    agrees "the recurrence" 1e-9 (values (p - step)) (values next)
}

/// An integral over [-1, 1] by Gauss and Chebyshev: the mean over angles.
let private orthogonality = test "orthogonal polynomials" {
    let count = 64
    let angles = Array.init count (fun j -> Math.PI * (float j + 0.5) / float count)
    let x = Tensor.ofFloat64s [ count ] (angles |> Array.map cos)
    let degree (n: int) = Tensor.ofInts [ n ]
    let polynomial family n = Special.polynomial family false x (degree n)
    let sine = Tensor.ofFloat64s [ count ] (angles |> Array.map sin)
    let mean weight family n m = Tensor.item (Tensor.mean (polynomial family n * polynomial family m * weight))
    let one = Tensor.onesLike x

    for family, weight in
        [ PolynomialFamily.ChebyshevT, one
          PolynomialFamily.ChebyshevU, sine * sine
          PolynomialFamily.ChebyshevV, 1.0 + x
          PolynomialFamily.ChebyshevW, 1.0 - x ] do
        for n, m in [ 0, 1; 3, 5; 7, 12; 9, 10 ] do
            Expect.isLessThan (abs (mean weight family n m)) 1e-12 $"{family} {n} {m}"
            Expect.isGreaterThan (mean weight family m m) 0.1 $"{family} {m}"

    // Legendre's equation: ((1 - x^2) P')' + n (n + 1) P = 0, with derivatives from the recurrence itself.
    let p x = Special.polynomial PolynomialFamily.Legendre false x (degree 6)
    let inner x = (1.0 - x * x) * diff p x
    agrees "Legendre's equation" 1e-9 (values (-42.0 * p x)) (values (diff inner x))
    // Past many degrees Chebyshev polynomials follow their formula.
    let far = Special.polynomial PolynomialFamily.ChebyshevT false (points [ 0.3; 1.0; -1.0 ]) (degree 100000)
    agrees "T of degree 100000" 1e-9 [| cos (1e5 * acos 0.3); 1.0; 1.0 |] (values far)
}

let private fractions = test "fractions and exponents" {
    let x = points [ 1.0; -0.75; 1e300; 5e-324; 0.0; infinity; 6.1 ]
    let fraction, exponent = Special.frexp x
    let size = Tensor.toFloat64s (Tensor.abs fraction)
    Expect.isTrue (size |> Array.forall (fun f -> f = 0.0 || f = infinity || (f >= 0.5 && f < 1.0))) "fractions"
    let back = Array.map2 (fun f e -> Math.ScaleB(f, e)) (values fraction) (Tensor.toInt32s exponent)
    Expect.sequenceEqual back (values x) "back again"
}

let tests = testList "Special" [ wronskians; derivatives; probability; incompleteGamma; orthogonality; fractions ]

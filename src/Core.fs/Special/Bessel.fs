namespace Functional

open System

open Functional.Contract

/// Bessel and Airy functions (formulas: NIST Digital Library of Mathematical Functions, chapters 9 and 10). Near 0 they are
/// power or Chebyshev series, far out a Chebyshev series in 1 / x times how they fall or swing. Meant for double precision.
[<RequireQualifiedAccess>]
module Bessel =
    let private x = Arg 0
    let private real = ScalarExpr.real
    let private unary op a = Unary(op, a)
    let private select = ScalarExpr.select
    let private size = unary Abs x
    let private square = x * x
    let private define name expr = PointwiseFunction(name, expr)
    let private polynomial = Approximation.polynomial
    let private chebyshev = Approximation.chebyshev
    let private euler = 0.57721566490153286061
    let private infinite a = ScalarExpr.eq a (real infinity)

    /// The expression on one side of the border, mirrored for negative numbers where the function is odd.
    let private odd expr = select (ScalarExpr.lt x (real 0.0)) (-expr) expr

    let private harmonic = Array.scan (fun sum k -> sum + 1.0 / float k) 0.0 [| 1..40 |]
    let private psi k = harmonic[k - 1] - euler

    // ---- modified: I and K ----

    /// I0 and I1 / x in (x / 2)^2, for |x| <= 8.
    let private i0Near = polynomial (Approximation.series 30 1.0 (fun k -> 1.0 / float (k * k))) (square * 0.25)
    let private i1Near = polynomial (Approximation.series 30 0.5 (fun k -> 1.0 / float (k * (k + 1)))) (square * 0.25)

    /// sqrt(x) exp(-x) I(x) of order n, in 1 / x, for x >= 8 (10.32.3, and 10.40.1 far out).
    let private iFar order =
        let scaled t =
            let x = 1.0 / t

            if x > 60.0 then
                let mu = 4.0 * float (order * order)
                let ratio k = -(mu - float ((2 * k - 1) * (2 * k - 1))) / (8.0 * float k * x)
                Array.sum (Approximation.series 30 1.0 ratio) / sqrt (2.0 * Math.PI)
            else
                sqrt x * Approximation.turn (fun a -> exp (x * (cos a - 1.0)) * cos (float order * a))

        chebyshev 0.0 0.125 scaled (1.0 / size) / unary Sqrt size

    let private near limit a b = select (ScalarExpr.le size (real limit)) a b
    let private i0Far, i1Far = iFar 0, iFar 1
    /// Where exp(x) overflows the logarithm takes part, so that the slope is infinite as well, and not a difference of infinities.
    let private grown far = select (ScalarExpr.gt size (real 700.0)) (unary Exp (size + unary Log far)) (unary Exp size * far)

    let i0 = define "i0" (near 8.0 i0Near (grown i0Far))
    let i0e = define "i0e" (near 8.0 (unary Exp (-size) * i0Near) i0Far)
    let i1 = define "i1" (near 8.0 (x * i1Near) (odd (grown i1Far)))
    let i1e = define "i1e" (near 8.0 (x * (unary Exp (-size) * i1Near)) (odd i1Far))

    /// sqrt(x) exp(x) K(x) of an order (10.32.9, with t = s / sqrt(x)).
    let private kScaled (order: float) x =
        Approximation.half (fun s ->
            let t = s / sqrt x
            let sinh = Math.Sinh(t / 2.0)
            exp (-2.0 * x * sinh * sinh) * cosh (order * t))

    let private kFar order = chebyshev 0.0 0.5 (fun t -> kScaled order (1.0 / max t 1e-12)) (1.0 / x) / unary Sqrt x
    let private logHalf = unary Log (x * 0.5)

    let private k0Near =
        let terms = Approximation.series 20 1.0 (fun k -> 1.0 / float (k * k)) |> Array.mapi (fun k c -> c * psi (k + 1))
        polynomial terms (square * 0.25) - logHalf * i0Near

    let private k1Near =
        let terms =
            Approximation.series 20 0.25 (fun k -> 1.0 / float (k * (k + 1)))
            |> Array.mapi (fun k c -> c * (psi (k + 1) + psi (k + 2)))

        let inverse = unary Reciprocal x

        select
            (ScalarExpr.eq x (real 0.0))
            (unary Reciprocal size)
            (inverse + x * (logHalf * i1Near - polynomial terms (square * 0.25)))

    let private upTo limit a b = select (ScalarExpr.gt x (real limit)) b a
    let private k0Far, k1Far = kFar 0.0, kFar 1.0
    let k0 = define "modified_bessel_k0" (upTo 2.0 k0Near (unary Exp (-x) * k0Far))
    let k1 = define "modified_bessel_k1" (upTo 2.0 k1Near (unary Exp (-x) * k1Far))
    let k0e = define "scaled_modified_bessel_k0" (upTo 2.0 (unary Exp x * k0Near) k0Far)
    let k1e = define "scaled_modified_bessel_k1" (upTo 2.0 (unary Exp x * k1Near) k1Far)

    // ---- oscillating: J and Y ----

    /// P + iQ of the Hankel function H = sqrt(2 / (pi z)) exp(i chi) (P + iQ) of an order (10.9.10 turned).
    let private hankel (order: float) (gamma: float) z =
        // u^(order - 1/2) du as an even power of s: u = s^2 for whole orders, u = s^6 for a third.
        let power = if order = floor order then 2.0 else 6.0

        let part pick =
            Approximation.half (fun s ->
                let u = Math.Pow(s, power)
                let factor = Numerics.Complex.Pow(Numerics.Complex(1.0, u / (2.0 * z)), order - 0.5)
                exp -u * power * Math.Pow(s, power * (order + 0.5) - 1.0) * (pick (factor: Numerics.Complex): float))

        struct (part (fun (c: Numerics.Complex) -> c.Real) / gamma, part (fun (c: Numerics.Complex) -> c.Imaginary) / gamma)

    /// P in 1 / z^2 and z Q in 1 / z^2, from some z on.
    let private planes order gamma least (inverse: ScalarExpr) =
        let at w = 1.0 / sqrt (max w 1e-24)
        let range = 1.0 / (least * least)
        let p = chebyshev 0.0 range (fun w -> (let struct (p, _) = hankel order gamma (at w) in p))

        let q =
            chebyshev 0.0 range (fun w ->
                (let z = at w in
                 let struct (_, q) = hankel order gamma z in
                 z * q))

        let w = inverse * inverse
        struct (p w, q w * inverse)

    let private rootPi = sqrt Math.PI

    /// J and Y of an order beyond 8.
    let private far order gamma =
        let struct (p, q) = planes (float order) gamma 8.0 (1.0 / size)
        let chi = size - Math.PI * (0.5 * float order + 0.25)
        let sine, cosine = unary Sin chi, unary Cos chi
        let scale = unary Rsqrt size * sqrt (2.0 / Math.PI)
        scale * (p * cosine - q * sine), scale * (p * sine + q * cosine)

    let private j0Near =
        chebyshev 0.0 64.0 (fun u -> (let z = sqrt u in Approximation.turn (fun a -> cos (z * sin a)))) square

    let private j1Near =
        chebyshev 0.0 64.0 (fun u -> (let z = sqrt u in Approximation.turn (fun a -> cos (z * cos a) * sin a * sin a))) square

    let private j0Far, y0Far = far 0 rootPi
    let private j1Far, y1Far = far 1 (rootPi / 2.0)
    let j0 = define "bessel_j0" (near 8.0 j0Near j0Far)
    let j1 = define "bessel_j1" (near 8.0 (x * j1Near) (odd j1Far))

    /// Y - (2 / pi) log(x) J of order 0 as a series in x^2, and the same of order 1 with its pole taken out, divided by x
    /// (10.8.1 and 10.8.2); where the series cancels, from the Hankel function.
    let private yRest order z =
        let quarter = z * z / 4.0

        if z < 4.0 then
            let term k =
                let c =
                    Array.last (
                        Approximation.series k (if order = 0 then 1.0 else 0.5) (fun n -> -quarter / float (n * (n + order)))
                    )

                let weight = if order = 0 then 2.0 * psi (k + 1) else psi (k + 1) + psi (k + 2)
                c * (-weight / Math.PI - 2.0 * log 2.0 / Math.PI)

            Seq.init 30 term |> Seq.sum
        else
            let struct (p, q) = hankel (float order) (if order = 0 then rootPi else rootPi / 2.0) z
            let chi = z - Math.PI * (0.5 * float order + 0.25)
            let scale = sqrt (2.0 / (Math.PI * z))
            let j, y = scale * (p * cos chi - q * sin chi), scale * (p * sin chi + q * cos chi)
            let rest = y - 2.0 / Math.PI * log z * j
            if order = 0 then rest else (rest + 2.0 / (Math.PI * z)) / z

    let private logX = unary Log x
    let private y0Near = chebyshev 0.0 64.0 (sqrt >> yRest 0) square + logX * j0Near * (2.0 / Math.PI)

    let private y1Near =
        let pole = unary Reciprocal x * (-2.0 / Math.PI)
        let rest = x * (chebyshev 0.0 64.0 (sqrt >> yRest 1) square + logX * j1Near * (2.0 / Math.PI))
        select (ScalarExpr.eq size (real 0.0)) (-(unary Reciprocal size)) (pole + rest)

    /// Only of positive numbers.
    let private positive expr = select (ScalarExpr.lt x (real 0.0)) (real nan) expr

    let y0 = define "bessel_y0" (positive (upTo 8.0 y0Near y0Far))
    let y1 = define "bessel_y1" (positive (upTo 8.0 y1Near y1Far))

    /// sin(x) / x
    let sphericalJ0 =
        let terms = Approximation.series 8 1.0 (fun k -> -1.0 / float (2 * k * (2 * k + 1)))
        let whole = select (ScalarExpr.lt size (real 0.5)) (polynomial terms square) (unary Sin x / x)
        define "spherical_bessel_j0" (select (infinite size) (real 0.0) whole)

    // ---- Airy ----

    /// Maclaurin's series (9.4.1).
    let private airyNear z =
        let cube = z * z * z
        let f = Approximation.series 40 0.35502805388781723926 (fun k -> cube / float ((3 * k - 1) * (3 * k)))
        let g = Approximation.series 40 (0.25881940379280679841 * z) (fun k -> cube / float ((3 * k) * (3 * k + 1)))
        Array.sum f - Array.sum g

    /// The Airy function Ai: by Bessel functions of order 1/3 far out (9.6.2, 9.6.6).
    let airyAi =
        let root = unary Sqrt size
        let zeta = size * root * (2.0 / 3.0)
        let quarter = unary Sqrt root
        let third = 1.0 / 3.0
        let falling = chebyshev 0.0 0.54 (fun t -> kScaled third (1.0 / max t 1e-12)) (1.0 / zeta)
        // gamma(5/6)
        let struct (p, q) = planes third 1.12878702990812596 5.3 (1.0 / zeta)
        let chi = zeta - Math.PI / 4.0
        let right = unary Exp (-zeta) / quarter * falling * (1.0 / (sqrt 2.0 * Math.PI))
        let left = (p * unary Cos chi - q * unary Sin chi) / quarter * (1.0 / rootPi)
        let outside = select (ScalarExpr.lt x (real 0.0)) left right
        let inside = Binary(And, ScalarExpr.gt x (real -4.0), ScalarExpr.lt x (real 2.0))
        define "airy_ai" (select (infinite size) (real nan) (select inside (chebyshev -4.0 2.0 airyNear x) outside))

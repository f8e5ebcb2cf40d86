namespace Functional

open System
open Functional.Contract

/// Functions around the error function and the normal distribution. Meant for double precision.
[<RequireQualifiedAccess>]
module Probability =
    let private x = Arg 0
    let private real = ScalarExpr.real
    let private unary op a = Unary(op, a)
    let private select = ScalarExpr.select
    let private lt a (b: float) = ScalarExpr.lt a (real b)
    let private gt a (b: float) = ScalarExpr.gt a (real b)
    let private define name expr = PointwiseFunction(name, expr)

    /// exp(z^2) erfc(z): to the right by its asymptotic series in 1 / z^2, to the left what is left of the second term.
    let private erfcxOf (z: ScalarExpr) =
        let square = z * z

        let tail =
            Approximation.polynomial (Approximation.series 14 1.0 (fun k -> -float(2 * k - 1) / 2.0)) (1.0 / square)

        let grown = unary Exp square
        let right = tail / z * (1.0 / sqrt Math.PI)
        select (lt z -6.0) (grown * 2.0) (select (gt z 10.0) right (grown * unary Erfc z))

    let erfcx = define "erfcx" (erfcxOf x)

    /// The logarithm of the normal distribution function.
    let logNdtr =
        let z = x * Math.Sqrt 0.5
        let left = unary Log (erfcxOf (-z) * 0.5) - z * z
        define "log_ndtr" (select (lt x -1.0) left (unary Log1p (unary Erfc z * -0.5)))

    /// log(exp(z^2) erfc(z)) for z >= 1, by the continued fraction of erfc.
    let private logErfcx z =
        let mutable tail = 0.0

        for k = 1000 downto 1 do
            tail <- float k / 2.0 / (z + tail)

        -log(sqrt Math.PI * (z + tail))

    /// The y for which the normal distribution function of -y is exp(-r^2 / 2), by Newton's method.
    let private tailQuantile r =
        let mutable y = r - log r / r - 0.9189385332046727 / r

        for _ in 1..8 do
            let z = y / sqrt 2.0
            let logTail = logErfcx z - log 2.0 - y * y / 2.0
            // The slope of log(tail) is minus the hazard.
            let hazard = sqrt (2.0 / Math.PI) / exp (logErfcx z)
            y <- y + (logTail + r * r / 2.0) / hazard

        y

    /// The inverse of the normal distribution function: by erfinv in the middle; in the tails close to r = sqrt(-2 log(p)).
    let ndtri =
        let tail (p: ScalarExpr) =
            let r = unary Sqrt (-2.0 * unary Log p)
            let z = 1.0 / r
            let correction t = (let r = 1.0 / t in (r - log r / r - tailQuantile r) * r)
            let near = Approximation.chebyshev 0.16 0.47 correction
            let far = Approximation.chebyshev 0.025 0.16 correction
            // Beyond the smallest number there is only 0.
            let corrected = r - unary Log r * z - z * select (gt z 0.16) (near z) (far z)
            select (ScalarExpr.eq p (real 0.0)) (unary Sqrt (-(unary Log p))) corrected

        let middle = unary Erfinv (x * 2.0 - 1.0) * Math.Sqrt 2.0
        let left, right = unary Log x, -(unary Log (1.0 - x))
        let edge low value otherwise = select (ScalarExpr.eq x (real low)) value otherwise
        let inside = select (lt x 0.1) (-(tail x)) (select (gt x 0.9) (tail (1.0 - x)) middle)
        let outside = Binary(Or, lt x 0.0, gt x 1.0)
        define "ndtri" (select outside (x * nan) (edge 0.0 left (edge 1.0 right inside)))

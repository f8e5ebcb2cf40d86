namespace Functional.Contract

open System

/// Functions that System.Math lacks, in double precision, plain rather than fast.
[<RequireQualifiedAccess>]
module SpecialFunctions =
    /// Bernoulli numbers B2, B4, ..., B30: the coefficients of the Euler-Maclaurin and Stirling series.
    let private bernoulli =
        [| 1.0 / 6.0
           -1.0 / 30.0
           1.0 / 42.0
           -1.0 / 30.0
           5.0 / 66.0
           -691.0 / 2730.0
           7.0 / 6.0
           -3617.0 / 510.0
           43867.0 / 798.0
           -174611.0 / 330.0
           854513.0 / 138.0
           -236364091.0 / 2730.0
           8553103.0 / 6.0
           -23749461029.0 / 870.0
           8615841276005.0 / 14322.0 |]

    /// log(1 + x) without loss near 0: the rounding of 1 + x is divided out again (Kahan).
    let log1p x =
        let u = 1.0 + x
        if u = 1.0 || Double.IsPositiveInfinity u then x else log u * (x / (u - 1.0))

    /// exp(x) - 1 without loss near 0, by the same trick.
    let expm1 x =
        let u = exp x

        if u = 1.0 then x
        elif u = 0.0 then -1.0
        elif abs x > 1.0 then u - 1.0
        else (u - 1.0) * (x / log u)

    /// exp(-x^2) with the rounding error of the square put back.
    let private expMinusSquare (x: float) =
        let square = x * x
        let lost = Math.FusedMultiplyAdd(x, x, -square)
        exp -square * (1.0 - lost)

    let private smallPositive = 1e-18

    /// erf(x) = 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!: all terms of one sign, so nothing cancels.
    let private erfSeries x =
        let mutable term = x
        let mutable sum = x
        let mutable n = 0

        while abs term > smallPositive * abs sum do
            n <- n + 1
            term <- term * 2.0 * x * x / float (2 * n + 1)
            sum <- sum + term

        2.0 / sqrt Math.PI * expMinusSquare x * sum

    /// erfc(x) for x >= 0.6 by its continued fraction, evaluated from far down upwards.
    let private erfcFraction x =
        let mutable tail = 0.0

        for k = 1000 downto 1 do
            tail <- float k / 2.0 / (x + tail)

        expMinusSquare x / sqrt Math.PI / (x + tail)

    /// The error function.
    let erf x =
        if Double.IsNaN x then x
        elif abs x > 6.0 then float (sign x)
        elif abs x < 1e-150 then 2.0 / sqrt Math.PI * x
        elif abs x < 2.0 then erfSeries x
        else float (sign x) * (1.0 - erfcFraction (abs x))

    /// 1 - erf(x), accurate in its right tail.
    let erfc x =
        if Double.IsNaN x then x
        elif x > 27.3 then 0.0
        elif x < 0.6 then 1.0 - erf x
        else erfcFraction x

    /// The inverse of erf: Halley steps from Winitzki's estimate, on erfc where erf is flat.
    let erfinv x =
        if Double.IsNaN x || abs x > 1.0 then
            nan
        elif abs x = 1.0 then
            x * infinity
        elif abs x < 1e-100 then
            sqrt Math.PI / 2.0 * x
        else
            let a = 0.147
            let l = log1p (-x * x)
            let h = 2.0 / (Math.PI * a) + l / 2.0
            // The estimate is for |x|: sqrt(h^2 - l/a) - h loses everything near 0, its conjugate does not.
            let mutable y = sqrt (-l / a / (sqrt (h * h - l / a) + h))
            let target = abs x

            for _ in 1..4 do
                let miss = if target < 0.5 then erf y - target else (1.0 - target) - erfc y
                let newton = miss / (2.0 / sqrt Math.PI * expMinusSquare y)
                y <- y - newton / (1.0 + y * newton)

            Math.CopySign(y, x)

    /// The Hurwitz zeta function sum (k + q)^-s by Euler-Maclaurin. Domain and poles as torch.special.zeta has them.
    let rec zeta s q =
        if s = 1.0 then
            infinity
        elif s < 1.0 then
            nan
        elif q <= 0.0 && q = floor q then
            infinity
        elif Double.IsNaN s || Double.IsNaN q || Double.IsInfinity q then
            nan
        elif q < 0.0 && s <> floor s then
            nan
        elif q > 1e9 then
            Math.Pow(q, 1.0 - s) * (1.0 / (s - 1.0) + 1.0 / (2.0 * q))
        elif q < 0.0 then
            // The terms below zero are a finite piece of another such sum. Adding them up one by one would take |q| steps.
            let below = floor -q
            let sign = if s % 2.0 = 1.0 then -1.0 else 1.0
            zeta s (q + below + 1.0) + sign * (zeta s (-q - below) - zeta s (1.0 - q))
        else
            let terms = max 12.0 (ceil (12.0 - q))
            let mutable sum = 0.0
            let mutable k = 0.0

            while k < terms do
                sum <- sum + Math.Pow(q + k, -s)
                k <- k + 1.0

            let a = q + terms
            let edge = Math.Pow(a, -s)
            sum <- sum + a * edge / (s - 1.0) + edge / 2.0
            let mutable factor = s * edge / a / 2.0

            for j in 1 .. bernoulli.Length do
                sum <- sum + bernoulli[j - 1] * factor
                let m = float (2 * j)
                factor <- factor * (s + m - 1.0) * (s + m) / ((m + 1.0) * (m + 2.0) * a * a)

            sum

    let private euler = 0.57721566490153286061

    /// zeta(k) - 1, for the Taylor series of lgamma around 2.
    let private zetaMinusOne = Array.init 64 (fun k -> if k < 2 then 0.0 else zeta (float k) 2.0)

    let private lgammaNearTwo z =
        let mutable sum = 0.0

        for k = zetaMinusOne.Length - 1 downto 2 do
            sum <- sum + zetaMinusOne[k] / float k * Math.Pow(-z, float k)

        z * (1.0 - euler) + sum

    /// sin(pi x), exact at the integers.
    let private sinPi x =
        let r = Math.IEEERemainder(x, 2.0)

        if abs r > 0.5 then
            sin (Math.PI * (Math.CopySign(1.0, r) - r))
        else
            sin (Math.PI * r)

    /// log |gamma(x)|.
    let rec lgamma x =
        if Double.IsNaN x then
            x
        elif Double.IsInfinity x || (x <= 0.0 && x = floor x) then
            infinity
        elif x < 0.0 then
            log Math.PI - log (abs (sinPi x)) - lgamma (1.0 - x)
        elif x < 0.5 then
            lgammaNearTwo x - log1p x - log x
        elif x < 1.5 then
            lgammaNearTwo (x - 1.0) - log1p (x - 1.0)
        elif x <= 2.5 then
            lgammaNearTwo (x - 2.0)
        elif x < 15.0 then
            lgamma (x - 1.0) + log (x - 1.0)
        else
            let mutable sum = (x - 0.5) * log x - x + log (2.0 * Math.PI) / 2.0

            for j in 1..10 do
                let m = float (2 * j)
                sum <- sum + bernoulli[j - 1] / (m * (m - 1.0) * Math.Pow(x, m - 1.0))

            sum

    /// The derivative of lgamma; at 0 minus infinity with the sign of the zero, at negative integers nan, as torch.digamma.
    let rec digamma x =
        if Double.IsNaN x || Double.IsPositiveInfinity x then
            x
        elif x = 0.0 then
            Math.CopySign(infinity, -x)
        elif x < 0.0 && x = floor x then
            nan
        elif x < 0.0 then
            digamma (1.0 - x) - Math.PI / Math.Tan(Math.PI * Math.IEEERemainder(x, 1.0))
        elif x < 12.0 then
            digamma (x + 1.0) - 1.0 / x
        else
            let mutable sum = log x - 0.5 / x

            for j in 1..10 do
                let m = float (2 * j)
                sum <- sum - bernoulli[j - 1] / (m * Math.Pow(x, m))

            sum

    /// The derivative of digamma: poles at the integers up to 0, and no limit at minus infinity.
    let rec trigamma x =
        if Double.IsPositiveInfinity x then
            0.0
        elif Double.IsNaN x || Double.IsInfinity x then
            nan
        elif x < 0.5 then
            let s = sinPi x
            Math.PI * Math.PI / (s * s) - trigamma (1.0 - x)
        elif x < 12.0 then
            trigamma (x + 1.0) + 1.0 / (x * x)
        else
            let mutable sum = 1.0 / x + 0.5 / (x * x)

            for j in 1..10 do
                sum <- sum + bernoulli[j - 1] / Math.Pow(x, float (2 * j + 1))

            sum

    /// log(1 + u) - u without cancellation.
    let private log1pMinus u =
        if abs u > 0.3 then
            log1p u - u
        else
            let mutable power = -u * u
            let mutable sum = 0.0
            let mutable k = 2

            while abs power > 1e-18 * u * u do
                sum <- sum + power / float k
                power <- -power * u
                k <- k + 1

            sum

    /// x^a exp(-x) / gamma(a + 1); for large a around the peak at a, where the three factors would cancel each other.
    let private gammaFront (a: float) x =
        if a < 12.0 then
            exp (a * log x - x - lgamma (a + 1.0))
        else
            let mutable stirling = 0.0

            for j in 1..8 do
                let m = float (2 * j)
                stirling <- stirling + bernoulli[j - 1] / (m * (m - 1.0) * Math.Pow(a, m - 1.0))

            exp (a * log1pMinus ((x - a) / a) - stirling) / sqrt (2.0 * Math.PI * a)

    /// P(a, x) for x < a + 1: front times the sum of x^n / ((a + 1) ... (a + n)).
    let private gammaSeries a x =
        let mutable term = 1.0
        let mutable sum = 1.0
        let mutable n = a

        while term > 1e-17 * sum do
            n <- n + 1.0
            term <- term * x / n
            sum <- sum + term

        gammaFront a x * sum

    /// Q(a, x) for x >= a + 1 by Legendre's continued fraction, evaluated forwards (Lentz).
    let private gammaFraction a x =
        let tiny = 1e-300
        let mutable b = x + 1.0 - a
        let mutable c = 1.0 / tiny
        let mutable d = 1.0 / b
        let mutable h = d
        let mutable i = 1.0
        let mutable runs = true

        while runs do
            let numerator = -i * (i - a)
            b <- b + 2.0
            let below = numerator * d + b
            d <- 1.0 / (if abs below < tiny then tiny else below)
            c <- b + numerator / c

            if abs c < tiny then
                c <- tiny

            let factor = d * c
            h <- h * factor
            i <- i + 1.0
            runs <- abs (factor - 1.0) > 1e-16 && i < 1e7

        // front is x^a exp(-x) / gamma(a + 1): gamma(a) needs a once more.
        gammaFront a x * a * h

    /// The regularised incomplete gamma functions: the share below x, and that above. Edges as torch.igamma has them.
    let private gammaShare isUpper a x =
        let below, above = if isUpper then 0.0, 1.0 else 1.0, 0.0

        if not (a >= 0.0) || not (x >= 0.0) then
            nan
        elif a = 0.0 then
            (if x > 0.0 then below else nan)
        elif x = 0.0 then
            above
        elif Double.IsInfinity a then
            (if Double.IsInfinity x then nan else above)
        elif Double.IsInfinity x then
            below
        elif x < a + 1.0 then
            (let p = gammaSeries a x in if isUpper then 1.0 - p else p)
        else
            (let q = gammaFraction a x in if isUpper then q else 1.0 - q)

    let incompleteGamma a x = gammaShare false a x
    let incompleteGammaComplement a x = gammaShare true a x

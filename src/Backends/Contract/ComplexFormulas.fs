namespace Functional.Contract

open System

/// A complex number as the expressions of its parts.
[<Struct; NoEquality; NoComparison>]
type Parts = { Re: ScalarExpr; Im: ScalarExpr }

/// Functions of complex numbers written in functions of real ones, so that whoever computes with reals computes with
/// complex numbers too. Branch cuts and signs of zero are those of C99's annex G (Kahan 1987).
[<RequireQualifiedAccess>]
module ComplexFormulas =
    let private parts re im = { Re = re; Im = im }
    let private real = ScalarExpr.real
    let private zero = real 0.0
    let private one = real 1.0
    let private half = real 0.5
    let private select = ScalarExpr.select
    let private size x = Unary(Abs, x)
    let private root x = Unary(Sqrt, x)
    let private exponential x = Unary(Exp, x)
    let private both a b = Binary(And, a, b)
    let private either a b = Binary(Or, a, b)
    let private withSign sign x = Binary(CopySign, x, sign)
    let private square x = Binary(Mul, x, x)

    /// i z and z / i
    let private turned z = parts (-z.Im) z.Re
    let private turnedBack z = parts z.Im (-z.Re)

    let add a b = parts (a.Re + b.Re) (a.Im + b.Im)
    let sub a b = parts (a.Re - b.Re) (a.Im - b.Im)
    let neg z = parts (-z.Re) (-z.Im)
    let conjugate z = parts z.Re (-z.Im)
    let mul a b = parts (a.Re * b.Re - a.Im * b.Im) (a.Re * b.Im + a.Im * b.Re)
    let private scale f z = parts (z.Re * (f: float)) (z.Im * f)

    /// The divisor is scaled by its larger part first, so that its square neither overflows nor vanishes.
    let div a b =
        let larger = Binary(Max, size b.Re, size b.Im)
        let c = b.Re / larger
        let d = b.Im / larger
        let norm = b.Re * c + b.Im * d
        parts ((a.Re * c + a.Im * d) / norm) ((a.Im * c - a.Re * d) / norm)

    let reciprocal z =
        let larger = Binary(Max, size z.Re, size z.Im)
        let c = z.Re / larger
        let d = z.Im / larger
        let norm = z.Re * c + z.Im * d
        // Infinities over each other would be nan.
        let vanishing x = select (ScalarExpr.eq larger (real infinity)) zero x
        parts (vanishing (c / norm)) (vanishing (-(d / norm)))

    /// |z| without squares that overflow or vanish.
    let abs z =
        let x, y = size z.Re, size z.Im
        let larger = Binary(Max, x, y)
        let ratio = Binary(Min, x, y) / larger
        let isPlain = both (ScalarExpr.gt larger zero) (ScalarExpr.lt larger (real infinity))
        // An infinite part wins over a nan.
        let isInfinite = either (ScalarExpr.eq x (real infinity)) (ScalarExpr.eq y (real infinity))
        select isPlain (larger * root (1.0 + square ratio)) (select isInfinite (real infinity) larger)

    let angle z = Binary(Atan2, z.Im, z.Re)

    let sign z =
        let length = abs z
        let isZero = ScalarExpr.eq length zero
        parts (select isZero z.Re (z.Re / length)) (select isZero z.Im (z.Im / length))

    let isEqual a b = both (ScalarExpr.eq a.Re b.Re) (ScalarExpr.eq a.Im b.Im)
    let isDifferent a b = either (Compare(Ne, a.Re, b.Re)) (Compare(Ne, a.Im, b.Im))
    let isZero z = both (ScalarExpr.eq z.Re zero) (ScalarExpr.eq z.Im zero)

    let choose c a b = parts (select c a.Re b.Re) (select c a.Im b.Im)

    let exp z =
        let grown = exponential z.Re
        let onAxis = ScalarExpr.eq z.Im zero
        parts (grown * Unary(Cos, z.Im)) (select onAxis z.Im (grown * Unary(Sin, z.Im)))

    /// exp(x) - 1 = (expm1(x) cos(y) - 2 sin(y/2)^2) + i exp(x) sin(y)
    let expm1 z =
        let s = Unary(Sin, z.Im * 0.5)
        parts (Unary(Expm1, z.Re) * Unary(Cos, z.Im) - 2.0 * square s) (exponential z.Re * Unary(Sin, z.Im))

    /// log |z|, by log1p(|z|^2 - 1) where |z| is about 1 and the logarithm would lose everything.
    let private logSize z =
        let x, y = size z.Re, size z.Im
        let larger = Binary(Max, x, y)
        let smaller = Binary(Min, x, y)
        let length = abs z
        let excess = (larger - 1.0) * (larger + 1.0) + square smaller
        let isNearOne = both (ScalarExpr.gt length (real 0.7)) (ScalarExpr.lt length (real 1.5))
        select isNearOne (0.5 * Unary(Log1p, excess)) (Unary(Log, length))

    let log z = parts (logSize z) (angle z)
    let log2 z = scale (1.0 / Math.Log 2.0) (log z)
    let log10 z = scale (1.0 / Math.Log 10.0) (log z)

    let log1p z =
        let moved = parts (z.Re + 1.0) z.Im
        let excess = z.Re * (z.Re + 2.0) + square z.Im
        let isSmall = ScalarExpr.lt (size excess) (real 1.0)
        parts (select isSmall (0.5 * Unary(Log1p, excess)) (logSize moved)) (angle moved)

    /// The root with a real part that is not negative.
    let sqrt z =
        let t = root (0.5 * size z.Re + 0.5 * abs z)
        let other = size z.Im / (2.0 * t)
        let isRight = ScalarExpr.ge z.Re zero
        let isZero = ScalarExpr.eq t zero
        let re = select isZero zero (select isRight t other)
        let im = select isZero z.Im (withSign z.Im (select isRight other t))
        let isTall = ScalarExpr.eq (size z.Im) (real infinity)
        parts (select isTall (real infinity) re) (select isTall z.Im im)

    let rsqrt z = reciprocal (sqrt z)

    let sinh z = parts (Unary(Sinh, z.Re) * Unary(Cos, z.Im)) (Unary(Cosh, z.Re) * Unary(Sin, z.Im))

    let cosh z = parts (Unary(Cosh, z.Re) * Unary(Cos, z.Im)) (Unary(Sinh, z.Re) * Unary(Sin, z.Im))

    /// With h = tanh(x), t = tan(y): (h (1 + t^2) + i t (1 - h^2)) / (1 + h^2 t^2), and 1 - h^2 = 1 / cosh(x)^2.
    let tanh z =
        let h = Unary(Tanh, z.Re)
        let t = Unary(Tan, z.Im)
        let norm = 1.0 + square (h * t)
        parts (h * (1.0 + square t) / norm) (t / square (Unary(Cosh, z.Re)) / norm)

    let sin z = turnedBack (sinh (turned z))
    let cos z = cosh (turned z)
    let tan z = turnedBack (tanh (turned z))

    let asin z =
        let a = sqrt (parts (1.0 - z.Re) (-z.Im))
        let b = sqrt (parts (1.0 + z.Re) z.Im)
        parts (Binary(Atan2, z.Re, a.Re * b.Re - a.Im * b.Im)) (Unary(Asinh, a.Re * b.Im - a.Im * b.Re))

    let acos z =
        let a = sqrt (parts (1.0 - z.Re) (-z.Im))
        let b = sqrt (parts (1.0 + z.Re) z.Im)
        parts (2.0 * Binary(Atan2, a.Re, b.Re)) (Unary(Asinh, b.Re * a.Im - b.Im * a.Re))

    let asinh z = turnedBack (asin (turned z))

    let acosh z =
        let a = sqrt (parts (z.Re - 1.0) z.Im)
        let b = sqrt (parts (z.Re + 1.0) z.Im)
        parts (Unary(Asinh, a.Re * b.Re + a.Im * b.Im)) (2.0 * Binary(Atan2, a.Im, b.Re))

    let atanh z =
        let x = size z.Re
        let away = square (1.0 - x) + square z.Im
        let re = withSign z.Re (0.25 * Unary(Log1p, 4.0 * x / away))
        parts re (half * Binary(Atan2, 2.0 * z.Im, (1.0 - x) * (1.0 + x) - square z.Im))

    let atan z = turnedBack (atanh (turned z))

    /// 1 / (1 + exp(-z)), the exponential taken where it does not overflow.
    let sigmoid z =
        let isLeft = ScalarExpr.lt z.Re zero
        let small = exp (choose isLeft z (neg z))
        div (choose isLeft small (parts one zero)) (parts (1.0 + small.Re) small.Im)

    let exp2 z = exp (scale (Math.Log 2.0) z)

    /// exp(b log(a)); of 0 only powers with a positive real part, and the power 0.
    let pow a b =
        let powered = exp (mul b (log a))
        let ofZero = select (ScalarExpr.gt b.Re zero) zero (real nan)
        choose (isZero b) (parts one zero) (choose (isZero a) (parts ofZero ofZero) powered)

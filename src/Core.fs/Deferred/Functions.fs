namespace Functional

open Functional.Contract

/// The catalogue of named pointwise functions: each is its scalar expression and nothing else.
/// Shapes, broadcasting, dtypes, derivatives, batching and kernels all follow from it.
[<RequireQualifiedAccess>]
module Functions =
    let private x = Arg 0
    let private y = Arg 1
    let private z = Arg 2
    let private real = ScalarExpr.real
    let private zero = real 0.0
    let private unary name op = PointwiseFunction(name, Unary(op, x))
    let private binary name op = PointwiseFunction(name, Binary(op, x, y))
    let private compare name op = PointwiseFunction(name, Compare(op, x, y))
    let private define name expr = PointwiseFunction(name, expr)

    // Arithmetic
    let add = binary "add" Add
    let sub = binary "sub" Sub
    let mul = binary "mul" Mul
    let div = binary "div" Div
    let floorDivide = binary "floor_divide" FloorDiv
    let remainder = binary "remainder" Remainder
    let fmod = binary "fmod" Fmod
    let pow = binary "pow" Pow
    let atan2 = binary "atan2" Atan2
    let maximum = binary "maximum" Max
    let minimum = binary "minimum" Min
    let copysign = binary "copysign" CopySign
    let zeta = binary "zeta" Zeta
    let igamma = binary "igamma" IncompleteGamma
    let igammac = binary "igammac" IncompleteGammaComplement
    let nextAfter = binary "nextafter" NextAfter
    let gcd = binary "gcd" GreatestCommonDivisor
    /// a * b + c in one pass.
    let multiplyAdd = define "multiply_add" (x * y + z)

    /// a * (1 - w) + b * w, as torch.lerp computes it on both sides of w = 0.5.
    let lerp =
        ScalarExpr.select (ScalarExpr.lt (Unary(Abs, z)) (real 0.5)) (x + z * (y - x)) (y - (y - x) * (1.0 - z))
        |> define "lerp"

    // Bits and truth
    let bitwiseAnd = binary "bitwise_and" And
    let bitwiseOr = binary "bitwise_or" Or
    let bitwiseXor = binary "bitwise_xor" Xor
    let shiftLeft = binary "bitwise_left_shift" ShiftLeft
    let shiftRight = binary "bitwise_right_shift" ShiftRight
    let bitwiseNot = unary "bitwise_not" BitwiseNot
    let logicalNot = unary "logical_not" Not
    let eq = compare "eq" Eq
    let ne = compare "ne" Ne
    let lt = compare "lt" Lt
    let le = compare "le" Le
    let gt = compare "gt" Gt
    let ge = compare "ge" Ge
    let isNan = define "isnan" (Compare(Ne, x, x))
    let isInfinite = define "isinf" (Compare(Eq, Unary(Abs, x), real infinity))
    let isFinite = define "isfinite" (Compare(Lt, Unary(Abs, x), real infinity))
    /// where(condition, a, b)
    let where = define "where" (Select(x, y, z))

    // Elementary functions
    let neg = unary "neg" Neg
    let abs = unary "abs" Abs
    let conj = unary "conj" Conjugate
    let realPart = unary "real" RealPart
    let imaginaryPart = unary "imag" ImaginaryPart
    let angle = unary "angle" Angle

    /// 0 or pi, and nan of nan; flat everywhere.
    let angleOfReal =
        define
            "angle"
            (ScalarExpr.select
                (Compare(Ne, x, x))
                (real nan)
                (ScalarExpr.select (ScalarExpr.lt x zero) (real System.Math.PI) zero))

    let complex = binary "complex" MakeComplex

    /// r (cos a + i sin a); flat in both where r is 0, as torch.polar has it.
    let polar =
        let at isSmooth = ScalarExpr.select (ScalarExpr.eq x zero) zero isSmooth
        define "polar" (Binary(MakeComplex, at (x * Unary(Cos, y)), at (x * Unary(Sin, y))))

    let sign = unary "sign" Sign
    let square = define "square" (x * x)
    let reciprocal = unary "reciprocal" Reciprocal
    let sqrt = unary "sqrt" Sqrt
    let rsqrt = unary "rsqrt" Rsqrt
    let exp = unary "exp" Exp
    let exp2 = unary "exp2" Exp2
    let expm1 = unary "expm1" Expm1
    let log = unary "log" Log
    let log2 = unary "log2" Log2
    let log10 = unary "log10" Log10
    let log1p = unary "log1p" Log1p
    let sin = unary "sin" Sin
    let cos = unary "cos" Cos
    let tan = unary "tan" Tan
    let asin = unary "asin" Asin
    let acos = unary "acos" Acos
    let atan = unary "atan" Atan
    let sinh = unary "sinh" Sinh
    let cosh = unary "cosh" Cosh
    let tanh = unary "tanh" Tanh
    let asinh = unary "asinh" Asinh
    let acosh = unary "acosh" Acosh
    let atanh = unary "atanh" Atanh
    let erf = unary "erf" Erf
    let erfc = unary "erfc" Erfc
    let erfinv = unary "erfinv" Erfinv
    let lgamma = unary "lgamma" Lgamma
    let digamma = unary "digamma" Digamma
    let trigamma = unary "trigamma" Trigamma
    let floor = unary "floor" Floor
    let ceil = unary "ceil" Ceil
    let round = unary "round" Round
    let trunc = unary "trunc" Trunc

    // Activations
    let sigmoid = unary "sigmoid" Sigmoid
    /// nan passes, -0 becomes 0, and the slope at 0 is 0.
    let relu = define "relu" (ScalarExpr.select (ScalarExpr.le x zero) zero x)
    /// Arguments: x and the slope below 0.
    let leakyRelu = define "leaky_relu" (ScalarExpr.select (ScalarExpr.gt x zero) x (x * y))
    /// x * Phi(x), Phi being the normal distribution function (Hendrycks and Gimpel 2016).
    let gelu = define "gelu" (x * 0.5 * (1.0 + Unary(Erf, x * System.Math.Sqrt 0.5)))

    /// The tanh approximation of gelu.
    let geluTanh =
        define "gelu" (0.5 * x * (1.0 + Unary(Tanh, System.Math.Sqrt(2.0 / System.Math.PI) * (x + 0.044715 * (x * x * x)))))

    let silu = define "silu" (x * Unary(Sigmoid, x))
    /// Below max: x; above: max. Arguments: x, min, max.
    let clamp = define "clamp" (ScalarExpr.select (ScalarExpr.lt x y) y (ScalarExpr.select (ScalarExpr.gt x z) z x))

    /// log(1 + exp(x)) without overflow.
    let softplus =
        // Both parts have the slope 1 at 0, so that their sum has its own there.
        let positive = ScalarExpr.select (ScalarExpr.ge x zero) x zero
        let magnitude = ScalarExpr.select (ScalarExpr.ge x zero) x (-x)
        define "softplus" (positive + Unary(Log1p, Unary(Exp, -magnitude)))

    /// From real numbers to integers, by Dtype.index: nan and what is too large become the smallest integer of 64 (or 32) bits,
    /// of which smaller integers keep the low bits.
    let truncations =
        let within (limit: float) target =
            Cast(target, ScalarExpr.select (ScalarExpr.lt (Unary(Abs, x)) (real limit)) x (real -limit))

        Dtype.all
        |> Array.map (fun dtype ->
            let whole =
                if dtype = Int32 then
                    within 2147483648.0 Int32
                else
                    within 9223372036854775808.0 Int64

            define ("to_" + Dtype.name dtype) (if dtype = Int32 || dtype = Int64 then whole else Cast(dtype, whole)))

    /// By Dtype.index.
    let casts = Dtype.all |> Array.map (fun dtype -> define ("to_" + Dtype.name dtype) (Cast(dtype, x)))

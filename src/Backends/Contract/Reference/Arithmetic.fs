namespace Functional.Contract

open System
open Functional.Contract

/// What each scalar function means for one element of one dtype. Reals are computed in double precision and rounded once
/// to the dtype; integers are computed in 64 bits and wrap.
[<RequireQualifiedAccess>]
module Arithmetic =
    let private missing (operation: string) dtype =
        let operation = operation.ToLowerInvariant()

        raise (
            DtypeException
                $"\"{operation}\" not implemented for '{Dtype.scalarTypeName dtype}': the {operation} of a scalar program does not take {Dtype.name dtype}; cast to a dtype that it takes"
        )

    let private divisionByZero operation =
        raise (
            ArgumentValueException
                $"ZeroDivisionError: {operation} of integers by zero; mask the zeros or divide floating point numbers"
        )

    let private real op =
        match op with
        | Unary.Neg -> fun x -> -x
        | Unary.Abs -> abs
        | Unary.Sign ->
            fun x ->
                if x > 0.0 then 1.0
                elif x < 0.0 then -1.0
                else 0.0
        | Unary.Exp -> exp
        | Unary.Exp2 -> fun x -> Math.Pow(2.0, x)
        | Unary.Expm1 -> SpecialFunctions.expm1
        | Unary.Log -> log
        | Unary.Log2 -> Math.Log2
        | Unary.Log10 -> log10
        | Unary.Log1p -> SpecialFunctions.log1p
        | Unary.Sqrt -> sqrt
        | Unary.Rsqrt -> fun x -> 1.0 / sqrt x
        | Unary.Reciprocal -> fun x -> 1.0 / x
        | Unary.Sin -> sin
        | Unary.Cos -> cos
        | Unary.Tan -> tan
        | Unary.Asin -> asin
        | Unary.Acos -> acos
        | Unary.Atan -> atan
        | Unary.Sinh -> sinh
        | Unary.Cosh -> cosh
        | Unary.Tanh -> tanh
        | Unary.Asinh -> Math.Asinh
        | Unary.Acosh -> Math.Acosh
        | Unary.Atanh -> Math.Atanh
        | Unary.Sigmoid -> fun x -> if x < 0.0 then exp x / (1.0 + exp x) else 1.0 / (1.0 + exp -x)
        | Unary.Erf -> SpecialFunctions.erf
        | Unary.Erfc -> SpecialFunctions.erfc
        | Unary.Erfinv -> SpecialFunctions.erfinv
        | Unary.Lgamma -> SpecialFunctions.lgamma
        | Unary.Digamma -> SpecialFunctions.digamma
        | Unary.Trigamma -> SpecialFunctions.trigamma
        | Unary.Floor -> floor
        | Unary.Ceil -> ceil
        | Unary.Round -> fun x -> Math.Round(x, MidpointRounding.ToEven)
        | Unary.Trunc -> truncate
        | Unary.Conjugate
        | Unary.RealPart -> id
        | Unary.ImaginaryPart -> fun _ -> 0.0
        | Unary.Angle ->
            fun x ->
                if Double.IsNaN x then x
                elif x < 0.0 then Math.PI
                else 0.0
        | Unary.Not
        | Unary.BitwiseNot -> missing (string op) Float64

    let private i = Numerics.Complex.ImaginaryOne
    let private complexOne = Numerics.Complex.One

    /// 1 / (1 + exp(-z)), the exponential taken where it does not overflow.
    let private sigmoid (z: Numerics.Complex) =
        if z.Real < 0.0 then
            (let e = Numerics.Complex.Exp z in e / (complexOne + e))
        else
            complexOne / (complexOne + Numerics.Complex.Exp(-z))

    let private complex dtype op : Numerics.Complex -> Numerics.Complex =
        match op with
        | Unary.Neg -> Numerics.Complex.Negate
        | Unary.Conjugate -> Numerics.Complex.Conjugate
        | Unary.Sign ->
            fun z ->
                let size = Numerics.Complex.Abs z
                if size = 0.0 then z else Numerics.Complex(z.Real / size, z.Imaginary / size)
        | Unary.Exp2 -> fun z -> Numerics.Complex.Exp(z * Numerics.Complex(log 2.0, 0.0))
        // (exp(x) - 1) cos(y) - 2 sin(y/2)^2 + i exp(x) sin(y): nothing cancels near 0.
        | Unary.Expm1 ->
            fun z ->
                let s = sin (z.Imaginary / 2.0)

                Numerics.Complex(SpecialFunctions.expm1 z.Real * cos z.Imaginary - 2.0 * s * s, exp z.Real * sin z.Imaginary)
        | Unary.Log2 -> fun z -> Numerics.Complex.Log z / Numerics.Complex(log 2.0, 0.0)
        | Unary.Log10 -> fun z -> Numerics.Complex.Log z / Numerics.Complex(log 10.0, 0.0)
        | Unary.Log1p ->
            fun z ->
                let growth = z.Real * (z.Real + 2.0) + z.Imaginary * z.Imaginary
                Numerics.Complex(0.5 * SpecialFunctions.log1p growth, Math.Atan2(z.Imaginary, 1.0 + z.Real))
        | Unary.Rsqrt -> fun z -> complexOne / Numerics.Complex.Sqrt z
        | Unary.Asin -> Numerics.Complex.Asin
        | Unary.Acos -> Numerics.Complex.Acos
        | Unary.Atan -> Numerics.Complex.Atan
        | Unary.Asinh -> fun z -> i * Numerics.Complex.Asin(-i * z)
        | Unary.Acosh ->
            fun z -> Numerics.Complex.Log(z + Numerics.Complex.Sqrt(z + complexOne) * Numerics.Complex.Sqrt(z - complexOne))
        | Unary.Atanh -> fun z -> -i * Numerics.Complex.Atan(i * z)
        | Unary.Sigmoid -> sigmoid
        | Unary.Exp -> Numerics.Complex.Exp
        | Unary.Log -> Numerics.Complex.Log
        | Unary.Sqrt -> Numerics.Complex.Sqrt
        | Unary.Reciprocal -> Numerics.Complex.Reciprocal
        | Unary.Sin -> Numerics.Complex.Sin
        | Unary.Cos -> Numerics.Complex.Cos
        | Unary.Tan -> Numerics.Complex.Tan
        | Unary.Sinh -> Numerics.Complex.Sinh
        | Unary.Cosh -> Numerics.Complex.Cosh
        | Unary.Tanh -> Numerics.Complex.Tanh
        | _ -> missing (string op) dtype

    let private integer dtype op : int64 -> int64 =
        match op with
        | Unary.Neg -> fun x -> -x
        | Unary.Abs -> fun x -> if x < 0L then -x else x
        | Unary.Sign -> fun x -> int64 (sign x)
        | Unary.Floor
        | Unary.Ceil
        | Unary.Round
        | Unary.Trunc -> id
        | Unary.BitwiseNot -> if dtype = Bool then (fun x -> 1L - x) else (fun x -> ~~~x)
        | _ -> missing (string op) dtype

    /// A real number that a complex one has.
    let private part op (z: Numerics.Complex) =
        match op with
        | Unary.RealPart -> z.Real
        | Unary.ImaginaryPart -> z.Imaginary
        | Unary.Angle -> z.Phase
        | _ -> Numerics.Complex.Abs z

    /// A unary function at one element of `dtype`.
    let unary dtype op (a: Scalar) =
        match op, Dtype.category dtype with
        | (Unary.Abs | Unary.RealPart | Unary.ImaginaryPart | Unary.Angle), 3 ->
            Element.round (Dtype.toReal dtype) (Real(part op a.AsComplex))
        | Unary.Not, _ -> Boolean(Scalar.toDtype Bool a = Boolean false)
        | Unary.BitwiseNot, 2 -> missing "bitwise_not_cpu" dtype
        | _, 2 -> Element.round dtype (Real(real op a.AsFloat))
        | _, 3 -> Element.round dtype (Complex(complex dtype op a.AsComplex))
        | _ -> Element.round dtype (Integer(integer dtype op a.AsInteger))

    /// Python's %: the remainder of the truncated division, moved to the sign of the divisor.
    let private remainder round a b =
        let m: float = a % b
        if m <> 0.0 && (b < 0.0) <> (m < 0.0) then round (m + b) else m

    /// Division rounded down, in the steps of Python's floats, so that it agrees with `remainder`.
    let private floorDivide round (a: float) b =
        if b = 0.0 then
            a / b
        else
            let m = a % b
            let d = round (round (a - m) / b)
            let d = if m <> 0.0 && (b < 0.0) <> (m < 0.0) then round (d - 1.0) else d

            if d = 0.0 then
                Math.CopySign(0.0, a / b)
            else
                let whole = floor d
                if d - whole > 0.5 then whole + 1.0 else whole

    /// The neighbour of a on the way to b, among the numbers of float64 or of float32.
    let private nextAfter dtype (a: float) b =
        let single = dtype <> Float64

        if Double.IsNaN a || Double.IsNaN b then
            nan
        elif a = b then
            b
        elif a < b then
            (if single then float (MathF.BitIncrement(float32 a)) else Math.BitIncrement a)
        else
            (if single then float (MathF.BitDecrement(float32 a)) else Math.BitDecrement a)

    let private binaryReal round dtype op (a: float) (b: float) : float =
        match op with
        | Binary.Add -> a + b
        | Binary.Sub -> a - b
        | Binary.Mul -> a * b
        | Binary.Div -> a / b
        | Binary.FloorDiv -> floorDivide round a b
        | Binary.Remainder -> remainder round a b
        | Binary.Fmod -> a % b
        | Binary.Pow -> Math.Pow(a, b)
        | Binary.Atan2 -> Math.Atan2(a, b)
        | Binary.Max -> Math.Max(a, b)
        | Binary.Min -> Math.Min(a, b)
        | Binary.CopySign -> Math.CopySign(a, b)
        | Binary.Zeta -> SpecialFunctions.zeta a b
        | Binary.IncompleteGamma -> SpecialFunctions.incompleteGamma a b
        | Binary.IncompleteGammaComplement -> SpecialFunctions.incompleteGammaComplement a b
        | Binary.NextAfter -> nextAfter dtype a b
        | Binary.GreatestCommonDivisor -> missing "gcd_cpu" dtype
        | Binary.MakeComplex -> missing "complex" dtype
        | Binary.And -> missing "bitwise_and_cpu" dtype
        | Binary.Or -> missing "bitwise_or_cpu" dtype
        | Binary.Xor -> missing "bitwise_xor_cpu" dtype
        | Binary.ShiftLeft -> missing "lshift_cpu" dtype
        | Binary.ShiftRight -> missing "rshift_cpu" dtype

    let private binaryComplex dtype op (a: Numerics.Complex) (b: Numerics.Complex) =
        match op with
        | Binary.Add -> a + b
        | Binary.Sub -> a - b
        | Binary.Mul -> a * b
        | Binary.Div -> a / b
        | Binary.Pow when b = Numerics.Complex.Zero -> complexOne
        | Binary.Pow when a = Numerics.Complex.Zero && b.Real > 0.0 -> a
        | Binary.Pow when a = Numerics.Complex.Zero -> Numerics.Complex(nan, nan)
        | Binary.Pow -> Numerics.Complex.Exp(b * Numerics.Complex.Log a)
        | _ -> missing (string op) dtype

    /// Wrapping power by squaring; a negative exponent leaves the truncated reciprocal.
    let rec private power (a: int64) (b: int64) =
        if b < 0L then
            match a with
            | 1L -> 1L
            | -1L -> if b % 2L = 0L then 1L else -1L
            | _ -> 0L
        elif b = 0L then
            1L
        else
            let root = power a (b / 2L)
            if b % 2L = 0L then root * root else root * root * a

    /// (quotient, remainder) of the division that truncates; the one quotient that overflows wraps.
    let private divide operation (a: int64) (b: int64) =
        match b with
        | 0L -> divisionByZero operation
        | -1L -> struct (-a, 0L)
        | _ -> struct (a / b, a % b)

    let rec private divisor (a: int64) (b: int64) =
        if b = 0L then
            (if a < 0L then -a else a)
        else
            divisor b (if b = -1L then 0L else a % b)

    let private binaryInteger dtype op (a: int64) (b: int64) =
        let bits = int64 (8 * Dtype.size dtype)

        let struct (quotient, rest) =
            match op with
            | Binary.Div
            | Binary.FloorDiv
            | Binary.Remainder
            | Binary.Fmod -> divide (string op) a b
            | _ -> 0L, 0L

        let beyond = rest <> 0L && (rest < 0L) <> (b < 0L)

        match op with
        | Binary.Add -> a + b
        | Binary.Sub -> a - b
        | Binary.Mul -> a * b
        | Binary.Div -> quotient
        | Binary.FloorDiv -> if beyond then quotient - 1L else quotient
        | Binary.Remainder -> if beyond then rest + b else rest
        | Binary.Fmod -> rest
        | Binary.Pow -> power a b
        | Binary.Max -> max a b
        | Binary.Min -> min a b
        | Binary.And -> a &&& b
        | Binary.Or -> a ||| b
        | Binary.Xor -> a ^^^ b
        // A shift by as many bits as there are, or by a negative number, shifts everything out.
        | Binary.ShiftLeft -> if b < 0L || b >= bits then 0L else a <<< int b
        | Binary.ShiftRight -> if b < 0L || b >= bits then a >>> 63 else a >>> int b
        | Binary.Atan2
        | Binary.CopySign
        | Binary.MakeComplex
        | Binary.Zeta
        | Binary.IncompleteGamma
        | Binary.IncompleteGammaComplement
        | Binary.NextAfter -> missing (string op) dtype
        | Binary.GreatestCommonDivisor -> divisor a b

    /// A binary function at two elements of `dtype`.
    let binary dtype op (a: Scalar) (b: Scalar) =
        let round x = (Element.round dtype (Real x)).AsFloat

        match Dtype.category dtype with
        | 2 when op = Binary.MakeComplex ->
            Element.round (Dtype.toComplex dtype) (Complex(Numerics.Complex(a.AsFloat, b.AsFloat)))
        | 2 -> Element.round dtype (Real(binaryReal round dtype op a.AsFloat b.AsFloat))
        | 3 -> Element.round dtype (Complex(binaryComplex dtype op a.AsComplex b.AsComplex))
        | _ -> Element.round dtype (Integer(binaryInteger dtype op a.AsInteger b.AsInteger))

    let inline private ordered op a b =
        match op with
        | Eq -> a = b
        | Ne -> not (a = b)
        | Lt -> a < b
        | Le -> a <= b
        | Gt -> a > b
        | Ge -> a >= b

    /// A comparison of two elements of `dtype`; complex numbers know only equality.
    let compare dtype op (a: Scalar) (b: Scalar) =
        match Dtype.category dtype, op with
        | 2, _ -> Boolean(ordered op a.AsFloat b.AsFloat)
        | 3, Eq -> Boolean(Numerics.Complex.op_Equality (a.AsComplex, b.AsComplex))
        | 3, Ne -> Boolean(Numerics.Complex.op_Inequality (a.AsComplex, b.AsComplex))
        | 3, _ -> missing (string op) dtype
        | _ -> Boolean(ordered op a.AsInteger b.AsInteger)

    let isNan (value: Scalar) =
        match value with
        | Real r -> Double.IsNaN r
        | Complex c -> Double.IsNaN c.Real || Double.IsNaN c.Imaginary
        | _ -> false

    /// The order that folds and sorts go by: nan is the largest, and equal to itself.
    let order (a: Scalar) (b: Scalar) =
        match a, b with
        | Real x, Real y when Double.IsNaN x || Double.IsNaN y -> Operators.compare (Double.IsNaN x) (Double.IsNaN y)
        | Real x, Real y ->
            if x < y then -1
            elif x > y then 1
            else 0
        | _ -> Operators.compare a.AsInteger b.AsInteger

namespace Functional.Contract

/// How scalar expressions move with what they are made of: one rule for every function of one or two numbers, and the chain rule.
[<RequireQualifiedAccess>]
module Slopes =
    let private real = ScalarExpr.real
    let private select = ScalarExpr.select
    let private eq a b = ScalarExpr.eq a b
    let private lt a b = ScalarExpr.lt a b
    let private gt a b = ScalarExpr.gt a b
    let private ge a b = ScalarExpr.ge a b
    let private half = real 0.5
    let private one = real 1.0
    let private square x = Binary(Mul, x, x)

    /// How the value y = f(x) of a unary function moves with its argument; none where it is constant between jumps.
    /// For complex arguments this holds of the holomorphic functions; `Wirtinger` knows the others.
    let ofUnary op x y =
        match op with
        | Neg -> ValueSome(real -1.0)
        | Conjugate
        | RealPart -> ValueSome one
        | Abs -> ValueSome(Unary(Sign, x))
        | Exp -> ValueSome y
        | Exp2 -> ValueSome(y * log 2.0)
        | Expm1 -> ValueSome(y + 1.0)
        | Log -> ValueSome(Unary(Reciprocal, x))
        | Log2 -> ValueSome(1.0 / (x * log 2.0))
        | Log10 -> ValueSome(1.0 / (x * log 10.0))
        | Log1p -> ValueSome(1.0 / (x + 1.0))
        | Sqrt -> ValueSome(1.0 / (2.0 * y))
        | Rsqrt -> ValueSome(-0.5 * (y * square y))
        | Reciprocal -> ValueSome(-(square y))
        | Sin -> ValueSome(Unary(Cos, x))
        | Cos -> ValueSome(-Unary(Sin, x))
        | Tan -> ValueSome(square y + 1.0)
        | Asin -> ValueSome(Unary(Rsqrt, 1.0 - square x))
        | Acos -> ValueSome(-Unary(Rsqrt, 1.0 - square x))
        | Atan -> ValueSome(1.0 / (square x + 1.0))
        | Sinh -> ValueSome(Unary(Cosh, x))
        | Cosh -> ValueSome(Unary(Sinh, x))
        | Tanh -> ValueSome(1.0 - square y)
        | Asinh -> ValueSome(Unary(Rsqrt, square x + 1.0))
        // Two roots, for one root of the product is on the wrong side for complex numbers left of 0.
        | Acosh -> ValueSome(Unary(Rsqrt, x - 1.0) * Unary(Rsqrt, x + 1.0))
        | Atanh -> ValueSome(1.0 / (1.0 - square x))
        | Sigmoid -> ValueSome(y * (1.0 - y))
        | Erf -> ValueSome((2.0 / sqrt System.Math.PI) * Unary(Exp, -(square x)))
        | Erfc -> ValueSome((-2.0 / sqrt System.Math.PI) * Unary(Exp, -(square x)))
        | Erfinv -> ValueSome((sqrt System.Math.PI / 2.0) * Unary(Exp, square y))
        | Lgamma -> ValueSome(Unary(Digamma, x))
        | Digamma -> ValueSome(Unary(Trigamma, x))
        | Trigamma -> ValueSome(-2.0 * Binary(Zeta, real 3.0, x))
        | Sign
        | Floor
        | Ceil
        | Round
        | Trunc
        | Not
        | ImaginaryPart
        | Angle
        | BitwiseNot -> ValueNone

    /// x^(a - 1) exp(-x) / gamma(a)
    let private gammaDensity a x = Unary(Exp, (a - 1.0) * Unary(Log, x) - x - Unary(Lgamma, a))

    /// What has a derivative in its first argument that no formula here gives, under PyTorch's name.
    let private unknownInFirst op =
        match op with
        | Zeta -> ValueSome "zeta"
        | IncompleteGamma -> ValueSome "igamma: input"
        | IncompleteGammaComplement -> ValueSome "igammac: input"
        | _ -> ValueNone

    /// The two partial derivatives of y = f(a, b).
    let ofBinary op a b y : struct (ScalarExpr voption * ScalarExpr voption) =
        match op with
        | Add -> ValueSome one, ValueSome one
        | Sub -> ValueSome one, ValueSome(real -1.0)
        | Mul -> ValueSome b, ValueSome a
        | Div -> ValueSome(Unary(Reciprocal, b)), ValueSome(-(y / b))
        | Remainder -> ValueSome one, ValueSome(-(Binary(FloorDiv, a, b)))
        | Fmod -> ValueSome one, ValueSome(-(Unary(Trunc, a / b)))
        | Pow ->
            // 0^0 is flat in the base, and 0^b is flat in the exponent: both as torch.pow has it.
            let byBase = select (eq b (real 0.0)) (real 0.0) (b * Binary(Pow, a, b - 1.0))

            let byExponent =
                select (Binary(And, eq a (real 0.0), ge (Unary(RealPart, b)) (real 0.0))) (real 0.0) (y * Unary(Log, a))

            ValueSome byBase, ValueSome byExponent
        | Atan2 ->
            let norm = square a + square b
            ValueSome(b / norm), ValueSome(-(a / norm))
        | Max
        | Min ->
            // Ties share the derivative, as torch.maximum does.
            let first = if op = Max then gt a b else lt a b
            let share c = select c one (select (Compare(Eq, a, b)) half (real 0.0))
            let second = if op = Max then lt a b else gt a b
            ValueSome(share first), ValueSome(share second)
        | CopySign ->
            let sign = select (eq a (real 0.0)) (real 0.0) (y / a)
            ValueSome sign, ValueNone
        | Zeta -> ValueNone, ValueSome(-(a * Binary(Zeta, a + 1.0, b)))
        | IncompleteGamma -> ValueNone, ValueSome(gammaDensity a b)
        | IncompleteGammaComplement -> ValueNone, ValueSome(-(gammaDensity a b))
        | NextAfter
        | GreatestCommonDivisor
        | MakeComplex -> ValueSome one, ValueSome(Binary(MakeComplex, real 0.0, one))
        | FloorDiv
        | And
        | Or
        | Xor
        | ShiftLeft
        | ShiftRight -> ValueNone, ValueNone

    /// The derivative with respect to argument `index`; none where the expression does not depend on it smoothly.
    /// Zero is structural: no 0 * x is ever built, so infinities and nans do not leak into derivatives.
    let byArgument index expr : ScalarExpr voption =
        let scale factor d =
            match factor, d with
            | ValueSome f, ValueSome t -> ValueSome(ScalarExpr.Simple(Mul, t, f))
            | _ -> ValueNone

        let plus a b =
            match a, b with
            | ValueSome x, ValueSome y -> ValueSome(ScalarExpr.Simple(Add, x, y))
            | ValueSome x, _
            | _, ValueSome x -> ValueSome x
            | _ -> ValueNone

        let visit (go: ScalarExpr -> ScalarExpr voption) e =
            match e with
            | Arg i -> if i = index then ValueSome one else ValueNone
            | Constant _
            | Param _
            | Compare _ -> ValueNone
            | Unary(op, a) ->
                match go a with
                | ValueNone -> ValueNone
                | d -> scale (ofUnary op a e) d
            | Binary(op, a, b) ->
                match go a, go b with
                | ValueNone, ValueNone -> ValueNone
                | da, db ->
                    match unknownInFirst op with
                    | ValueSome name when da.IsSome ->
                        raise (
                            DifferentiationException
                                $"the derivative for '{name}' is not implemented: detach it, or differentiate by the other argument only"
                        )
                    | _ -> ()

                    match op, da, db with
                    | Div, ValueSome x, ValueNone -> ValueSome(x / b)
                    | _ ->
                        let struct (byA, byB) = ofBinary op a b e
                        plus (scale byA da) (scale byB db)
            | Select(c, a, b) ->
                match go a, go b with
                | ValueNone, ValueNone -> ValueNone
                | da, db ->
                    let orZero = ValueOption.defaultValue (real 0.0)
                    ValueSome(Select(c, orZero da, orZero db))
            | Cast(dtype, a) -> if Dtype.isDifferentiable dtype then go a else ValueNone

        ScalarExpr.memoize visit expr

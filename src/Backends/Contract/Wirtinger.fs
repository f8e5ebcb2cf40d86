namespace Functional.Contract

/// Derivatives of functions of complex numbers: df = a dz + b conj(dz), where a and b are the derivatives by z and by its
/// conjugate as if the two were independent (Wirtinger 1927). b is none for holomorphic functions, and for real ones
/// b = conj(a). Zero is structural, as in `Slopes.byArgument`.
[<RequireQualifiedAccess>]
module Wirtinger =
    let private zero = ScalarExpr.real 0.0
    let private times f d = ScalarExpr.Simple(Mul, d, f)
    let private scale f = ValueOption.map (times f)
    let private conjugate = ValueOption.map ScalarExpr.conjugate

    let private plus a b =
        match a, b with
        | ValueSome x, ValueSome y -> ValueSome(ScalarExpr.Simple(Add, x, y))
        | ValueSome x, _
        | _, ValueSome x -> ValueSome x
        | _ -> ValueNone

    let private minus a b =
        match a, b with
        | ValueSome x, ValueSome y -> ValueSome(ScalarExpr.Simple(Sub, x, y))
        | _, ValueSome y -> ValueSome(-y)
        | x, _ -> x

    /// -i/2
    let private halfOverI = Binary(MakeComplex, zero, ScalarExpr.real -0.5)

    /// How f(u) moves, f having these derivatives by u and by its conjugate, and u these by z and by its.
    let private chain byValue byConjugate (struct (u, v)) =
        struct (plus (scale byValue u) (scale byConjugate (conjugate v)), plus (scale byValue v) (scale byConjugate (conjugate u)))

    let private realPart (struct (u, v)) =
        struct (scale (ScalarExpr.real 0.5) (plus u (conjugate v)), scale (ScalarExpr.real 0.5) (plus v (conjugate u)))

    let private imaginaryPart (struct (u, v)) =
        struct (scale halfOverI (minus u (conjugate v)), scale halfOverI (minus v (conjugate u)))

    let private both f (struct (u, v)) = struct (scale f u, scale f v)

    /// Functions that are not holomorphic; none for those that are. `y` is the function's value.
    let private unary op a y slopes =
        match op with
        | Conjugate -> (let struct (u, v) = slopes in ValueSome(struct (conjugate v, conjugate u)))
        | RealPart -> ValueSome(realPart slopes)
        | ImaginaryPart -> ValueSome(imaginaryPart slopes)
        | Abs ->
            let direction = Unary(Sign, a)
            let half = ScalarExpr.real 0.5
            ValueSome(chain (times half (ScalarExpr.conjugate direction)) (times half direction) slopes)
        | Angle ->
            // The imaginary part of log(a), held at 0 where that has no slope.
            let inverse = ScalarExpr.select (ScalarExpr.eq a zero) zero (Unary(Reciprocal, a))
            ValueSome(imaginaryPart (both inverse slopes))
        | Sign ->
            let size = Unary(Abs, a)
            let isZero = ScalarExpr.eq size zero
            let along = ScalarExpr.select isZero zero (0.5 / size)
            ValueSome(chain along (ScalarExpr.select isZero zero (-(y * y) * (0.5 / size))) slopes)
        | _ -> ValueNone

    /// The derivatives by argument `index` and by its conjugate; none where the expression does not move with it.
    let diff index expr : struct (ScalarExpr voption * ScalarExpr voption) =
        let visit (go: ScalarExpr -> struct (ScalarExpr voption * ScalarExpr voption)) e =
            let still = struct (ValueNone, ValueNone)

            let moves a =
                match go a with
                | struct (ValueNone, ValueNone) -> ValueNone
                | slopes -> ValueSome slopes

            match e with
            | Arg i -> if i = index then struct (ValueSome(ScalarExpr.real 1.0), ValueNone) else still
            | Constant _
            | Param _
            | Compare _ -> still
            | Unary(op, a) ->
                match moves a with
                | ValueNone -> still
                | ValueSome slopes ->
                    match unary op a e slopes, Slopes.ofUnary op a e with
                    | ValueSome known, _ -> known
                    | _, ValueSome slope -> both slope slopes
                    | _ -> still
            | Binary(op, a, b) ->
                match moves a, moves b with
                | ValueNone, ValueNone -> still
                | ValueSome struct (u, v), ValueNone when op = Div ->
                    struct (u |> ValueOption.map (fun t -> t / b), v |> ValueOption.map (fun t -> t / b))
                | byA, byB ->
                    let struct (first, second) = Slopes.ofBinary op a b e

                    let part slope moved =
                        match slope, moved with
                        | ValueSome f, ValueSome slopes -> both f slopes
                        | _ -> still

                    let struct (u, v) = part first byA
                    let struct (s, t) = part second byB
                    struct (plus u s, plus v t)
            | Select(c, a, b) ->
                match moves a, moves b with
                | ValueNone, ValueNone -> still
                | _ ->
                    let struct (u, v) = go a
                    let struct (s, t) = go b

                    let choose x y =
                        match x, y with
                        | ValueNone, ValueNone -> ValueNone
                        | _ ->
                            let orZero = ValueOption.defaultValue zero
                            ValueSome(Select(c, orZero x, orZero y))

                    struct (choose u s, choose v t)
            | Cast(dtype, a) ->
                if Dtype.isComplex dtype then go a
                elif Dtype.isFloating dtype then realPart (go a)
                else still

        ScalarExpr.memoize visit expr

    /// Whether an expression makes or takes complex numbers apart, so that its derivative is one of these whatever its arguments.
    let isComplex expr =
        let visit go e =
            match e with
            | Arg _
            | Constant _
            | Param _ -> false
            | Unary((Conjugate | RealPart | ImaginaryPart | Angle), _)
            | Binary(MakeComplex, _, _) -> true
            | Cast(dtype, a) -> Dtype.isComplex dtype || go a
            | Unary(_, a) -> go a
            | Binary(_, a, b)
            | Compare(_, a, b) -> go a || go b
            | Select(c, a, b) -> go c || go a || go b

        ScalarExpr.memoize visit expr

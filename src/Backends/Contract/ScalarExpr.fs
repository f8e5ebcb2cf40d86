namespace Functional.Contract

open System.Collections.Generic

/// Functions of one number. Each keeps its argument's dtype, except `Not`, which answers with a bool, and `Abs`, `RealPart`,
/// `ImaginaryPart` and `Angle`, which give the real dtype of a complex argument.
type Unary =
    | Neg
    | Abs
    /// z / |z|, and 0 at 0.
    | Sign
    | Exp
    | Exp2
    | Expm1
    | Log
    | Log2
    | Log10
    | Log1p
    | Sqrt
    | Rsqrt
    | Reciprocal
    | Sin
    | Cos
    | Tan
    | Asin
    | Acos
    | Atan
    | Sinh
    | Cosh
    | Tanh
    | Asinh
    | Acosh
    | Atanh
    | Sigmoid
    | Erf
    | Erfc
    | Erfinv
    | Lgamma
    | Digamma
    /// The derivative of digamma.
    | Trigamma
    | Floor
    | Ceil
    | Round
    | Trunc
    /// Logical negation.
    | Not
    /// Bitwise negation of integers, logical of bools.
    | BitwiseNot
    | Conjugate
    | RealPart
    | ImaginaryPart
    /// The angle of a complex number between -pi and pi; 0 or pi for a real one.
    | Angle

/// Functions of two numbers of one dtype. `Max` and `Min` hand nan on, as torch.maximum does.
type Binary =
    | Add
    | Sub
    | Mul
    /// True division; for integers, division that truncates.
    | Div
    /// Division rounded towards minus infinity.
    | FloorDiv
    /// Remainder with the sign of the divisor (Python's %).
    | Remainder
    /// Remainder with the sign of the dividend (C's fmod).
    | Fmod
    | Pow
    | Atan2
    | Max
    | Min
    /// Bitwise for integers, logical for bools; so are Or and Xor.
    | And
    | Or
    | Xor
    | ShiftLeft
    | ShiftRight
    | CopySign
    /// The Hurwitz zeta function; polygamma comes from it.
    | Zeta
    /// The share P(a, x) of the gamma integral that lies below x.
    | IncompleteGamma
    /// The share Q(a, x) = 1 - P(a, x) of the gamma integral that lies above x.
    | IncompleteGammaComplement
    /// The number next to the first argument on the way to the second, in the dtype of both.
    | NextAfter
    /// The greatest common divisor of integers; not negative.
    | GreatestCommonDivisor
    /// The complex number of a real and an imaginary part.
    | MakeComplex

/// Comparisons; false wherever a nan takes part, except `Ne`.
type Comparison =
    | Eq
    | Ne
    | Lt
    | Le
    | Gt
    | Ge

/// A pointwise function as a value: it can be differentiated, simplified, lowered and compiled.
/// Sharing is by reference: the same object used twice is computed once.
[<ReferenceEquality>]
type ScalarExpr =
    /// The i-th tensor argument.
    | Arg of index: int
    /// A number known when the expression is written; takes the dtype of what it meets.
    | Constant of value: Scalar
    /// A number known when the expression is applied (a learning rate); takes the dtype of what it meets.
    | Param of index: int
    | Unary of op: Unary * a: ScalarExpr
    | Binary of op: Binary * a: ScalarExpr * b: ScalarExpr
    | Compare of op: Comparison * a: ScalarExpr * b: ScalarExpr
    /// The first branch where the condition is true; the other branch's nan does not leak.
    | Select of condition: ScalarExpr * whenTrue: ScalarExpr * whenFalse: ScalarExpr
    | Cast of dtype: Dtype * a: ScalarExpr

    static member (+)(a, b) = ScalarExpr.Simple(Add, a, b)
    static member (-)(a, b) = ScalarExpr.Simple(Sub, a, b)
    static member (*)(a, b) = ScalarExpr.Simple(Mul, a, b)
    static member (/)(a, b) = ScalarExpr.Simple(Div, a, b)
    static member (+)(a, b: float) = ScalarExpr.Simple(Add, a, Constant(Real b))
    static member (-)(a, b: float) = ScalarExpr.Simple(Sub, a, Constant(Real b))
    static member (*)(a, b: float) = ScalarExpr.Simple(Mul, a, Constant(Real b))
    static member (/)(a, b: float) = ScalarExpr.Simple(Div, a, Constant(Real b))
    static member (+)(a: float, b) = ScalarExpr.Simple(Add, Constant(Real a), b)
    static member (-)(a: float, b) = ScalarExpr.Simple(Sub, Constant(Real a), b)
    static member (*)(a: float, b) = ScalarExpr.Simple(Mul, Constant(Real a), b)
    static member (/)(a: float, b) = ScalarExpr.Simple(Div, Constant(Real a), b)

    static member (~-) a =
        match a with
        | Unary(Neg, x) -> x
        | _ -> Unary(Neg, a)

    static member Exp a = Unary(Exp, a)
    static member Log a = Unary(Log, a)
    static member Sqrt a = Unary(Sqrt, a)
    static member Sin a = Unary(Sin, a)
    static member Cos a = Unary(Cos, a)
    static member Tan a = Unary(Tan, a)
    static member Asin a = Unary(Asin, a)
    static member Acos a = Unary(Acos, a)
    static member Atan a = Unary(Atan, a)
    static member Sinh a = Unary(Sinh, a)
    static member Cosh a = Unary(Cosh, a)
    static member Tanh a = Unary(Tanh, a)
    static member Abs a = Unary(Abs, a)
    static member Floor a = Unary(Floor, a)
    static member Ceiling a = Unary(Ceil, a)
    static member Round a = Unary(Round, a)
    static member Truncate a = Unary(Trunc, a)
    static member Atan2(a, b) = Binary(Atan2, a, b)
    static member Pow(a, b: ScalarExpr) = ScalarExpr.Simple(Pow, a, b)
    static member Pow(a, b: float) = ScalarExpr.Simple(Pow, a, Constant(Real b))

    /// A binary operation with the rewrites that are exact for every input (so not x * 0 and not x + 0).
    static member Simple(op, a, b) =
        match op, a, b with
        | Mul, Constant(Real 1.0), x
        | Mul, x, Constant(Real 1.0)
        | Div, x, Constant(Real 1.0)
        | Pow, x, Constant(Real 1.0)
        | Sub, x, Constant(Real 0.0) when not (ScalarExpr.IsNegativeZero b) -> x
        | Mul, Constant(Real -1.0), x
        | Mul, x, Constant(Real -1.0) -> -x
        | Add, x, Unary(Neg, y) -> Binary(Sub, x, y)
        | Sub, x, Unary(Neg, y) -> Binary(Add, x, y)
        | Pow, x, Constant(Real 2.0) -> Binary(Mul, x, x)
        | Pow, x, Constant(Real 3.0) -> Binary(Mul, Binary(Mul, x, x), x)
        | Pow, x, Constant(Real 0.5) -> Unary(Sqrt, x)
        | Pow, x, Constant(Real -1.0) -> Unary(Reciprocal, x)
        | Add, Constant(Real x), Constant(Real y) -> Constant(Real(x + y))
        | Sub, Constant(Real x), Constant(Real y) -> Constant(Real(x - y))
        | Mul, Constant(Real x), Constant(Real y) -> Constant(Real(x * y))
        | Div, Constant(Real x), Constant(Real y) -> Constant(Real(x / y))
        | _ -> Binary(op, a, b)

    static member private IsNegativeZero e =
        match e with
        | Constant(Real r) -> r = 0.0 && System.Double.IsNegative r
        | _ -> false

/// Building, differentiating and rewriting scalar expressions.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ScalarExpr =
    let real x = Constant(Real x)
    let integer (x: int) = Constant(Integer(int64 x))
    let select condition a b = Select(condition, a, b)
    let eq a b = Compare(Eq, a, b)
    let lt a b = Compare(Lt, a, b)
    let le a b = Compare(Le, a, b)
    let gt a b = Compare(Gt, a, b)
    let ge a b = Compare(Ge, a, b)

    /// Every distinct subexpression once, arguments before what uses them.
    let memoize (f: (ScalarExpr -> 'R) -> ScalarExpr -> 'R) =
        let memo = Dictionary<ScalarExpr, 'R>(HashIdentity.Reference)

        let rec go e =
            match memo.TryGetValue e with
            | true, known -> known
            | _ ->
                let result = f go e
                memo[e] <- result
                result

        go

    /// Replaces arguments and parameters, keeping what is shared shared.
    let substitute (argument: int -> ScalarExpr) (parameter: int -> ScalarExpr) expr =
        let visit go e =
            match e with
            | Arg i -> argument i
            | Param i -> parameter i
            | Constant _ -> e
            | Unary(op, a) -> Unary(op, go a)
            | Binary(op, a, b) -> Binary(op, go a, go b)
            | Compare(op, a, b) -> Compare(op, go a, go b)
            | Select(c, a, b) -> Select(go c, go a, go b)
            | Cast(dtype, a) -> Cast(dtype, go a)

        memoize visit expr

    /// The arguments and the parameters that an expression names, each once, in rising order.
    let names expr =
        let arguments = SortedSet<int>()
        let parameters = SortedSet<int>()

        let visit go e =
            match e with
            | Arg i -> arguments.Add i |> ignore
            | Param i -> parameters.Add i |> ignore
            | Constant _ -> ()
            | Unary(_, a)
            | Cast(_, a) -> go a
            | Binary(_, a, b)
            | Compare(_, a, b) ->
                go a
                go b
            | Select(c, a, b) ->
                go c
                go a
                go b

        memoize visit expr
        struct (Seq.toArray arguments, Seq.toArray parameters)

    /// The number of arguments and of parameters that an expression takes (one past the highest it names).
    let arity expr =
        let struct (arguments, parameters) = names expr
        let count (indices: int[]) = if indices.Length = 0 then 0 else indices[indices.Length - 1] + 1
        struct (count arguments, count parameters)

    /// The expression with its constants made parameters (behind its own ones), and their values.
    let lift expr : struct (ScalarExpr * Scalar[]) =
        let struct (_, own) = arity expr
        let numbers = List<Scalar>()

        let visit go e =
            match e with
            | Constant number ->
                numbers.Add number
                Param(own + numbers.Count - 1)
            | Arg _
            | Param _ -> e
            | Unary(op, a) -> Unary(op, go a)
            | Binary(op, a, b) ->
                let a = go a
                Binary(op, a, go b)
            | Compare(op, a, b) ->
                let a = go a
                Compare(op, a, go b)
            | Select(c, a, b) ->
                let c = go c
                let a = go a
                Select(c, a, go b)
            | Cast(dtype, a) -> Cast(dtype, go a)

        let lifted = memoize visit expr
        struct (lifted, numbers.ToArray())

    /// A text that two expressions share exactly when they are built alike.
    let key expr =
        let steps = List<string>()

        let put step =
            steps.Add step
            steps.Count - 1

        let visit go e =
            match e with
            | Arg i -> put $"a{i}"
            | Param i -> put $"p{i}"
            | Constant number -> put $"c{number}"
            | Unary(op, a) -> (let a = go a in put $"{op} {a}")
            | Binary(op, a, b) ->
                let a = go a
                let b = go b
                put $"{op} {a} {b}"
            | Compare(op, a, b) ->
                let a = go a
                let b = go b
                put $"{op} {a} {b}"
            | Select(c, a, b) ->
                let c = go c
                let a = go a
                let b = go b
                put $"? {c} {a} {b}"
            | Cast(dtype, a) -> (let a = go a in put $"{dtype} {a}")

        memoize visit expr |> ignore
        System.String.Join(";", steps)

    /// The dtype of what a unary function gives for an argument of this dtype.
    let resultOfUnary op dtype =
        match op with
        | Not -> Bool
        | Abs
        | RealPart
        | ImaginaryPart
        | Angle -> Dtype.toReal dtype
        | _ -> dtype

    /// The dtype of what a binary function gives for operands of this dtype.
    let resultOfBinary op dtype = if op = MakeComplex then Dtype.toComplex dtype else dtype

    /// Whether an expression that has no dtype of its own is a complex number: what it meets becomes complex.
    let rec isComplexNumber e =
        match e with
        | Constant(Complex _)
        | Binary(MakeComplex, _, _) -> true
        | Unary((Not | Abs | RealPart | ImaginaryPart | Angle), _) -> false
        | Unary(_, a) -> isComplexNumber a
        | Binary(_, a, b)
        | Select(_, a, b) -> isComplexNumber a || isComplexNumber b
        | _ -> false

    /// The conjugate, taken where the expression begins.
    let rec conjugate e =
        match e with
        | Unary(Conjugate, a) -> a
        | Constant(Real _)
        | Constant(Integer _) -> e
        | Select(c, a, b) -> Select(c, conjugate a, conjugate b)
        | _ -> Unary(Conjugate, e)

    let private half = real 0.5
    let private one = real 1.0
    let private two = real 2.0
    let private square x = Binary(Mul, x, x)
    let private isNan x = Compare(Ne, x, x)

    /// How the value y = f(x) of a unary function moves with its argument; none where it is constant between jumps.
    /// For complex arguments this holds of the holomorphic functions; `Wirtinger` knows the others.
    let unaryDerivative op x y =
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
    let binaryDerivatives op a b y : struct (ScalarExpr voption * ScalarExpr voption) =
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
    let diff index expr : ScalarExpr voption =
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
                | d -> scale (unaryDerivative op a e) d
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
                        let struct (byA, byB) = binaryDerivatives op a b e
                        plus (scale byA da) (scale byB db)
            | Select(c, a, b) ->
                match go a, go b with
                | ValueNone, ValueNone -> ValueNone
                | da, db ->
                    let orZero = ValueOption.defaultValue (real 0.0)
                    ValueSome(Select(c, orZero da, orZero db))
            | Cast(dtype, a) -> if Dtype.isDifferentiable dtype then go a else ValueNone

        memoize visit expr

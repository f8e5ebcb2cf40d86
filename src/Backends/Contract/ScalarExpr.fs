namespace Functional.Contract

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

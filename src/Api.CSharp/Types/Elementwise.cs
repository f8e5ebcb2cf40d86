namespace Functional.Torch;

/// <summary>
/// One number of a pointwise function that is being written down: operators and the functions of <see cref="Elementwise"/> build an
/// expression, which torch.map compiles into one pass and differentiates to any order.
/// </summary>
public readonly struct Element
{
    internal readonly ScalarExpr Expr;

    internal Element(ScalarExpr expr) => Expr = expr;

    /// <summary>A number of the program.</summary>
    public static implicit operator Element(double number) => new(ScalarExpr.NewConstant(Number.NewReal(number)));
    /// <summary>A number of the program.</summary>
    public static implicit operator Element(long number) => new(ScalarExpr.NewConstant(Number.NewInteger(number)));
    /// <summary>A number of the program.</summary>
    public static implicit operator Element(int number) => (long)number;

    static Element Of(Binary operation, Element a, Element b) => new(ScalarExpr.Simple(operation, a.Expr, b.Expr));
    static Condition Of(Comparison operation, Element a, Element b) => new(ScalarExpr.NewCompare(operation, a.Expr, b.Expr));

    /// <summary>The sum.</summary>
    public static Element operator +(Element left, Element right) => Of(Functional.Contract.Binary.Add, left, right);
    /// <summary>The difference.</summary>
    public static Element operator -(Element left, Element right) => Of(Functional.Contract.Binary.Sub, left, right);
    /// <summary>The product.</summary>
    public static Element operator *(Element left, Element right) => Of(Functional.Contract.Binary.Mul, left, right);
    /// <summary>The quotient.</summary>
    public static Element operator /(Element left, Element right) => Of(Functional.Contract.Binary.Div, left, right);
    /// <summary>The remainder, with the sign of the divisor as in Python.</summary>
    public static Element operator %(Element left, Element right) => Of(Functional.Contract.Binary.Remainder, left, right);
    /// <summary>The negative.</summary>
    public static Element operator -(Element a) => new(-a.Expr);
    /// <summary>The same number.</summary>
    public static Element operator +(Element a) => a;

    /// <summary>Comparison; false where nan takes part.</summary>
    public static Condition operator <(Element left, Element right) => Of(Comparison.Lt, left, right);
    /// <summary>Comparison; false where nan takes part.</summary>
    public static Condition operator >(Element left, Element right) => Of(Comparison.Gt, left, right);
    /// <summary>Comparison; false where nan takes part.</summary>
    public static Condition operator <=(Element left, Element right) => Of(Comparison.Le, left, right);
    /// <summary>Comparison; false where nan takes part.</summary>
    public static Condition operator >=(Element left, Element right) => Of(Comparison.Ge, left, right);

    /// <summary>A condition on numbers, to choose between two expressions.</summary>
    public readonly struct Condition
    {
        internal readonly ScalarExpr Expr;

        internal Condition(ScalarExpr expr) => Expr = expr;

        /// <summary>Both hold.</summary>
        public static Condition operator &(Condition left, Condition right) => new(ScalarExpr.NewBinary(Functional.Contract.Binary.And, left.Expr, right.Expr));
        /// <summary>One of them holds.</summary>
        public static Condition operator |(Condition left, Condition right) => new(ScalarExpr.NewBinary(Functional.Contract.Binary.Or, left.Expr, right.Expr));
        /// <summary>It does not hold.</summary>
        public static Condition operator !(Condition condition) => new(ScalarExpr.NewUnary(Unary.Not, condition.Expr));
    }
}

/// <summary>Functions of one number for pointwise functions of users' own: <c>using static Functional.Torch.Elementwise;</c></summary>
public static class Elementwise
{
    static Element Of(Unary function, Element a) => new(ScalarExpr.NewUnary(function, a.Expr));

    /// <summary>The absolute value.</summary>
    public static Element abs(Element x) => Of(Unary.Abs, x);
    /// <summary>The sign: -1, 0 or 1.</summary>
    public static Element sign(Element x) => Of(Unary.Sign, x);
    /// <summary>e to the power of x.</summary>
    public static Element exp(Element x) => Of(Unary.Exp, x);
    /// <summary>exp(x) - 1, accurate near 0.</summary>
    public static Element expm1(Element x) => Of(Unary.Expm1, x);
    /// <summary>The natural logarithm.</summary>
    public static Element log(Element x) => Of(Unary.Log, x);
    /// <summary>log(1 + x), accurate near 0.</summary>
    public static Element log1p(Element x) => Of(Unary.Log1p, x);
    /// <summary>The square root.</summary>
    public static Element sqrt(Element x) => Of(Unary.Sqrt, x);
    /// <summary>1 / sqrt(x).</summary>
    public static Element rsqrt(Element x) => Of(Unary.Rsqrt, x);
    /// <summary>1 / x.</summary>
    public static Element reciprocal(Element x) => Of(Unary.Reciprocal, x);
    /// <summary>The sine.</summary>
    public static Element sin(Element x) => Of(Unary.Sin, x);
    /// <summary>The cosine.</summary>
    public static Element cos(Element x) => Of(Unary.Cos, x);
    /// <summary>The tangent.</summary>
    public static Element tan(Element x) => Of(Unary.Tan, x);
    /// <summary>The angle whose sine is x.</summary>
    public static Element asin(Element x) => Of(Unary.Asin, x);
    /// <summary>The angle whose cosine is x.</summary>
    public static Element acos(Element x) => Of(Unary.Acos, x);
    /// <summary>The angle whose tangent is x.</summary>
    public static Element atan(Element x) => Of(Unary.Atan, x);
    /// <summary>The hyperbolic sine.</summary>
    public static Element sinh(Element x) => Of(Unary.Sinh, x);
    /// <summary>The hyperbolic cosine.</summary>
    public static Element cosh(Element x) => Of(Unary.Cosh, x);
    /// <summary>The hyperbolic tangent.</summary>
    public static Element tanh(Element x) => Of(Unary.Tanh, x);
    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Element sigmoid(Element x) => Of(Unary.Sigmoid, x);
    /// <summary>The error function.</summary>
    public static Element erf(Element x) => Of(Unary.Erf, x);
    /// <summary>The largest integer not above x.</summary>
    public static Element floor(Element x) => Of(Unary.Floor, x);
    /// <summary>The smallest integer not below x.</summary>
    public static Element ceil(Element x) => Of(Unary.Ceil, x);
    /// <summary>The nearest integer, halves to even.</summary>
    public static Element round(Element x) => Of(Unary.Round, x);
    /// <summary>x without its fraction.</summary>
    public static Element trunc(Element x) => Of(Unary.Trunc, x);
    /// <summary>x to the power of y.</summary>
    public static Element pow(Element x, Element y) => new(ScalarExpr.Simple(Binary.Pow, x.Expr, y.Expr));
    /// <summary>The larger number; nan if one is.</summary>
    public static Element max(Element x, Element y) => new(ScalarExpr.NewBinary(Binary.Max, x.Expr, y.Expr));
    /// <summary>The smaller number; nan if one is.</summary>
    public static Element min(Element x, Element y) => new(ScalarExpr.NewBinary(Binary.Min, x.Expr, y.Expr));
    /// <summary>The angle of the point (x, y).</summary>
    public static Element atan2(Element y, Element x) => new(ScalarExpr.NewBinary(Binary.Atan2, y.Expr, x.Expr));
    /// <summary>One of two numbers; what is not chosen leaves no trace, in derivatives neither.</summary>
    public static Element where(Element.Condition condition, Element whenTrue, Element whenFalse) =>
        new(ScalarExpr.NewSelect(condition.Expr, whenTrue.Expr, whenFalse.Expr));
}

public static partial class torch
{
    /// <summary>
    /// A function of one number applied to every element, in one pass over memory, differentiable to any order:
    /// <c>torch.map(x => x * tanh(log1p(exp(x))), input)</c> with the functions of <see cref="Elementwise"/>.
    /// </summary>
    public static Tensor map(Func<Element, Element> function, Tensor input) => map(x => function(x[0]), [input]);

    /// <summary>A function of two numbers applied elementwise after broadcasting.</summary>
    public static Tensor map(Func<Element, Element, Element> function, Tensor input, Tensor other) => map(x => function(x[0], x[1]), [input, other]);

    /// <summary>A function of three numbers applied elementwise after broadcasting.</summary>
    public static Tensor map(Func<Element, Element, Element, Element> function, Tensor input, Tensor other, Tensor third) =>
        map(x => function(x[0], x[1], x[2]), [input, other, third]);

    /// <summary>A function of several numbers applied elementwise after broadcasting.</summary>
    public static Tensor map(Func<Element[], Element> function, IEnumerable<Tensor> tensors)
    {
        ScalarExpr Body(ScalarExpr[] arguments) => function(Array.ConvertAll(arguments, a => new Element(a))).Expr;
        return new(Pointwise.mapMany(Microsoft.FSharp.Core.FuncConvert.FromFunc<ScalarExpr[], ScalarExpr>(Body), tensors.Select(t => t.Core)));
    }

    public partial class Tensor
    {
        /// <inheritdoc cref="torch.map(Func{Element, Element}, Tensor)"/>
        public Tensor map(Func<Element, Element> function) => torch.map(function, this);
    }
}

using System.Reflection;
using Functional.Cpu;
using BinaryTags = Functional.Contract.Binary.Tags;
using UnaryTags = Functional.Contract.Unary.Tags;

namespace Functional.Gpu;

/// <summary>Which method computes a function of floating-point numbers.</summary>
internal static class Functions
{
    public static float One<TFunction>(float x)
        where TFunction : struct, IUnaryFunction =>
        TFunction.Apply(new Lane32(x)).Value;

    public static double One<TFunction>(double x)
        where TFunction : struct, IUnaryFunction =>
        TFunction.Apply(new Lane64(x)).Value;

    public static float Two<TFunction>(float x, float y)
        where TFunction : struct, IBinaryFunction =>
        TFunction.Apply(new Lane32(x), new Lane32(y)).Value;

    public static double Two<TFunction>(double x, double y)
        where TFunction : struct, IBinaryFunction =>
        TFunction.Apply(new Lane64(x), new Lane64(y)).Value;

    /// <summary>The method of a function of one number. Raises UnsupportedException for one that has no kernel here.</summary>
    public static MethodInfo Unary(Unary op, Type register) => Closed(nameof(One), Described(op), register);

    /// <inheritdoc cref="Unary"/>
    public static MethodInfo Binary(Binary op, Type register) => Closed(nameof(Two), Described(op), register, register);

    private static MethodInfo Closed(string name, Type function, params Type[] registers) =>
        typeof(Functions).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(method => method.Name == name && method.GetParameters().Select(p => p.ParameterType).SequenceEqual(registers))
            .MakeGenericMethod(function);

    private static Type Described(Unary op) => op.Tag switch
    {
        UnaryTags.Neg => typeof(Negate),
        UnaryTags.Abs => typeof(Absolute),
        UnaryTags.Sign => typeof(Sign),
        UnaryTags.Exp => typeof(Exp),
        UnaryTags.Exp2 => typeof(Exp2),
        UnaryTags.Expm1 => typeof(Expm1),
        UnaryTags.Log => typeof(Log),
        UnaryTags.Log2 => typeof(Log2),
        UnaryTags.Log10 => typeof(Log10),
        UnaryTags.Log1p => typeof(Log1p),
        UnaryTags.Sqrt => typeof(SquareRoot),
        UnaryTags.Rsqrt => typeof(ReciprocalSquareRoot),
        UnaryTags.Reciprocal => typeof(Reciprocal),
        UnaryTags.Sin => typeof(Sin),
        UnaryTags.Cos => typeof(Cos),
        UnaryTags.Tan => typeof(Tan),
        UnaryTags.Asin => typeof(Mapped<AsinMap>),
        UnaryTags.Acos => typeof(Mapped<AcosMap>),
        UnaryTags.Atan => typeof(Mapped<AtanMap>),
        UnaryTags.Sinh => typeof(Sinh),
        UnaryTags.Cosh => typeof(Cosh),
        UnaryTags.Tanh => typeof(Tanh),
        UnaryTags.Asinh => typeof(Mapped<AsinhMap>),
        UnaryTags.Acosh => typeof(Mapped<AcoshMap>),
        UnaryTags.Atanh => typeof(Mapped<AtanhMap>),
        UnaryTags.Sigmoid => typeof(Sigmoid),
        UnaryTags.Erf => typeof(Erf),
        UnaryTags.Erfc => typeof(Erfc),
        UnaryTags.Erfinv => typeof(Mapped<ErfinvMap>),
        UnaryTags.Lgamma => typeof(Mapped<LgammaMap>),
        UnaryTags.Digamma => typeof(Mapped<DigammaMap>),
        UnaryTags.Trigamma => typeof(Mapped<TrigammaMap>),
        UnaryTags.Floor => typeof(Floor),
        UnaryTags.Ceil => typeof(Ceiling),
        UnaryTags.Round => typeof(Round),
        UnaryTags.Trunc => typeof(Truncate),
        _ => throw Missing(op.ToString()),
    };

    private static Type Described(Binary op) => op.Tag switch
    {
        BinaryTags.Add => typeof(Add),
        BinaryTags.Sub => typeof(Subtract),
        BinaryTags.Mul => typeof(Multiply),
        BinaryTags.Div => typeof(Divide),
        BinaryTags.FloorDiv => typeof(FloorDivide),
        BinaryTags.Remainder => typeof(Remainder),
        BinaryTags.Fmod => typeof(Fmod),
        BinaryTags.Pow => typeof(Power),
        BinaryTags.Atan2 => typeof(Atan2),
        BinaryTags.Max => typeof(Maximum),
        BinaryTags.Min => typeof(Minimum),
        BinaryTags.CopySign => typeof(CopySign),
        BinaryTags.Zeta => typeof(Mapped2<ZetaMap>),
        BinaryTags.IncompleteGamma => typeof(Mapped2<IncompleteGammaMap>),
        BinaryTags.IncompleteGammaComplement => typeof(Mapped2<IncompleteGammaComplementMap>),
        BinaryTags.NextAfter => typeof(Mapped2<NextAfterMap>),
        _ => throw Missing(op.ToString()),
    };

    private static UnsupportedException Missing(string operation) => new(
        operation.ToLowerInvariant(), "gpu", "it has no kernel for this function yet; move the tensors to the cpu");
}

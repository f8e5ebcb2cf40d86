using BinaryTags = Functional.Contract.Binary.Tags;
using UnaryTags = Functional.Contract.Unary.Tags;

namespace Functional.Cpu;

internal static partial class Catalogue
{
    private static class Floats
    {
        public static LaneOperation Unary(Unary op, Dtype dtype)
        {
            bool isWide = dtype.IsFloat64;
            return op.Tag switch
            {
                UnaryTags.Neg => One<Negate>(isWide),
                UnaryTags.Abs => One<Absolute>(isWide),
                UnaryTags.Sign => One<Sign>(isWide),
                UnaryTags.Exp => One<Exp>(isWide),
                UnaryTags.Exp2 => One<Exp2>(isWide),
                UnaryTags.Expm1 => One<Expm1>(isWide),
                UnaryTags.Log => One<Log>(isWide),
                UnaryTags.Log2 => One<Log2>(isWide),
                UnaryTags.Log10 => One<Log10>(isWide),
                UnaryTags.Log1p => One<Log1p>(isWide),
                UnaryTags.Sqrt => One<SquareRoot>(isWide),
                UnaryTags.Rsqrt => One<ReciprocalSquareRoot>(isWide),
                UnaryTags.Reciprocal => One<Reciprocal>(isWide),
                UnaryTags.Sin => One<Sin>(isWide),
                UnaryTags.Cos => One<Cos>(isWide),
                UnaryTags.Tan => One<Tan>(isWide),
                UnaryTags.Asin => One<Mapped<AsinMap>>(isWide),
                UnaryTags.Acos => One<Mapped<AcosMap>>(isWide),
                UnaryTags.Atan => One<Mapped<AtanMap>>(isWide),
                UnaryTags.Sinh => One<Sinh>(isWide),
                UnaryTags.Cosh => One<Cosh>(isWide),
                UnaryTags.Tanh => One<Tanh>(isWide),
                UnaryTags.Asinh => One<Mapped<AsinhMap>>(isWide),
                UnaryTags.Acosh => One<Mapped<AcoshMap>>(isWide),
                UnaryTags.Atanh => One<Mapped<AtanhMap>>(isWide),
                UnaryTags.Sigmoid => One<Sigmoid>(isWide),
                UnaryTags.Erf => One<Erf>(isWide),
                UnaryTags.Erfc => One<Erfc>(isWide),
                UnaryTags.Erfinv => One<Mapped<ErfinvMap>>(isWide),
                UnaryTags.Lgamma => One<Mapped<LgammaMap>>(isWide),
                UnaryTags.Digamma => One<Mapped<DigammaMap>>(isWide),
                UnaryTags.Trigamma => One<Mapped<TrigammaMap>>(isWide),
                UnaryTags.Floor => One<Floor>(isWide),
                UnaryTags.Ceil => One<Ceiling>(isWide),
                UnaryTags.Round => One<Round>(isWide),
                UnaryTags.Trunc => One<Truncate>(isWide),
                UnaryTags.Not => One<FloatingIsZero>(isWide),
                _ => throw Missing(op.ToString(), dtype),
            };
        }

        public static LaneOperation Binary(Binary op, Dtype dtype)
        {
            bool isWide = dtype.IsFloat64;
            return op.Tag switch
            {
                BinaryTags.Add => Two<Add>(isWide),
                BinaryTags.Sub => Two<Subtract>(isWide),
                BinaryTags.Mul => Two<Multiply>(isWide),
                BinaryTags.Div => Two<Divide>(isWide),
                BinaryTags.FloorDiv => Two<FloorDivide>(isWide),
                BinaryTags.Remainder => Two<Remainder>(isWide),
                BinaryTags.Fmod => Two<Fmod>(isWide),
                BinaryTags.Pow => Two<Power>(isWide),
                BinaryTags.Atan2 => Two<Atan2>(isWide),
                BinaryTags.Max => Two<Maximum>(isWide),
                BinaryTags.Min => Two<Minimum>(isWide),
                BinaryTags.CopySign => Two<CopySign>(isWide),
                BinaryTags.Zeta => Two<Mapped2<ZetaMap>>(isWide),
                BinaryTags.IncompleteGamma => Two<Mapped2<IncompleteGammaMap>>(isWide),
                BinaryTags.IncompleteGammaComplement => Two<Mapped2<IncompleteGammaComplementMap>>(isWide),
                BinaryTags.NextAfter => Two<Mapped2<NextAfterMap>>(isWide),
                _ => throw Missing(op.ToString(), dtype),
            };
        }
    }
}

using BinaryTags = Functional.Contract.Binary.Tags;
using UnaryTags = Functional.Contract.Unary.Tags;

namespace Functional.Cpu;

internal static partial class Catalogue
{
    private static class Integers<TWrap> where TWrap : struct, IWrap
    {
        private static readonly bool IsWide = TWrap.Bits == 64;

        public static LaneOperation Unary(Unary op, Dtype dtype) => op.Tag switch
        {
            UnaryTags.Neg => Wrapped<IntegerNegate>(),
            UnaryTags.Abs => Wrapped<IntegerAbsolute>(),
            UnaryTags.Sign => One<IntegerSign>(IsWide),
            UnaryTags.Floor or UnaryTags.Ceil or UnaryTags.Round or UnaryTags.Trunc => One<Wrapped<TWrap>>(IsWide),
            UnaryTags.Not => One<IntegerIsZero>(IsWide),
            UnaryTags.BitwiseNot => Wrapped<BitNot>(),
            _ => throw Missing(op.ToString(), dtype),
        };

        public static LaneOperation Binary(Binary op, Dtype dtype) => op.Tag switch
        {
            BinaryTags.Add => WrappedBoth<IntegerAdd>(),
            BinaryTags.Sub => WrappedBoth<IntegerSubtract>(),
            BinaryTags.Mul => WrappedBoth<IntegerMultiply>(),
            BinaryTags.Div => Division<IntegerDivide>(op),
            BinaryTags.FloorDiv => Division<IntegerFloorDivide>(op),
            BinaryTags.Remainder => Division<IntegerRemainder>(op),
            BinaryTags.Fmod => Division<IntegerFmod>(op),
            BinaryTags.Pow => WrappedBoth<IntegerMap<IntegerPower>>(),
            BinaryTags.GreatestCommonDivisor => WrappedBoth<IntegerMap<IntegerDivisor>>(),
            BinaryTags.Max => Two<IntegerMaximum>(IsWide),
            BinaryTags.Min => Two<IntegerMinimum>(IsWide),
            BinaryTags.And => Two<BitAnd>(IsWide),
            BinaryTags.Or => Two<BitOr>(IsWide),
            BinaryTags.Xor => Two<BitXor>(IsWide),
            BinaryTags.ShiftLeft => WrappedBoth<IntegerMap<IntegerShiftLeft<TWrap>>>(),
            BinaryTags.ShiftRight => Two<IntegerMap<IntegerShiftRight<TWrap>>>(IsWide),
            _ => throw Missing(op.ToString(), dtype),
        };

        private static LaneOperation Wrapped<TFunction>() where TFunction : struct, IUnaryFunction =>
            One<WrappedOne<TFunction, TWrap>>(IsWide);

        private static LaneOperation WrappedBoth<TFunction>() where TFunction : struct, IBinaryFunction =>
            Two<WrappedTwo<TFunction, TWrap>>(IsWide);

        private static LaneOperation Division<TOperation>(Binary op) where TOperation : struct, IIntegerOperation =>
            new DivisionOperation<Two<WrappedTwo<IntegerMap<TOperation>, TWrap>>>(IsWide, op.ToString());
    }

    private static class Bools
    {
        public static LaneOperation Unary(Unary op, bool isWide) => op.Tag switch
        {
            UnaryTags.Not or UnaryTags.BitwiseNot => One<BitNot>(isWide),
            UnaryTags.Neg or UnaryTags.Abs or UnaryTags.Sign or UnaryTags.Floor or UnaryTags.Ceil or UnaryTags.Round
                or UnaryTags.Trunc => One<Wrapped<WholeLane32>>(isWide),
            _ => throw Missing(op.ToString(), Dtype.Bool),
        };

        public static LaneOperation Binary(Binary op, bool isWide) => op.Tag switch
        {
            BinaryTags.Add or BinaryTags.Max or BinaryTags.Or => Two<BitOr>(isWide),
            BinaryTags.Mul or BinaryTags.Min or BinaryTags.And => Two<BitAnd>(isWide),
            BinaryTags.Sub or BinaryTags.Xor => Two<BitXor>(isWide),
            BinaryTags.Div => Division<IntegerDivide>(op, isWide),
            BinaryTags.FloorDiv => Division<IntegerFloorDivide>(op, isWide),
            BinaryTags.Remainder => Division<IntegerRemainder>(op, isWide),
            BinaryTags.Fmod => Division<IntegerFmod>(op, isWide),
            BinaryTags.Pow => Two<MaskArithmetic<IntegerMap<IntegerPower>>>(isWide),
            BinaryTags.ShiftLeft => Two<MaskArithmetic<IntegerMap<IntegerShiftLeft<UnsignedByte>>>>(isWide),
            BinaryTags.ShiftRight => Two<MaskArithmetic<IntegerMap<IntegerShiftRight<UnsignedByte>>>>(isWide),
            _ => throw Missing(op.ToString(), Dtype.Bool),
        };

        private static LaneOperation Division<TOperation>(Binary op, bool isWide) where TOperation : struct, IIntegerOperation =>
            new DivisionOperation<Two<MaskArithmetic<IntegerMap<TOperation>>>>(isWide, op.ToString());
    }
}

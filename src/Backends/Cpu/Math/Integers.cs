using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Functional.Cpu;

// Integers live in lanes of 32 bits (int64 in 64), sign- or zero-extended; what is narrower is wrapped after each step.

internal readonly struct IntegerAdd : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.IntegerAdd(x, y);
}

internal readonly struct IntegerSubtract : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.IntegerSubtract(x, y);
}

internal readonly struct IntegerMultiply : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.IntegerMultiply(x, y);
}

internal readonly struct IntegerMaximum : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.IntegerLess(x, y), y, x);
}

internal readonly struct IntegerMinimum : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.IntegerLess(y, x), y, x);
}

internal readonly struct IntegerNegate : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.IntegerSubtract(V.Integer(0), x);
}

internal readonly struct IntegerAbsolute : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V sign = V.ShiftRight(x, V.IsDouble ? 63 : 31);
        return V.IntegerSubtract(x ^ sign, sign);
    }
}

internal readonly struct IntegerSign : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> =>
        V.ShiftRight(x, V.IsDouble ? 63 : 31) | (V.IntegerLess(V.Integer(0), x) & V.Integer(1));
}

/// <summary>An operation on whole numbers that no vector unit has, written once for both widths.</summary>
internal interface IIntegerOperation
{
    static abstract T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>;
}

/// <summary>An operation on whole numbers, lane by lane.</summary>
internal readonly struct IntegerMap<TOperation> : IBinaryFunction, ILaneMap2 where TOperation : struct, IIntegerOperation
{
    public static float InvokeSingle<TSelf>(float x, float y) where TSelf : struct, ILaneMap2 =>
        BitConverter.Int32BitsToSingle(TOperation.Apply(BitConverter.SingleToInt32Bits(x), BitConverter.SingleToInt32Bits(y)));

    public static double Invoke(double x, double y) =>
        BitConverter.Int64BitsToDouble(TOperation.Apply(BitConverter.DoubleToInt64Bits(x), BitConverter.DoubleToInt64Bits(y)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map2<IntegerMap<TOperation>>(x, y);
}

// Divisors of 0 have raised an error before these run; they still meet them in the padding of a last vector.

/// <summary>The quotient, truncated.</summary>
internal readonly struct IntegerDivide : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T> =>
        T.IsZero(y) ? T.Zero : y == T.NegativeOne ? unchecked(-x) : x / y;
}

/// <summary>The quotient, rounded towards minus infinity.</summary>
internal readonly struct IntegerFloorDivide : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    {
        T quotient = IntegerDivide.Apply(x, y);
        T remainder = IntegerFmod.Apply(x, y);
        return !T.IsZero(remainder) && T.IsNegative(remainder) != T.IsNegative(y) ? quotient - T.One : quotient;
    }
}

/// <summary>The remainder with the sign of the divisor.</summary>
internal readonly struct IntegerRemainder : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    {
        T remainder = IntegerFmod.Apply(x, y);
        return !T.IsZero(remainder) && T.IsNegative(remainder) != T.IsNegative(y) ? remainder + y : remainder;
    }
}

/// <summary>The remainder with the sign of the dividend.</summary>
internal readonly struct IntegerFmod : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T> =>
        T.IsZero(y) || y == T.NegativeOne ? T.Zero : x % y;
}

/// <summary>The greatest common divisor.</summary>
internal readonly struct IntegerDivisor : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    {
        while (!T.IsZero(y))
            (x, y) = (y, IntegerFmod.Apply(x, y));
        return T.IsNegative(x) ? unchecked(-x) : x;
    }
}

/// <summary>The power, wrapping around; a negative exponent leaves only what 1 and -1 give, as torch.pow has it.</summary>
internal readonly struct IntegerPower : IIntegerOperation
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    {
        if (T.IsNegative(y))
            return x == T.One ? T.One : x != T.NegativeOne ? T.Zero : T.IsEvenInteger(y) ? T.One : T.NegativeOne;
        T result = T.One;
        for (; !T.IsZero(y); y >>= 1, x = unchecked(x * x))
        {
            if (T.IsOddInteger(y))
                result = unchecked(result * x);
        }
        return result;
    }
}

/// <summary>Shifts left; a count that is negative or as large as the type gives 0.</summary>
internal readonly struct IntegerShiftLeft<TBits> : IIntegerOperation where TBits : struct, IWrap
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T> =>
        T.IsNegative(y) || y >= T.CreateChecked(TBits.Bits) ? T.Zero : x << int.CreateTruncating(y);
}

/// <summary>Shifts right; a count that is negative or as large as the type leaves the sign alone.</summary>
internal readonly struct IntegerShiftRight<TBits> : IIntegerOperation where TBits : struct, IWrap
{
    public static T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    {
        int last = T.One.GetByteCount() * 8 - 1;
        return x >> (T.IsNegative(y) || y >= T.CreateChecked(TBits.Bits) ? last : int.CreateTruncating(y));
    }
}

/// <summary>How the result of integer arithmetic is brought back into the range of its dtype.</summary>
internal interface IWrap
{
    /// <summary>The bits of the dtype.</summary>
    static abstract int Bits { get; }

    static abstract V Wrap<V>(V x) where V : struct, ILanes<V>;
}

/// <summary>int32 and int64 fill their lanes.</summary>
internal readonly struct WholeLane32 : IWrap
{
    public static int Bits => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Wrap<V>(V x) where V : struct, ILanes<V> => x;
}

/// <inheritdoc cref="WholeLane32"/>
internal readonly struct WholeLane64 : IWrap
{
    public static int Bits => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Wrap<V>(V x) where V : struct, ILanes<V> => x;
}

/// <summary>int16, sign-extended.</summary>
internal readonly struct SignedHalf : IWrap
{
    public static int Bits => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Wrap<V>(V x) where V : struct, ILanes<V> => V.ShiftRight(V.ShiftLeft(x, 16), 16);
}

/// <summary>int8, sign-extended.</summary>
internal readonly struct SignedByte : IWrap
{
    public static int Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Wrap<V>(V x) where V : struct, ILanes<V> => V.ShiftRight(V.ShiftLeft(x, 24), 24);
}

/// <summary>uint8, zero-extended.</summary>
internal readonly struct UnsignedByte : IWrap
{
    public static int Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Wrap<V>(V x) where V : struct, ILanes<V> => x & V.Integer(255);
}

/// <summary>A function of integers whose result is wrapped.</summary>
internal readonly struct WrappedOne<TFunction, TWrap> : IUnaryFunction where TFunction : struct, IUnaryFunction where TWrap : struct, IWrap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => TWrap.Wrap(TFunction.Apply(x));
}

/// <summary>A function of two integers whose result is wrapped.</summary>
internal readonly struct WrappedTwo<TFunction, TWrap> : IBinaryFunction where TFunction : struct, IBinaryFunction where TWrap : struct, IWrap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => TWrap.Wrap(TFunction.Apply(x, y));
}

/// <summary>A function of two integers on bools: 0 and 1 go in, "is it not 0" comes out.</summary>
internal readonly struct MaskArithmetic<TFunction> : IBinaryFunction where TFunction : struct, IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> =>
        IntegerToMask.Apply(TFunction.Apply(MaskToInteger.Apply(x), MaskToInteger.Apply(y)));
}

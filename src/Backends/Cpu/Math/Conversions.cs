using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// Changes of dtype between lanes of one width. Bools are masks in registers and 0 or 1 in memory.

/// <summary>The second function of the first.</summary>
internal readonly struct Then<TFirst, TSecond> : IUnaryFunction where TFirst : struct, IUnaryFunction where TSecond : struct, IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => TSecond.Apply(TFirst.Apply(x));
}

/// <summary>Wrapping alone: an integer made narrower.</summary>
internal readonly struct Wrapped<TWrap> : IUnaryFunction where TWrap : struct, IWrap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => TWrap.Wrap(x);
}

/// <summary>A mask as the numbers 0 and 1.</summary>
internal readonly struct MaskToFloating : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => x & V.Constant(1.0);
}

/// <summary>A mask as the integers 0 and 1.</summary>
internal readonly struct MaskToInteger : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => x & V.Integer(1);
}

/// <summary>A mask of the numbers that are not 0; nan is not.</summary>
internal readonly struct FloatingToMask : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => ~V.Equal(x, V.Constant(0.0));
}

/// <summary>A mask of the integers that are not 0.</summary>
internal readonly struct IntegerToMask : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => ~V.IntegerEqual(x, V.Integer(0));
}

/// <summary>A mask of the integers that are 0.</summary>
internal readonly struct IntegerIsZero : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.IntegerEqual(x, V.Integer(0));
}

/// <summary>A mask of the numbers that are 0.</summary>
internal readonly struct FloatingIsZero : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Equal(x, V.Constant(0.0));
}

internal readonly struct IntegerToFloating : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.FromInteger(x);
}

/// <summary>Truncates; beyond the lane's integers the nearest of them, and 0 for nan.</summary>
internal readonly struct FloatingToInteger : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.ToInteger(x);
}

/// <summary>Truncates to 64 bits, then keeps the low 32: what is beyond 64 bits saturates there, and nan is 0.</summary>
internal readonly struct FloatingToLowBits : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        const double Modulus = 4294967296.0;
        V whole = V.Truncate(x);
        V blocks = V.Truncate(whole * V.Constant(1.0 / Modulus));
        V rest = V.FusedMultiplyAdd(blocks, V.Constant(-Modulus), whole);
        rest -= V.LessOrEqual(V.Constant(Modulus / 2), rest) & V.Constant(Modulus);
        rest += V.Less(rest, V.Constant(-Modulus / 2)) & V.Constant(Modulus);
        V beyond = V.LessOrEqual(V.Constant(9223372036854775808.0), x);
        return V.ToInteger(rest) | beyond;
    }
}

/// <summary>The bits of a float16, zero-extended, as a float32.</summary>
internal readonly struct HalfToSingle : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V magnitude = V.ShiftLeft(x & V.Integer(0x7FFF), 13);
        // The exponents differ by 112; a product makes subnormal numbers right by itself.
        V value = magnitude * V.Constant(5.192296858534828e33);
        V special = V.IntegerLess(V.Integer((0x7C00 << 13) - 1), magnitude);
        value = V.Select(special, magnitude | V.Integer(0x7F800000), value);
        return value | V.ShiftLeft(x & V.Integer(0x8000), 16);
    }
}

/// <summary>The bits of the nearest float16, ties to even.</summary>
internal readonly struct SingleToHalf : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V magnitude = x.Abs();
        V odd = V.ShiftRightLogical(magnitude, 13) & V.Integer(1);
        V rebiased = V.IntegerSubtract(magnitude, V.Integer(112 << 23));
        V normal = V.ShiftRightLogical(V.IntegerAdd(V.IntegerAdd(rebiased, V.Integer(0xFFF)), odd), 13);
        // Adding 1/2 leaves a subnormal result in the low bits of the sum, rounded by the addition.
        V subnormal = V.IntegerSubtract(magnitude + V.Constant(0.5), V.Constant(0.5));
        V bits = V.Select(V.Less(magnitude, V.Constant(6.103515625e-05)), subnormal, normal);
        bits = V.Select(V.Less(magnitude, V.Constant(65520.0)), bits, V.Integer(0x7C00));
        bits = V.Select(x.IsNaN(), V.Integer(0x7E00), bits);
        return bits | (V.ShiftRightLogical(x, 16) & V.Integer(0x8000));
    }
}

/// <summary>The bits of a bfloat16 as a float32.</summary>
internal readonly struct BrainToSingle : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.ShiftLeft(x, 16);
}

/// <summary>The bits of the nearest bfloat16, ties to even.</summary>
internal readonly struct SingleToBrain : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V odd = V.ShiftRightLogical(x, 16) & V.Integer(1);
        V rounded = V.ShiftRightLogical(V.IntegerAdd(V.IntegerAdd(x, V.Integer(0x7FFF)), odd), 16);
        return V.Select(x.IsNaN(), V.Integer(0x7FC0), rounded);
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Exponent arithmetic in plain vector operations, for processors without instructions for it. Same bits.</summary>
internal static class Portable
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SignificandBits<V>() where V : struct, ILanes<V> => V.IsDouble ? 52 : 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bias<V>() where V : struct, ILanes<V> => V.IsDouble ? 1023 : 127;

    /// <summary>2^n for whole n of normal range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Power<V>(V n) where V : struct, ILanes<V> =>
        V.ShiftLeft(V.IntegerAdd(n, V.Integer(Bias<V>())), SignificandBits<V>());

    /// <summary>Two factors, so that the one rounding of a subnormal result happens in the last product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V>(V x, V n) where V : struct, ILanes<V>
    {
        V limit = V.Constant(2 * Bias<V>());
        V whole = V.ToInteger(V.Max(-limit, V.Min(limit, n)));
        V half = V.ShiftRight(whole, 1);
        return x * Power(half) * Power(V.IntegerSubtract(whole, half));
    }

    /// <summary>The number made normal, and all bits where that took a factor of 2 to the number of significand bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Normal<V>(V x, out V scaled) where V : struct, ILanes<V>
    {
        scaled = V.Less(x, V.Constant(1.17549435e-38f, 2.2250738585072014e-308));
        return V.Select(scaled, x * V.Constant(8388608.0, 4503599627370496.0), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exponent<V>(V x) where V : struct, ILanes<V>
    {
        V normal = Normal(x, out V scaled);
        V biased = V.FromInteger(V.ShiftRightLogical(normal, SignificandBits<V>()));
        return biased - V.Select(scaled, V.Constant(Bias<V>() + SignificandBits<V>()), V.Constant(Bias<V>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Mantissa<V>(V x) where V : struct, ILanes<V>
    {
        V normal = Normal(x, out _);
        return (normal & V.Integer((1L << SignificandBits<V>()) - 1)) | V.Constant(1.0);
    }
}

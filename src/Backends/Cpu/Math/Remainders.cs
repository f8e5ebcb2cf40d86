using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The remainder with the sign of the dividend, exact.</summary>
internal readonly struct Fmod : IBinaryFunction
{
    /// <summary>A quotient that is whole in the lane's precision leaves an exact remainder, off by one divisor at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V>
    {
        V a = x.Abs();
        V b = y.Abs();
        V q = V.Truncate(a / b);
        V r = V.FusedMultiplyAdd(-q, b, a);
        r = V.Select(V.Less(r, V.Constant(0.0)), r + b, r);
        r = V.Select(V.LessOrEqual(b, r), r - b, r);
        // Infinite divisors, tiny ones and every nan go the plain way.
        V easy = V.Less(q, V.Constant(1L << 21, 1L << 50))
            & V.Less(b, V.Constant(1e37f, 1e300))
            & V.Less(V.Constant(1e-30f, 1e-290), b);
        return V.Patch2<FmodMap>(~easy, r | x.SignBit(), x, y);
    }
}

/// <summary>The remainder with the sign of the divisor.</summary>
internal readonly struct Remainder : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V>
    {
        V r = Fmod.Apply(x, y);
        V zero = V.Constant(0.0);
        V differ = ~V.Equal(r, zero) & (V.Less(y, zero) ^ V.Less(r, zero));
        return V.Select(differ, r + y, r);
    }
}

/// <summary>The quotient rounded towards minus infinity, made from the exact remainder as torch.floor_divide does.</summary>
internal readonly struct FloorDivide : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V>
    {
        V zero = V.Constant(0.0);
        V one = V.Constant(1.0);
        V r = Fmod.Apply(x, y);
        V quotient = (x - r) / y;
        V differ = ~V.Equal(r, zero) & (V.Less(y, zero) ^ V.Less(r, zero));
        quotient -= differ & one;
        V floor = V.Floor(quotient);
        floor += V.Less(V.Constant(0.5), quotient - floor) & one;
        V plain = x / y;
        floor = V.Select(V.Equal(quotient, zero), plain.SignBit(), floor);
        return V.Select(V.Equal(y, zero), plain, floor);
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// x^y within 2 ulp: e^(y ln x) with the logarithm and the product carried in two parts, after Dekker's arithmetic.
/// </summary>
internal readonly struct Power : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V>
    {
        V zero = V.Constant(0.0);
        V one = V.Constant(1.0);
        V infinity = V.Constant(double.PositiveInfinity);
        V a = x.Abs();
        LogInTwo(a, out V high, out V low);

        V product = y * high;
        V rest = V.FusedMultiplyAdd(y, high, -product);
        rest = V.FusedMultiplyAdd(y, low, rest);
        // Beyond these bounds only the sign matters, and a rest would only bring in nan.
        V clamped = Reduced.Clamp(product);
        rest &= V.Equal(clamped, product);
        Reduced.ByLn2(clamped, out V n, out V r);
        V result = V.Scale(Reduced.ExpMinusOne(r + rest) + one, n);

        result = V.Select(V.Equal(a, zero), V.Select(V.Less(y, zero), infinity, zero), result);
        V isNegative = V.Less(x, zero) | V.Less(one / x, zero);
        V isWhole = V.Equal(y, V.Truncate(y));
        V half = y * V.Constant(0.5);
        V isOdd = isWhole & ~V.Equal(half, V.Truncate(half));
        result ^= isNegative & isOdd & V.Constant(-0.0);
        result = V.Select(V.Less(x, zero) & ~isWhole, V.Constant(double.NaN), result);
        result = V.Select(V.Equal(y, zero) | V.Equal(x, one), one, result);
        // Infinities and nan, where the rules are many.
        V isPlain = V.Less(a, infinity) & V.Less(y.Abs(), infinity);
        return V.Patch2<PowMap>(~isPlain, result, x, y);
    }

    /// <summary>ln a = high + low to about half again the precision of a lane, for positive finite a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LogInTwo<V>(V a, out V high, out V low) where V : struct, ILanes<V>
    {
        Decomposed.Split(a, out V e, out V f);
        V two = V.Constant(2.0);

        // s = f / (2 + f) and its square, each with what rounding lost.
        V t = f + two;
        V tLow = f - (t - two);
        V inverse = V.Constant(1.0) / t;
        V s = f * inverse;
        V sLow = (V.FusedMultiplyAdd(-s, t, f) - s * tLow) * inverse;
        V z = s * s;
        V zLow = V.FusedMultiplyAdd(s, s, -z) + two * s * sLow;

        // ln(1 + f) = 2 s + s^3 (2/3 + z (...)); only the bracket's tail may be rounded.
        V tail = V.ByPrecision<LogPolynomial.Single, LogPolynomial.Double>(z);
        tail *= z;
        V third = V.Constant(0.6666666666666666);
        V bracket = third + tail;
        V bracketLow = third - bracket + tail + V.Constant(-1.9868215517249155e-08, 3.700743415417188e-17);

        V cube = s * z;
        V cubeLow = V.FusedMultiplyAdd(s, z, -cube) + (s * zLow + sLow * z);
        V q = cube * bracket;
        V qLow = V.FusedMultiplyAdd(cube, bracket, -q) + (cube * bracketLow + cubeLow * bracket);

        V main = two * s + q;
        V mainLow = two * s - main + q + (two * sLow + qLow);
        V whole = e * V.Constant(0.693145751953125, 0.6931471803691238);
        high = whole + main;
        low = whole - high + main + V.FusedMultiplyAdd(e, V.Constant(1.42860676533018e-06, 1.9082149292705877e-10), mainLow);
    }
}

/// <summary>The angle of the point (y, x).</summary>
internal readonly struct Atan2 : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map2<Atan2Map>(x, y);
}

/// <summary>The minimax polynomial of <see cref="Power"/> at the two precisions.</summary>
internal static class LogPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(0.1946796029806137).Horner(x, 0.22185008227825165).Horner(x, 0.28571873903274536)
            .Horner(x, 0.3999999761581421);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(0.11989013326255289).Horner(x, 0.11674818500081781).Horner(x, 0.1333631741887078)
            .Horner(x, 0.1538455687100929).Horner(x, 0.18181818870314545).Horner(x, 0.22222222217536464)
            .Horner(x, 0.2857142857144511).Horner(x, 0.3999999999999998);
    }
}

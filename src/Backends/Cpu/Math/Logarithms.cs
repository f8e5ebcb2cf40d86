using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// ln x = e ln 2 + ln m with m in [sqrt 1/2, sqrt 2).

/// <summary>The natural logarithm, within 1 ulp; subnormal numbers included.</summary>
internal readonly struct Log : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Decomposed.Split(x, out V e, out V f);
        return Decomposed.AtEdges(x, V.IsDouble ? Double(e, f) : Single(e, f));
    }

    /// <summary>f - f^2 / 2 + f^3 times a minimax polynomial, the small parts added up first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Single<V>(V e, V f) where V : struct, ILanes<V>
    {
        V square = f * f;
        V p = V.Constant(0.06746642291545868).Horner(f, -0.11675652116537094).Horner(f, 0.11888162046670914)
            .Horner(f, -0.1240558847784996).Horner(f, 0.14219552278518677).Horner(f, -0.1666799634695053)
            .Horner(f, 0.2000211924314499).Horner(f, -0.25000008940696716).Horner(f, 0.3333331346511841);
        V small = e.NegatedProduct(0.000212194440, p * f * square);
        small = V.FusedMultiplyAdd(square, V.Constant(-0.5), small);
        return V.FusedMultiplyAdd(e, V.Constant(0.693359375), f + small);
    }

    /// <summary>With s = f / (2 + f), ln(1 + f) = 2 atanh s = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Double<V>(V e, V f) where V : struct, ILanes<V>
    {
        V s = f / (f + V.Constant(2.0));
        V z = s * s;
        V half = f * f * V.Constant(0.5);
        V r = z * V.Constant(0.14796105420297972).Horner(z, 0.15314035837080187).Horner(z, 0.18183564866615698)
            .Horner(z, 0.2222219856348619).Horner(z, 0.28571428742474875).Horner(z, 0.3999999999941432)
            .Horner(z, 0.6666666666666734);
        V small = V.FusedMultiplyAdd(s, half + r, e * V.Constant(1.9082149292705877e-10));
        return V.FusedMultiplyAdd(e, V.Constant(0.6931471803691238), f - (half - small));
    }
}

/// <summary>Pieces that the logarithms share.</summary>
internal static class Decomposed
{
    /// <summary>x = 2^e (1 + f) with 1 + f in [sqrt 1/2, sqrt 2), for positive finite x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split<V>(V x, out V e, out V f) where V : struct, ILanes<V>
    {
        V m = V.Mantissa(x);
        V big = V.Less(V.Constant(1.4142135623730951), m);
        e = V.Exponent(x) + (big & V.Constant(1.0));
        f = V.Select(big, m * V.Constant(0.5), m) - V.Constant(1.0);
    }

    /// <summary>A logarithm made right where x is 0, negative, infinite or no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AtEdges<V>(V x, V result) where V : struct, ILanes<V>
    {
        result = V.Select(V.Less(x, V.Constant(double.PositiveInfinity)), result, x);
        result = V.Select(V.LessOrEqual(x, V.Constant(0.0)), V.Constant(double.NaN), result);
        return V.Select(V.Equal(x, V.Constant(0.0)), V.Constant(double.NegativeInfinity), result);
    }
}

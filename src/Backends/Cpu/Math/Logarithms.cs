using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// ln x = e ln 2 + ln(1 + f) with 1 + f in [sqrt 1/2, sqrt 2), and ln(1 + f) = f + something small.

/// <summary>The natural logarithm, within 1 ulp; subnormal numbers included.</summary>
internal readonly struct Log : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Decomposed.Split(x, out V e, out V f);
        return Decomposed.AtEdges(x, Decomposed.Compose(e, f, Decomposed.Rest(f)));
    }
}

/// <summary>ln(1 + x), within 2 ulp, accurate near 0.</summary>
internal readonly struct Log1p : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V one = V.Constant(1.0);
        V u = x + one;
        Decomposed.Split(u, out V e, out V f);
        // What rounding 1 + x lost, relative to it; near 0 nothing needs to be taken apart.
        V whole = u - one;
        V lost = (one - (u - whole) + (x - whole)) / u;
        V isNear = V.Less(V.Constant(-0.29), x) & V.Less(x, V.Constant(0.41));
        e = e & ~isNear;
        f = V.Select(isNear, x, f);
        V result = Decomposed.Compose(e, f, Decomposed.Rest(f) + (lost & ~isNear));
        result = Decomposed.AtEdges(u, result);
        return V.Select(V.Equal(x, V.Constant(0.0)), x, result);
    }
}

/// <summary>The binary logarithm, within 2 ulp; exact at powers of two.</summary>
internal readonly struct Log2 : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Decomposed.Split(x, out V e, out V f);
        V rest = Decomposed.Rest(f) * V.Constant(1.4426950408889634);
        rest = V.FusedMultiplyAdd(f, V.Constant(1.925963033500011e-08, 2.0355273740931033e-17), rest);
        V whole = V.FusedMultiplyAdd(f, V.Constant(1.4426950408889634), e);
        // The part of f / ln 2 that the sum with e rounded off.
        V lost = V.FusedMultiplyAdd(f, V.Constant(1.4426950408889634), e - whole);
        return Decomposed.AtEdges(x, whole + (lost + rest));
    }
}

/// <summary>The decimal logarithm, within 2 ulp.</summary>
internal readonly struct Log10 : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Decomposed.Split(x, out V e, out V f);
        V rest = Decomposed.Rest(f) * V.Constant(0.4342944819032518);
        rest = V.FusedMultiplyAdd(f, V.Constant(-1.0103049952192578e-08, 1.098319650216765e-17), rest);
        rest = V.FusedMultiplyAdd(e, V.Constant(4.605039066518657e-06, 1.1451100898021838e-10), rest);
        V whole = e * V.Constant(0.301025390625, 0.3010299955494702);
        V sum = V.FusedMultiplyAdd(f, V.Constant(0.4342944819032518), whole);
        V lost = V.FusedMultiplyAdd(f, V.Constant(0.4342944819032518), whole - sum);
        return Decomposed.AtEdges(x, sum + (lost + rest));
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

    /// <summary>ln(1 + f) - f.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Rest<V>(V f) where V : struct, ILanes<V> => V.ByPrecision<RestSingle, RestDouble>(f);

    /// <summary>e ln 2 + f + rest, the small parts added up first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Compose<V>(V e, V f, V rest) where V : struct, ILanes<V>
    {
        rest = V.FusedMultiplyAdd(e, V.Constant(1.42860676533018e-06, 1.9082149292705877e-10), rest);
        return V.FusedMultiplyAdd(e, V.Constant(0.693145751953125, 0.6931471803691238), f + rest);
    }

    /// <summary>A logarithm made right where x is 0, negative, infinite or no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AtEdges<V>(V x, V result) where V : struct, ILanes<V>
    {
        result = V.Select(V.Less(x, V.Constant(double.PositiveInfinity)), result, x);
        result = V.Select(V.Less(x, V.Constant(0.0)), V.Constant(double.NaN), result);
        return V.Select(V.Equal(x, V.Constant(0.0)), V.Constant(double.NegativeInfinity), result);
    }

    /// <summary>-x^2 / 2 + x^3 times a minimax polynomial.</summary>
    private readonly struct RestSingle : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V>
        {
            V square = x * x;
            V p = V.Constant(0.06746642291545868).Horner(x, -0.11675652116537094).Horner(x, 0.11888162046670914)
                .Horner(x, -0.1240558847784996).Horner(x, 0.14219552278518677).Horner(x, -0.1666799634695053)
                .Horner(x, 0.2000211924314499).Horner(x, -0.25000008940696716).Horner(x, 0.3333331346511841);
            return V.FusedMultiplyAdd(square, V.Constant(-0.5), p * x * square);
        }
    }

    /// <summary>With s = x / (2 + x), ln(1 + x) = 2 atanh s = x - (x^2 / 2 - s (x^2 / 2 + R(s^2))).</summary>
    private readonly struct RestDouble : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V>
        {
            V s = x / (x + V.Constant(2.0));
            V z = s * s;
            V half = x * x * V.Constant(0.5);
            V r = z * V.Constant(0.14796105420297972).Horner(z, 0.15314035837080187).Horner(z, 0.18183564866615698)
                .Horner(z, 0.2222219856348619).Horner(z, 0.28571428742474875).Horner(z, 0.3999999999941432)
                .Horner(z, 0.6666666666666734);
            return V.FusedMultiplyAdd(s, half + r, -half);
        }
    }
}

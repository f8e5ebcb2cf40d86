using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The error function, within 4 ulp.</summary>
internal readonly struct Erf : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.ByPrecision<Single, Double>(x);

    /// <summary>erf(x) for |x| below 0.95.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Near<V>(V x) where V : struct, ILanes<V> =>
        V.FusedMultiplyAdd(V.ByPrecision<ErfPolynomial.Single, ErfPolynomial.Double>(x * x), x, x);

    private readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> => V.ByTables<ErfByTables, Quotient>(x);
    }

    /// <summary>x P(x^2) / Q(x^2) up to 2.2, where rounding would begin to show; a polynomial from there to where erf is 1.</summary>
    private readonly struct Quotient : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V>
        {
            V z = x * x;
            V p = V.Constant(9.974632121156901e-05).Horner(z, 0.0048827254213392735).Horner(z, 0.05363713204860687)
                .Horner(z, 0.24657262861728668).Horner(z, 1.1283791065216064);
            V q = V.Constant(0.0010467803804203868).Horner(z, 0.016777126118540764).Horner(z, 0.13148657977581024)
                .Horner(z, 0.5518525242805481).Horner(z, 1.0);
            V a = V.Min(V.Constant(3.93), x.Abs());
            V b = a - V.Constant(3.0);
            V far = V.Constant(-0.00010097948688780889).Horner(b, 0.0003954585117753595).Horner(b, -0.0007607440347783267)
                .Horner(b, 0.0010165706044062972).Horner(b, -0.001038271700963378).Horner(b, 0.0007889122352935374)
                .Horner(b, -0.00041833831346593797).Horner(b, 0.00013926510291639715).Horner(b, 0.9999779462814331);
            return V.Select(V.Less(a, V.Constant(2.2)), x * p / q, far | x.SignBit());
        }
    }

    /// <summary>An odd polynomial near 0, 1 less the tail elsewhere.</summary>
    private readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V>
        {
            V a = x.Abs();
            V far = V.Constant(1.0) - RelativeTail.Apply(a);
            return V.Select(V.Less(a, V.Constant(0.95)), Near(x), far | x.SignBit());
        }
    }
}

/// <summary>1 - erf, accurate in its right tail, within 4 ulp.</summary>
internal readonly struct Erfc : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V a = x.Abs();
        V tail = RelativeTail.Apply(a);
        V far = V.Select(V.Less(x, V.Constant(0.0)), V.Constant(2.0) - tail, tail);
        return V.Select(V.Less(a, V.Constant(0.5)), V.Constant(1.0) - Erf.Near(x), far);
    }
}

/// <summary>
/// 1 - erf(x) for x not negative, small in relative error: e^(-x^2) times a polynomial in q = (x - k) / (x + k), which takes
/// all x into (-1, 1), over 1 + 2x.
/// </summary>
internal readonly struct RelativeTail : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        x = V.Min(V.Constant(10.1, 27.3), x);
        V k = V.Constant(2.0, 4.0);
        V p = V.ByPrecision<ErfcPolynomial.Single, ErfcPolynomial.Double>((x - k) / (x + k));
        V square = x * x;
        V lost = V.FusedMultiplyAdd(x, x, -square);
        V e = Exp.Apply(-square);
        e = V.FusedMultiplyAdd(-lost, e, e);
        return e * (p / V.FusedMultiplyAdd(x, V.Constant(2.0), V.Constant(1.0)));
    }
}

/// <summary>The minimax polynomial of <see cref="Erf"/> at the two precisions.</summary>
internal static class ErfPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(8.185095794033259e-05).Horner(x, -0.0008097704267129302).Horner(x, 0.005196952261030674)
            .Horner(x, -0.026857705786824226).Horner(x, 0.11283663660287857).Horner(x, -0.37612631916999817)
            .Horner(x, 0.12837916612625122);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(6.216801317822284e-11).Horner(x, -1.1514930946393052e-09).Horner(x, 1.469375909795727e-08)
            .Horner(x, -1.6354976547961192e-07).Horner(x, 1.6461405807497186e-06).Horner(x, -1.492561849472664e-05)
            .Horner(x, 0.00012055331997887453).Horner(x, -0.0008548327003041962).Horner(x, 0.005223977625169857)
            .Horner(x, -0.02686617064510958).Horner(x, 0.11283791670955036).Horner(x, -0.3761263890318375)
            .Horner(x, 0.1283791670955126);
    }
}

/// <summary>The minimax polynomial of <see cref="Erfc"/> at the two precisions.</summary>
internal static class ErfcPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(2.649000452947803e-05).Horner(x, -0.0003646257391665131).Horner(x, -0.001253383350558579)
            .Horner(x, 0.0012733887415379286).Horner(x, 0.008638432249426842).Horner(x, -0.008044605143368244)
            .Horner(x, -0.054205138236284256).Horner(x, 0.16405315697193146).Horner(x, -0.1660313606262207)
            .Horner(x, -0.09276389330625534).Horner(x, 1.2769783735275269);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(-1.8001444477291408e-09).Horner(x, -1.3649923059864029e-08).Horner(x, -7.842048614070654e-09)
            .Horner(x, 1.151600403887933e-07).Horner(x, 6.288828271164543e-08).Horner(x, -8.347657058203066e-07)
            .Horner(x, 3.0127329057834845e-07).Horner(x, 5.717498180883785e-06).Horner(x, -1.1224821497313898e-05)
            .Horner(x, -2.440295367914419e-05).Horner(x, 0.00015062229017600074).Horner(x, -0.00019925557960456434)
            .Horner(x, -0.0007577733614332339).Horner(x, 0.0050319697706223245).Horner(x, -0.01619773405471925)
            .Horner(x, 0.037167515560700186).Horner(x, -0.06633036581203908).Horner(x, 0.09373283499691457)
            .Horner(x, -0.10103906603632354).Horner(x, 0.06809705425473354).Horner(x, 0.015379652102620139)
            .Horner(x, -0.13962111684056286).Horner(x, 1.2329951186255526);
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// e^x = 2^n e^r with n the integer nearest to x / ln 2 and |r| <= ln 2 / 2; e^r - 1 - r is r^2 times a minimax polynomial.

/// <summary>e^x, within 1 ulp; exactly 1 at 0.</summary>
internal readonly struct Exp : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Reduced.ByLn2(Reduced.Clamp(x), out V n, out V r);
        return V.Scale(Reduced.ExpMinusOne(r) + V.Constant(1.0), n);
    }
}

/// <summary>e^x - 1, within 2 ulp, accurate near 0.</summary>
internal readonly struct Expm1 : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Reduced.ByLn2(Reduced.Clamp(x), out V n, out V r);
        V p = Reduced.ExpMinusOne(r);
        // Half of it, 2^(n-1) p + (2^(n-1) - 1/2), does not overflow before it must.
        V half = V.Scale(V.Constant(0.5), n);
        V result = V.FusedMultiplyAdd(half, p, half - V.Constant(0.5)) * V.Constant(2.0);
        return V.Select(V.Equal(x, V.Constant(0.0)), x, result);
    }
}

/// <summary>2^x, within 1 ulp; exact at the integers.</summary>
internal readonly struct Exp2 : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        x = V.Min(V.Constant(129.0, 1025.0), x);
        x = V.Max(V.Constant(-1000.0, -7000.0), x);
        V n = V.Round(x);
        V r = (x - n) * V.Constant(0.6931471805599453);
        return V.Scale(Reduced.ExpMinusOne(r) + V.Constant(1.0), n);
    }
}

/// <summary>Pieces that the exponential functions share.</summary>
internal static class Reduced
{
    /// <summary>Beyond these bounds e^x is infinity or 0 anyway; nan passes because it stands second.</summary>
    /// <remarks>
    /// From -104 on it is 0, but where a result comes near the subnormal numbers Intel's processors take 75 ns for a vector of
    /// them. So what is masked, -infinity mostly, goes far below.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Clamp<V>(V x) where V : struct, ILanes<V> =>
        V.Max(V.Constant(-700.0, -5000.0), V.Min(V.Constant(89.0, 710.0), x));

    /// <summary>x = n ln 2 + r, where ln 2 is split so that the first product is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ByLn2<V>(V x, out V n, out V r) where V : struct, ILanes<V>
    {
        n = V.Round(x * V.Constant(1.4426950408889634));
        r = n.NegatedProduct(0.693145751953125, 0.6931471803691238, x);
        r = n.NegatedProduct(1.42860676533018e-06, 1.9082149292705877e-10, r);
    }

    /// <summary>e^r - 1 for |r| at most ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpMinusOne<V>(V r) where V : struct, ILanes<V>
    {
        V p = V.ByPrecision<ExpPolynomial.Single, ExpPolynomial.Double>(r);
        return V.FusedMultiplyAdd(p, r * r, r);
    }

    /// <summary>e^a / 2 for a not negative, which overflows no earlier than it must.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HalfExp<V>(V a) where V : struct, ILanes<V>
    {
        ByLn2(V.Min(V.Constant(90.0, 711.0), a), out V n, out V r);
        V p = ExpMinusOne(r);
        return V.Scale(V.FusedMultiplyAdd(p, V.Constant(0.5), V.Constant(0.5)), n);
    }
}

/// <summary>The minimax polynomial of <see cref="Exp"/> at the two precisions.</summary>
internal static class ExpPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(0.001381459878757596).Horner(x, 0.008368716575205326).Horner(x, 0.04166838899254799)
            .Horner(x, 0.1666652113199234).Horner(x, 0.4999999403953552);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(2.500005858433201e-08).Horner(x, 2.763024840890897e-07).Horner(x, 2.755758638303373e-06)
            .Horner(x, 2.480149309882718e-05).Horner(x, 0.00019841269506568884).Horner(x, 0.0013888888943630181)
            .Horner(x, 0.008333333333494466).Horner(x, 0.041666666666530155).Horner(x, 0.16666666666666413)
            .Horner(x, 0.5000000000000011);
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The hyperbolic tangent, within 2 ulp, accurate near 0.</summary>
internal readonly struct Tanh : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V a = x.Abs();
        V z = x * x;
        V p = V.ByPrecision<TanhPolynomial.Single, TanhPolynomial.Double>(z);
        V near = V.FusedMultiplyAdd(p * z, x, x);
        V far = V.Constant(1.0) - V.Constant(2.0) / (Exp.Apply(a + a) + V.Constant(1.0));
        // The sign goes over both: p is negative, so a zero would lose its own.
        return V.Select(V.Less(a, V.Constant(0.625)), near, far) | x.SignBit();
    }
}

/// <summary>1 / (1 + e^-x), within 2 ulp for all x, the left tail included.</summary>
internal readonly struct Sigmoid : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        // With e^-x = (1 + p) / t, t a power of two: t / (t + 1 + p). The smaller two are added first, which keeps to the bound; from e^40 on
        // the others are nothing beside t.
        Reduced.ByLn2(V.Max(V.Constant(-700.0, -5000.0), V.Min(V.Constant(40.0), x)), out V n, out V r);
        V p = Reduced.ExpMinusOne(-r);
        V t = V.Scale(V.Constant(1.0), n);
        return t / (p + t + V.Constant(1.0));
    }
}

/// <summary>The hyperbolic sine, within 2 ulp.</summary>
internal readonly struct Sinh : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V a = x.Abs();
        V z = x * x;
        V p = V.ByPrecision<SinhPolynomial.Single, SinhPolynomial.Double>(z);
        V near = V.FusedMultiplyAdd(p * z, x, x);
        V half = Reduced.HalfExp(a);
        V far = half - V.Constant(0.25) / half;
        return V.Select(V.Less(a, V.Constant(1.0)), near, far | x.SignBit());
    }
}

/// <summary>The hyperbolic cosine, within 2 ulp.</summary>
internal readonly struct Cosh : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V half = Reduced.HalfExp(x.Abs());
        return half + V.Constant(0.25) / half;
    }
}

/// <summary>The minimax polynomial of <see cref="Tanh"/> at the two precisions.</summary>
internal static class TanhPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(-0.005704983603209257).Horner(x, 0.0206390842795372).Horner(x, -0.05373971536755562)
            .Horner(x, 0.13331441581249237).Horner(x, -0.3333328068256378);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(-2.2717599843637317e-06).Horner(x, 1.1794569342009989e-05).Horner(x, -3.662551384392648e-05)
            .Horner(x, 9.57510784453782e-05).Horner(x, -0.0002387708263055697).Horner(x, 0.0005899492262499342)
            .Horner(x, -0.0014558222921350484).Horner(x, 0.0035921267306136128).Horner(x, -0.008863235434309183)
            .Horner(x, 0.021869488531646865).Horner(x, -0.05396825396812829).Horner(x, 0.13333333333333156)
            .Horner(x, -0.3333333333333333);
    }
}

/// <summary>The minimax polynomial of <see cref="Sinh"/> at the two precisions.</summary>
internal static class SinhPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(2.8169513370812638e-06).Horner(x, 0.0001983615948120132).Horner(x, 0.008333349600434303)
            .Horner(x, 0.1666666716337204);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(2.8482331184331672e-15).Horner(x, 7.64648289168616e-13).Horner(x, 1.6059050601321964e-10)
            .Horner(x, 2.5052108346508546e-08).Horner(x, 2.7557319224116293e-06).Horner(x, 0.000198412698412696)
            .Horner(x, 0.008333333333333333).Horner(x, 0.16666666666666666);
    }
}

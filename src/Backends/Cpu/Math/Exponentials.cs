using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// e^x = 2^n e^r with n the integer nearest to x / ln 2 and |r| <= ln 2 / 2; e^r - 1 - r is r^2 times a minimax polynomial.

/// <summary>e^x, within 1 ulp; exactly 1 at 0.</summary>
internal readonly struct Exp : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        // Beyond these bounds the result is infinity or 0 anyway; nan passes because it stands second.
        x = V.Min(V.Constant(V.IsDouble ? 710.0 : 89.0), x);
        x = V.Max(V.Constant(V.IsDouble ? -746.0 : -104.0), x);
        V n = V.Round(x * V.Constant(1.4426950408889634));
        V r = Reduced.ByLn2(x, n);
        return V.Scale(Reduced.ExpMinusOne(r) + V.Constant(1.0), n);
    }
}

/// <summary>Pieces that the exponential functions share.</summary>
internal static class Reduced
{
    /// <summary>x - n ln 2, where ln 2 is split so that the first product is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ByLn2<V>(V x, V n) where V : struct, ILanes<V>
    {
        V r = n.NegatedProduct(V.IsDouble ? 0.6931471803691238 : 0.693145751953125, x);
        return n.NegatedProduct(V.IsDouble ? 1.9082149292705877e-10 : 1.42860676533018e-06, r);
    }

    /// <summary>e^r - 1 for |r| at most ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpMinusOne<V>(V r) where V : struct, ILanes<V>
    {
        V p = V.IsDouble
            ? V.Constant(2.500005858433201e-08).Horner(r, 2.763024840890897e-07).Horner(r, 2.755758638303373e-06)
                .Horner(r, 2.480149309882718e-05).Horner(r, 0.00019841269506568884).Horner(r, 0.0013888888943630181)
                .Horner(r, 0.008333333333494466).Horner(r, 0.041666666666530155).Horner(r, 0.16666666666666413)
                .Horner(r, 0.5000000000000011)
            : V.Constant(0.001381459878757596).Horner(r, 0.008368716575205326).Horner(r, 0.04166838899254799)
                .Horner(r, 0.1666652113199234).Horner(r, 0.4999999403953552);
        return V.FusedMultiplyAdd(p, r * r, r);
    }
}

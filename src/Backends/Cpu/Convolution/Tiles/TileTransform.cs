using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Filters of four taps applied to seven neighbours give four results with seven products rather than sixteen (Winograd 1980): what is
/// multiplied are the values of polynomials at 1/4, -1/4, 7/8, -7/8, 2, -2 and infinity, in this order.
/// </summary>
/// <remarks>
/// Along both dimensions of images these points give the smallest error of all that were tried (pairs of multiples of 1/8 up to 2, with and
/// without 0 and infinity): four times that of adding up products one after the other.
/// </remarks>
internal static class TileTransform<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    private const double Near = 0.25, Middle = 0.875, Far = 2;
    private const double Near2 = Near * Near, Middle2 = Middle * Middle, Far2 = Far * Far;

    /// <summary>Seven neighbours as values at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input(
        V d0, V d1, V d2, V d3, V d4, V d5, V d6, out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6)
    {
        Pair(Near, Middle2, Far2, d0, d1, d2, d3, d4, d5, out v0, out v1);
        Pair(Middle, Near2, Far2, d0, d1, d2, d3, d4, d5, out v2, out v3);
        Pair(Far, Near2, Middle2, d0, d1, d2, d3, d4, d5, out v4, out v5);
        V pairs = S.MultiplyAdd(Of(Near2 * Middle2 + Near2 * Far2 + Middle2 * Far2), d2, S.MultiplyAdd(Of(-Near2 - Middle2 - Far2), d4, d6));
        v6 = S.MultiplyAdd(Of(-Near2 * Middle2 * Far2), d0, pairs);
    }

    /// <summary>At a point and its negative, where the other two pairs have these squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(double point, double square, double other, V d0, V d1, V d2, V d3, V d4, V d5, out V plus, out V minus)
    {
        V sum = Of(-square - other), product = Of(square * other);
        V even = S.Multiply(Of(point), S.MultiplyAdd(product, d0, S.MultiplyAdd(sum, d2, d4)));
        V odd = S.MultiplyAdd(product, d1, S.MultiplyAdd(sum, d3, d5));
        (plus, minus) = (S.Add(odd, even), S.Subtract(odd, even));
    }

    /// <summary>Products at the points as four results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output(V m0, V m1, V m2, V m3, V m4, V m5, V m6, out V y0, out V y1, out V y2, out V y3)
    {
        V s = S.Add(m0, m1), d = S.Subtract(m0, m1), t = S.Add(m2, m3), e = S.Subtract(m2, m3), u = S.Add(m4, m5), f = S.Subtract(m4, m5);
        y0 = S.Add(s, S.Add(t, u));
        y1 = S.MultiplyAdd(Of(Near), d, S.MultiplyAdd(Of(Middle), e, S.Multiply(Of(Far), f)));
        y2 = S.MultiplyAdd(Of(Near2), s, S.MultiplyAdd(Of(Middle2), t, S.Multiply(Of(Far2), u)));
        y3 = S.MultiplyAdd(Of(Near2 * Near), d, S.MultiplyAdd(Of(Middle2 * Middle), e, S.MultiplyAdd(Of(Far2 * Far), f, m6)));
    }

    /// <summary>Four taps at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter(V g0, V g1, V g2, V g3, out V u0, out V u1, out V u2, out V u3, out V u4, out V u5)
    {
        Scaled(Near, Middle2, Far2, g0, g1, g2, g3, out u0, out u1);
        Scaled(Middle, Near2, Far2, g0, g1, g2, g3, out u2, out u3);
        Scaled(Far, Near2, Middle2, g0, g1, g2, g3, out u4, out u5);
    }

    /// <summary>At a point and its negative, divided by the product of their distances from all others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scaled(double point, double square, double other, V g0, V g1, V g2, V g3, out V plus, out V minus)
    {
        double own = point * point;
        V scale = Of(1 / (2 * point * (own - square) * (own - other)));
        V even = S.MultiplyAdd(Of(own), g2, g0), odd = S.Multiply(Of(point), S.MultiplyAdd(Of(own), g3, g1));
        (plus, minus) = (S.Multiply(scale, S.Add(odd, even)), S.Multiply(scale, S.Subtract(odd, even)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Of(double number) => S.Create(T.CreateTruncating(number));
}

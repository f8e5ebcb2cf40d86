using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Filters of three taps applied to six neighbours give four results with six products rather than twelve (Winograd 1980; for
/// networks Lavin and Gray 2016): what is multiplied are the values of polynomials at 0, +-3/4, +-3/2 and infinity.
/// </summary>
/// <remarks>
/// These points, rather than the usual 0, +-1, +-2, keep the error at about twice that of adding up products one after the other
/// (Barabasz et al. 2020 explain why); all numbers but the reciprocals in <see cref="Filter"/> are exact.
/// </remarks>
internal readonly struct WinogradTransform<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    /// <summary>Points, and products for each tile and dimension.</summary>
    public const int Points = 6;

    /// <summary>Results of a tile along a dimension.</summary>
    public const int Results = 4;

    /// <summary>Taps of a filter along a dimension.</summary>
    public const int Taps = 3;

    private const double Near = 0.75, Far = 1.5, Near2 = Near * Near, Far2 = Far * Far;

    private readonly V near, far, near2, far2, near3, far3, minusNear2, minusFar2, all, minusSum;
    private readonly V atZero, atNear, atFar, nearSlope, farSlope;

    public WinogradTransform()
    {
        (near, far) = (Of(Near), Of(Far));
        (near2, far2) = (Of(Near2), Of(Far2));
        (near3, far3) = (Of(Near2 * Near), Of(Far2 * Far));
        (minusNear2, minusFar2) = (Of(-Near2), Of(-Far2));
        (all, minusSum) = (Of(Near2 * Far2), Of(-Near2 - Far2));
        double nearScale = 1 / (2 * Near2 * (Near2 - Far2)), farScale = 1 / (2 * Far2 * (Far2 - Near2));
        (atZero, atNear, atFar) = (Of(1 / (Near2 * Far2)), Of(nearScale), Of(farScale));
        (nearSlope, farSlope) = (Of(Near * nearScale), Of(Far * farScale));
    }

    /// <summary>Six neighbours as values at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Input(V d0, V d1, V d2, V d3, V d4, V d5, out V v0, out V v1, out V v2, out V v3, out V v4, out V v5)
    {
        v0 = S.MultiplyAdd(all, d0, S.MultiplyAdd(minusSum, d2, d4));
        v5 = S.MultiplyAdd(all, d1, S.MultiplyAdd(minusSum, d3, d5));
        V even = S.MultiplyAdd(minusFar2, d2, d4), odd = S.Multiply(near, S.MultiplyAdd(minusFar2, d1, d3));
        (v1, v2) = (S.Add(even, odd), S.Subtract(even, odd));
        even = S.MultiplyAdd(minusNear2, d2, d4);
        odd = S.Multiply(far, S.MultiplyAdd(minusNear2, d1, d3));
        (v3, v4) = (S.Add(even, odd), S.Subtract(even, odd));
    }

    /// <summary>Products at the points as four results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Output(V m0, V m1, V m2, V m3, V m4, V m5, out V y0, out V y1, out V y2, out V y3)
    {
        V s = S.Add(m1, m2), d = S.Subtract(m1, m2), t = S.Add(m3, m4), e = S.Subtract(m3, m4);
        y0 = S.Add(m0, S.Add(s, t));
        y1 = S.MultiplyAdd(near, d, S.Multiply(far, e));
        y2 = S.MultiplyAdd(near2, s, S.Multiply(far2, t));
        y3 = S.MultiplyAdd(near3, d, S.MultiplyAdd(far3, e, m5));
    }

    /// <summary>The transpose of <see cref="Output"/>: four cotangents at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Cotangent(V y0, V y1, V y2, V y3, out V m1, out V m2, out V m3, out V m4)
    {
        V even = S.MultiplyAdd(near2, y2, y0), odd = S.MultiplyAdd(near3, y3, S.Multiply(near, y1));
        (m1, m2) = (S.Add(even, odd), S.Subtract(even, odd));
        even = S.MultiplyAdd(far2, y2, y0);
        odd = S.MultiplyAdd(far3, y3, S.Multiply(far, y1));
        (m3, m4) = (S.Add(even, odd), S.Subtract(even, odd));
    }

    /// <summary>Three taps at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Filter(V g0, V g1, V g2, out V u0, out V u1, out V u2, out V u3, out V u4)
    {
        u0 = S.Multiply(atZero, g0);
        V even = S.Multiply(atNear, S.MultiplyAdd(near2, g2, g0)), odd = S.Multiply(nearSlope, g1);
        (u1, u2) = (S.Add(even, odd), S.Subtract(even, odd));
        even = S.Multiply(atFar, S.MultiplyAdd(far2, g2, g0));
        odd = S.Multiply(farSlope, g1);
        (u3, u4) = (S.Add(even, odd), S.Subtract(even, odd));
    }

    /// <summary>The transpose of <see cref="Filter"/>: products at the points as the cotangents of three taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FilterCotangent(V m0, V m1, V m2, V m3, V m4, V m5, out V g0, out V g1, out V g2)
    {
        V s = S.Multiply(atNear, S.Add(m1, m2)), t = S.Multiply(atFar, S.Add(m3, m4));
        g0 = S.MultiplyAdd(atZero, m0, S.Add(s, t));
        g1 = S.MultiplyAdd(nearSlope, S.Subtract(m1, m2), S.Multiply(farSlope, S.Subtract(m3, m4)));
        g2 = S.MultiplyAdd(near2, s, S.MultiplyAdd(far2, t, m5));
    }

    private static V Of(double number) => S.Create(T.CreateTruncating(number));
}

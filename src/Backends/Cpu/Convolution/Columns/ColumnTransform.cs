using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Filters of r taps applied to eight neighbours give 9 - r results with eight products (Winograd 1980): what is multiplied are the
/// values of polynomials at 0, 1, -1, 1/2, -1/2, 2, -2 and infinity, in this order.
/// </summary>
/// <remarks>
/// Of all points tried (multiples of 1/8 up to 2) these give the smallest error for four and for five taps: 2.5 times that of adding up
/// products one after the other. All numbers but three scales of the filters are exact.
/// </remarks>
internal readonly struct ColumnTransform<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    // Sums and products of squares of the points other than a pair: of all three, without 1, without 1/4, without 4.
    private readonly V all, minusOuter, four, minusFive, quarter, minusInner, half, two;

    public ColumnTransform()
    {
        (all, minusOuter) = (Of(5.25), Of(-4.25));
        (four, minusFive, quarter, minusInner) = (Of(4), Of(-5), Of(0.25), Of(-1.25));
        (half, two) = (Of(0.5), Of(2));
    }

    /// <summary>Eight neighbours as values at the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Input(
        V d0, V d1, V d2, V d3, V d4, V d5, V d6, V d7,
        out V v0, out V v1, out V v2, out V v3, out V v4, out V v5, out V v6, out V v7)
    {
        v0 = S.MultiplyAdd(all, S.Subtract(d2, d4), S.Subtract(d6, d0));
        v7 = S.MultiplyAdd(all, S.Subtract(d3, d5), S.Subtract(d7, d1));
        V even = S.MultiplyAdd(minusOuter, d4, S.Add(d2, d6)), odd = S.MultiplyAdd(minusOuter, d3, S.Add(d1, d5));
        (v1, v2) = (S.Add(even, odd), S.Subtract(even, odd));
        even = S.MultiplyAdd(four, d2, S.MultiplyAdd(minusFive, d4, d6));
        odd = S.Multiply(half, S.MultiplyAdd(four, d1, S.MultiplyAdd(minusFive, d3, d5)));
        (v3, v4) = (S.Add(even, odd), S.Subtract(even, odd));
        even = S.MultiplyAdd(quarter, d2, S.MultiplyAdd(minusInner, d4, d6));
        odd = S.Multiply(two, S.MultiplyAdd(quarter, d1, S.MultiplyAdd(minusInner, d3, d5)));
        (v5, v6) = (S.Add(even, odd), S.Subtract(even, odd));
    }

    private static V Of(double number) => S.Create(T.CreateTruncating(number));
}

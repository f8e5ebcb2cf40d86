using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// x = n pi/2 + r with |r| <= pi/4, pi/2 in three parts; arguments too large for that are handed on lane by lane.

/// <summary>The sine, within 2 ulp for all finite x.</summary>
internal readonly struct Sin : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Quadrant.Reduce(x, out V n, out V r, out V tooLarge);
        V result = Quadrant.SinOrCos(n, r);
        // The sine keeps the sign of a zero.
        result = V.Select(V.Equal(x, V.Constant(0.0)), x, result);
        return V.Patch<SinMap>(tooLarge, result, x);
    }
}

/// <summary>The cosine, within 2 ulp for all finite x.</summary>
internal readonly struct Cos : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Quadrant.Reduce(x, out V n, out V r, out V tooLarge);
        return V.Patch<CosMap>(tooLarge, Quadrant.SinOrCos(V.IntegerAdd(n, V.Integer(1)), r), x);
    }
}

/// <summary>The tangent, within 2 ulp for all finite x.</summary>
internal readonly struct Tan : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        Quadrant.Reduce(x, out V n, out V r, out V lost, out V tooLarge);
        V z = r * r;
        V cube = V.ByPrecision<TanPolynomial.Single, TanPolynomial.Double>(z) * z;
        // What rounding r lost counts where the tangent is steep: its derivative is 1 + tan^2.
        V near = r + V.FusedMultiplyAdd(cube, r, lost);
        V isOdd = V.IntegerEqual(n & V.Integer(1), V.Integer(1));
        V result = V.Select(isOdd, V.Constant(-1.0) / near, near);
        result = V.Select(V.Equal(x, V.Constant(0.0)), x, result);
        return V.Patch<TanMap>(tooLarge, result, x);
    }
}

/// <summary>Pieces that the trigonometric functions share.</summary>
internal static class Quadrant
{
    /// <summary>x = n pi/2 + r, except where x is too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Reduce<V>(V x, out V n, out V r, out V tooLarge) where V : struct, ILanes<V>
    {
        V turns = Turns(x, out n, out tooLarge);
        r = turns.NegatedProduct(1.5707963705062866, 1.5707963267948966, x);
        r = turns.NegatedProduct(-4.371138828673793e-08, 6.123233995736766e-17, r);
        r = turns.NegatedProduct(-1.7151245100058819e-15, -1.4973849048591698e-33, r);
    }

    /// <summary>x = n pi/2 + r + lost, r being the sum rounded, except where x is too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Reduce<V>(V x, out V n, out V r, out V lost, out V tooLarge) where V : struct, ILanes<V>
    {
        V turns = Turns(x, out n, out tooLarge);
        V first = turns.NegatedProduct(1.5707963705062866, 1.5707963267948966, x);
        V product = turns * V.Constant(-4.371138828673793e-08, 6.123233995736766e-17);
        V low = turns.NegatedProduct(-4.371138828673793e-08, 6.123233995736766e-17, product);
        V sum = first - product;
        V back = sum - first;
        low += first - (sum - back) - (product + back);
        low = turns.NegatedProduct(-1.7151245100058819e-15, -1.4973849048591698e-33, low);
        r = sum + low;
        lost = sum - r + low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Turns<V>(V x, out V n, out V tooLarge) where V : struct, ILanes<V>
    {
        tooLarge = ~V.Less(x.Abs(), V.Constant(32768.0, 1e6));
        V turns = V.Round(x * V.Constant(0.6366197723675814));
        n = V.ToInteger(turns);
        return turns;
    }

    /// <summary>The sine of r + n pi/2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SinOrCos<V>(V n, V r) where V : struct, ILanes<V>
    {
        V isOdd = V.IntegerEqual(n & V.Integer(1), V.Integer(1));
        V sign = V.ShiftLeft(n & V.Integer(2), V.IsDouble ? 62 : 30);
        return V.Select(isOdd, Cos(r), Sin(r)) ^ sign;
    }

    /// <summary>The sine for |r| at most pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V>(V r) where V : struct, ILanes<V>
    {
        V z = r * r;
        V p = V.ByPrecision<SinPolynomial.Single, SinPolynomial.Double>(z);
        return V.FusedMultiplyAdd(p * z, r, r);
    }

    /// <summary>The cosine for |r| at most pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V>(V r) where V : struct, ILanes<V>
    {
        V z = r * r;
        V p = V.ByPrecision<CosPolynomial.Single, CosPolynomial.Double>(z);
        // 1 - z / 2 rounds; what it loses goes in with the rest.
        V half = z * V.Constant(0.5);
        V w = V.Constant(1.0) - half;
        return w + V.FusedMultiplyAdd(p, z * z, V.Constant(1.0) - w - half);
    }
}

/// <summary>The minimax polynomial of <see cref="Sin"/> at the two precisions.</summary>
internal static class SinPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(2.718046516747563e-06).Horner(x, -0.0001983930415008217).Horner(x, 0.008333329111337662)
            .Horner(x, -0.1666666716337204);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(-7.57840323421299e-13).Horner(x, 1.6058360438742143e-10).Horner(x, -2.5052104860761467e-08)
            .Horner(x, 2.755731921398508e-06).Horner(x, -0.0001984126984125465).Horner(x, 0.008333333333333323)
            .Horner(x, -0.16666666666666666);
    }
}

/// <summary>The minimax polynomial of <see cref="Cos"/> at the two precisions.</summary>
internal static class CosPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(-2.720504710396199e-07).Horner(x, 2.479945214872714e-05).Horner(x, -0.0013888883404433727)
            .Horner(x, 0.0416666679084301);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(4.7376667884723405e-14).Horner(x, -1.1470282982489023e-11).Horner(x, 2.087675427067923e-09)
            .Horner(x, -2.7557319214926855e-07).Horner(x, 2.480158730157038e-05).Horner(x, -0.0013888888888888872)
            .Horner(x, 0.041666666666666664);
    }
}

/// <summary>The minimax polynomial of <see cref="Tan"/> at the two precisions.</summary>
internal static class TanPolynomial
{
    internal readonly struct Single : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(0.0043870797380805016).Horner(x, 6.819720874773338e-05).Horner(x, 0.01085218507796526)
            .Horner(x, 0.02127605676651001).Horner(x, 0.05406106635928154).Horner(x, 0.13332653045654297)
            .Horner(x, 0.33333349227905273);
    }

    internal readonly struct Double : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x) where V : struct, ILanes<V> =>
            V.Constant(9.759148367124263e-06).Horner(x, -2.4094312712994984e-05).Horner(x, 4.827266123890293e-05)
            .Horner(x, -2.519789586209795e-05).Horner(x, 6.68767334682243e-05).Horner(x, 8.37487425007361e-05)
            .Horner(x, 0.0002436768092311674).Horner(x, 0.0005888853946153261).Horner(x, 0.0014560413975242287)
            .Horner(x, 0.003592101460404646).Horner(x, 0.008863237867426975).Horner(x, 0.021869488402682262)
            .Horner(x, 0.05396825397278126).Horner(x, 0.13333333333325564).Horner(x, 0.3333333333333338);
    }
}

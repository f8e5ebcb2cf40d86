using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Two independent normal numbers from two uniform ones (Box and Muller 1958), in double precision.</summary>
internal static unsafe class BoxMuller
{
    private static int Lanes => Vector512<double>.Count;

    /// <summary>
    /// Makes elements 2j and 2j + 1 of the uniforms of the same numbers. Reads the words of whole vectors of pairs, whatever those
    /// past the last element hold.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<T, TKernel>(uint* words, T* result, int count)
        where T : unmanaged
        where TKernel : struct, INormalKernel<T>
    {
        int element = 0;
        for (; element <= count - 2 * Lanes; element += 2 * Lanes)
            Pairs<T, TKernel>(words + (long)element * TKernel.WordsPerElement, result + element);
        if (element < count)
        {
            T* last = stackalloc T[2 * Lanes];
            Pairs<T, TKernel>(words + (long)element * TKernel.WordsPerElement, last);
            new ReadOnlySpan<T>(last, count - element).CopyTo(new Span<T>(result + element, count - element));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs<T, TKernel>(uint* words, T* result)
        where T : unmanaged
        where TKernel : struct, INormalKernel<T>
    {
        TKernel.Uniforms(words, out Vector512<double> first, out Vector512<double> second);
        Turn(ref first, ref second);
        TKernel.Store(first, second, result);
    }

    /// <summary>Uniform numbers in, normal ones out: what goes into the logarithm is in (0, 1], and the angle in [0, 2 pi).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref Vector512<double> first, ref Vector512<double> second)
    {
        Lanes512<double, long> rest = Vector512<double>.One - first;
        Decomposed.Split(rest, out Lanes512<double, long> exponent, out Lanes512<double, long> fraction);
        Lanes512<double, long> logarithm = Decomposed.Compose(exponent, fraction, Decomposed.Rest(fraction));
        Vector512<double> radius = Vector512.Sqrt(logarithm.Value * Vector512.Create(-2.0));

        // Sine and cosine of one angle share everything but the quadrant.
        Lanes512<double, long> angle = second * Vector512.Create(2 * Math.PI);
        Quadrant.Reduce(angle, out Lanes512<double, long> n, out Lanes512<double, long> r, out _);
        Vector512<double> sine = Quadrant.Sin(r).Value, cosine = Quadrant.Cos(r).Value;
        Vector512<long> quadrant = n.Value.AsInt64();
        first = radius * InQuadrant(quadrant + Vector512<long>.One, sine, cosine);
        second = radius * InQuadrant(quadrant, sine, cosine);
    }

    /// <summary>The sine of an angle so many right angles on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> InQuadrant(Vector512<long> n, Vector512<double> sine, Vector512<double> cosine)
    {
        Vector512<long> isOdd = Vector512.Equals(n & Vector512<long>.One, Vector512<long>.One);
        Vector512<long> sign = (n & Vector512.Create(2L)) << 62;
        return Vector512.ConditionalSelect(isOdd.AsDouble(), cosine, sine) ^ sign.AsDouble();
    }
}

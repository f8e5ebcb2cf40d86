using System.Collections.Concurrent;
using System.Numerics;

namespace Functional.Cpu;

/// <summary>What one pass needs to know.</summary>
/// <param name="Radix">Points of its butterflies.</param>
/// <param name="Count">How many groups of butterflies there are: the length that remains.</param>
/// <param name="Twiddles">w^(p j) for p from 0 and j from 1, as pairs.</param>
/// <param name="Roots">exp(-2 pi i j / Radix), as pairs.</param>
internal sealed record FourierStage<T>(int Radix, int Count, T[] Twiddles, T[] Roots);

/// <summary>How to transform lines of one length: its factors as passes, or, where a prime factor is large, Bluestein's detour.</summary>
internal sealed unsafe class FourierPlan<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Butterflies by definition take radix^2 steps; past this the detour is shorter.
    private const int LargestRadix = 31;

    private const int RememberedPlans = 128;

    private static readonly ConcurrentDictionary<int, FourierPlan<T>> Plans = [];

    private readonly FourierStage<T>[] stages;

    private FourierPlan(int length, int[] factors)
    {
        Length = length;
        stages = new FourierStage<T>[factors.Length];
        int rest = length;
        for (int i = 0; i < stages.Length; i++)
        {
            int radix = factors[i], count = rest / radix;
            var twiddles = new T[2 * count * (radix - 1)];
            for (int p = 0; p < count; p++)
            {
                for (int j = 1; j < radix; j++)
                    Root((long)p * j, rest, twiddles, p * (radix - 1) + j - 1);
            }
            var roots = new T[2 * radix];
            for (int j = 0; j < radix; j++)
                Root(j, radix, roots, j);
            stages[i] = new FourierStage<T>(radix, count, twiddles, roots);
            rest = count;
        }
    }

    /// <summary>Points of a line.</summary>
    public int Length { get; }

    /// <summary>Whether a length has only small prime factors.</summary>
    public static bool Takes(int length) => Factors(length) is not null;

    /// <summary>The plan for a length that <see cref="Takes"/> accepts.</summary>
    public static FourierPlan<T> Of(int length)
    {
        if (Plans.Count > RememberedPlans)
            Plans.Clear();
        return Plans.GetOrAdd(length, n => new FourierPlan<T>(n, Factors(n)!));
    }

    /// <summary>
    /// Transforms so many lines at once, point after point and of each point line after line. Both pairs of planes are used;
    /// returns the one that holds the result.
    /// </summary>
    public PlanePair<T> Run(PlanePair<T> from, PlanePair<T> to, int lines)
    {
        int s = lines;
        foreach (FourierStage<T> stage in stages)
        {
            Widest.Invoke<T, FourierPass<T>>(new FourierPass<T>(stage, from, to, s));
            s *= stage.Radix;
            (from, to) = (to, from);
        }
        return from;
    }

    /// <summary>exp(-2 pi i k / n), in double precision before it is rounded.</summary>
    public static (double Real, double Imaginary) Root(long k, long n)
    {
        (double sine, double cosine) = Math.SinCos(-2 * Math.PI * (k % n) / n);
        return (cosine, sine);
    }

    private static void Root(long k, long n, T[] target, int index)
    {
        (double real, double imaginary) = Root(k, n);
        target[2 * index] = T.CreateTruncating(real);
        target[2 * index + 1] = T.CreateTruncating(imaginary);
    }

    /// <summary>The factors as radices, fours first; null where one is too large.</summary>
    private static int[]? Factors(int length)
    {
        var factors = new List<int>();
        foreach (int radix in (ReadOnlySpan<int>)[4, 2, 3])
        {
            for (; length % radix == 0; length /= radix)
                factors.Add(radix);
        }
        for (int prime = 5; length > 1; prime += 2)
        {
            if (prime > LargestRadix)
                return null;
            for (; length % prime == 0; length /= prime)
                factors.Add(prime);
        }
        return [.. factors];
    }
}

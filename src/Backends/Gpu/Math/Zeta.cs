using Functional.Cpu;

namespace Functional.Gpu;

/// <summary>The Hurwitz zeta function in double precision. Domain and poles as torch.special.zeta has them.</summary>
internal static class Zeta
{
    public static double Of(double s, double q)
    {
        if (s == 1.0)
            return double.PositiveInfinity;
        if (s < 1.0 || Signs.IsNaN(q))
            return double.NaN;
        // A pole whatever s is, nan included, and minus infinity is one.
        if (q <= 0.0 && q == Rounding.Floor(q))
            return double.PositiveInfinity;
        if (Signs.IsNaN(s))
            return double.NaN;
        if (Signs.Absolute(q) == double.PositiveInfinity || (q < 0.0 && s != Rounding.Floor(s)))
            return double.NaN;
        if (q > 0.0)
            return OfPositive(s, q);
        // The terms below zero are a finite piece of another such sum.
        double below = Rounding.Floor(-q);
        double half = s * 0.5;
        double sign = half == Rounding.Floor(half) ? 1.0 : -1.0;
        return OfPositive(s, q + below + 1.0) + sign * (OfPositive(s, -q - below) - OfPositive(s, 1.0 - q));
    }

    /// <summary>A few terms, and the rest by Euler and Maclaurin.</summary>
    private static double OfPositive(double s, double q)
    {
        if (q > 1e9)
            return Functions.Two<Power>(q, 1.0 - s) * (1.0 / (s - 1.0) + 1.0 / (2.0 * q));
        double sum = 0.0;
        double a = q;
        for (int k = 0; k < 12 || a < 12.0; k++, a += 1.0)
            sum += Functions.Two<Power>(a, -s);
        double edge = Functions.Two<Power>(a, -s);
        sum += a * edge / (s - 1.0) + edge * 0.5;
        double factor = s * edge / a * 0.5;
        for (int j = 1; j <= 12; j++)
        {
            sum += Bernoulli(j) * factor;
            double m = 2.0 * j;
            factor *= (s + m - 1.0) * (s + m) / ((m + 1.0) * (m + 2.0) * a * a);
        }
        return sum;
    }

    /// <summary>B2, B4, ...</summary>
    private static double Bernoulli(int j) => j switch
    {
        1 => 1.0 / 6.0,
        2 => -1.0 / 30.0,
        3 => 1.0 / 42.0,
        4 => -1.0 / 30.0,
        5 => 5.0 / 66.0,
        6 => -691.0 / 2730.0,
        7 => 7.0 / 6.0,
        8 => -3617.0 / 510.0,
        9 => 43867.0 / 798.0,
        10 => -174611.0 / 330.0,
        11 => 854513.0 / 138.0,
        _ => -236364091.0 / 2730.0,
    };
}

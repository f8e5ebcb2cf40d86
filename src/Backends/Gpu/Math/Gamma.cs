using Functional.Cpu;

namespace Functional.Gpu;

/// <summary>The logarithm of the gamma function and its first two derivatives, in double precision.</summary>
internal static class Gamma
{
    private const double Pi = 3.141592653589793;

    /// <summary>ln |gamma(x)|.</summary>
    public static double Log(double x)
    {
        if (Signs.IsNaN(x))
            return x;
        if (Signs.Absolute(x) == double.PositiveInfinity || IsPole(x))
            return double.PositiveInfinity;
        return x < 0.0
            ? 1.1447298858494002 - Functions.One<Cpu.Log>(Signs.Absolute(SinPi(x))) - LogOfPositive(1.0 - x)
            : LogOfPositive(x);
    }

    /// <summary>The derivative of <see cref="Log"/>; at 0 minus infinity with the zero's sign, at negative integers nan.</summary>
    public static double Di(double x)
    {
        if (Signs.IsNaN(x) || x == double.PositiveInfinity)
            return x;
        if (x == 0.0)
            return Signs.Copy(double.PositiveInfinity, -x);
        if (IsPole(x))
            return double.NaN;
        double sum = 0.0;
        if (x < 0.0)
        {
            sum = -Pi / Functions.One<Tan>(Pi * (x - Rounding.Round(x)));
            x = 1.0 - x;
        }
        for (; x < 12.0; x += 1.0)
            sum -= 1.0 / x;
        double z = 1.0 / (x * x);
        double p = -3617.0 / 8160.0;
        p = p * z + 1.0 / 12.0;
        p = p * z - 691.0 / 32760.0;
        p = p * z + 1.0 / 132.0;
        p = p * z - 1.0 / 240.0;
        p = p * z + 1.0 / 252.0;
        p = p * z - 1.0 / 120.0;
        p = p * z + 1.0 / 12.0;
        return sum + (Functions.One<Cpu.Log>(x) - 0.5 / x - z * p);
    }

    /// <summary>The derivative of <see cref="Di"/>: poles at the integers up to 0, no limit at minus infinity.</summary>
    public static double Tri(double x)
    {
        if (x == double.PositiveInfinity)
            return 0.0;
        if (!(Signs.Absolute(x) < double.PositiveInfinity))
            return double.NaN;
        bool isReflected = x < 0.5;
        double reflected = 0.0;
        if (isReflected)
        {
            double s = SinPi(x);
            reflected = Pi * Pi / (s * s);
            x = 1.0 - x;
        }
        double sum = 0.0;
        for (; x < 12.0; x += 1.0)
            sum += 1.0 / (x * x);
        double z = 1.0 / (x * x);
        double p = -3617.0 / 510.0;
        p = p * z + 7.0 / 6.0;
        p = p * z - 691.0 / 2730.0;
        p = p * z + 5.0 / 66.0;
        p = p * z - 1.0 / 30.0;
        p = p * z + 1.0 / 42.0;
        p = p * z - 1.0 / 30.0;
        p = p * z + 1.0 / 6.0;
        sum += 1.0 / x + z * (0.5 + p / x);
        return isReflected ? reflected - sum : sum;
    }

    private static bool IsPole(double x) => x <= 0.0 && x == Rounding.Floor(x);

    /// <summary>sin(pi x), exact at the integers.</summary>
    private static double SinPi(double x)
    {
        double r = x - 2.0 * Rounding.Round(x * 0.5);
        double near = Signs.Absolute(r) > 0.5 ? Signs.Copy(1.0, r) - r : r;
        return Functions.One<Sin>(Pi * near);
    }

    /// <summary>Steps of one lead to the interval around 2, or from 15 on Stirling's series is enough.</summary>
    private static double LogOfPositive(double x)
    {
        if (x < 0.5)
            return NearTwo(x) - Functions.One<Log1p>(x) - Functions.One<Cpu.Log>(x);
        if (x < 1.5)
            return NearTwo(x - 1.0) - Functions.One<Log1p>(x - 1.0);
        if (x >= 15.0)
            return (x - 0.5) * Functions.One<Cpu.Log>(x) - x + 0.9189385332046728 + Stirling(x);
        double product = 1.0;
        while (x > 2.5)
        {
            x -= 1.0;
            product *= x;
        }
        return NearTwo(x - 2.0) + Functions.One<Cpu.Log>(product);
    }

    /// <summary>What ln gamma(x) is more than (x - 1/2) ln x - x + ln(2 pi) / 2, for large x.</summary>
    public static double Stirling(double x)
    {
        double z = 1.0 / (x * x);
        double p = -3617.0 / 122400.0;
        p = p * z + 1.0 / 156.0;
        p = p * z - 691.0 / 360360.0;
        p = p * z + 1.0 / 1188.0;
        p = p * z - 1.0 / 1680.0;
        p = p * z + 1.0 / 1260.0;
        p = p * z - 1.0 / 360.0;
        p = p * z + 1.0 / 12.0;
        return p / x;
    }

    /// <summary>ln gamma(2 + z) for |z| at most 1/2, by a minimax polynomial times z.</summary>
    private static double NearTwo(double z)
    {
        double p = 1.4963573191192003e-08;
        p = p * z - 3.1314285360886705e-08;
        p = p * z + 4.509983567521808e-08;
        p = p * z - 9.501416425423385e-08;
        p = p * z + 2.129692727315228e-07;
        p = p * z - 4.511181191016309e-07;
        p = p * z + 9.549510392959532e-07;
        p = p * z - 2.0388192484564222e-06;
        p = p * z + 4.374892520636031e-06;
        p = p * z - 9.439541921024715e-06;
        p = p * z + 2.05072105479096e-05;
        p = p * z - 4.492623209360517e-05;
        p = p * z + 9.945751290176889e-05;
        p = p * z - 0.00022315475870367355;
        p = p * z + 0.0005096695247392805;
        p = p * z - 0.0011927539116954181;
        p = p * z + 0.0028905103307415836;
        p = p * z - 0.0073855510286741114;
        p = p * z + 0.020580808427784546;
        p = p * z - 0.06735230105319809;
        p = p * z + 0.3224670334241132;
        p = p * z + 0.42278433509846713;
        return p * z;
    }
}

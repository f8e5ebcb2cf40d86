using Functional.Cpu;

namespace Functional.Gpu;

/// <summary>The regularised incomplete gamma functions: the share of the integral below x, or that above.</summary>
internal static class GammaShare
{
    public static double Of(bool isUpper, double a, double x)
    {
        double below = isUpper ? 0.0 : 1.0;
        if (!(a >= 0.0) || !(x >= 0.0))
            return double.NaN;
        if (a == 0.0)
            return x > 0.0 ? below : double.NaN;
        if (x == 0.0)
            return 1.0 - below;
        if (a == double.PositiveInfinity)
            return x == double.PositiveInfinity ? double.NaN : 1.0 - below;
        if (x == double.PositiveInfinity)
            return below;
        if (x < a + 1.0)
        {
            double p = Series(a, x);
            return isUpper ? 1.0 - p : p;
        }
        double q = Fraction(a, x);
        return isUpper ? q : 1.0 - q;
    }

    /// <summary>The front times the sum of x^n / ((a + 1) ... (a + n)).</summary>
    private static double Series(double a, double x)
    {
        double term = 1.0;
        double sum = 1.0;
        for (double n = a + 1.0; term > 1e-17 * sum; n += 1.0)
        {
            term *= x / n;
            sum += term;
        }
        return Front(a, x) * sum;
    }

    /// <summary>Legendre's continued fraction, evaluated forwards (Lentz).</summary>
    private static double Fraction(double a, double x)
    {
        double b = x + 1.0 - a;
        double c = 1e300;
        double d = 1.0 / b;
        double h = d;
        double factor = 0.0;
        for (double i = 1.0; Signs.Absolute(factor - 1.0) > 1e-16 && i < 1e6; i += 1.0)
        {
            double numerator = -i * (i - a);
            b += 2.0;
            d = 1.0 / NotTiny(numerator * d + b);
            c = NotTiny(b + numerator / c);
            factor = d * c;
            h *= factor;
        }
        return Front(a, x) * a * h;
    }

    private static double NotTiny(double value) => Signs.Absolute(value) < 1e-300 ? 1e-300 : value;

    /// <summary>x^a e^-x / gamma(a + 1); for large a around the peak at a, where the factors would cancel each other.</summary>
    private static double Front(double a, double x)
    {
        if (a < 12.0)
            return Functions.One<Exp>(a * Functions.One<Log>(x) - x - Gamma.Log(a + 1.0));
        return Functions.One<Exp>(a * LogMinus((x - a) / a) - Gamma.Stirling(a)) / Intrinsics.Sqrt(6.283185307179586 * a);
    }

    /// <summary>ln(1 + u) - u without cancellation.</summary>
    private static double LogMinus(double u)
    {
        if (Signs.Absolute(u) > 0.3)
            return Functions.One<Log1p>(u) - u;
        double power = -u * u;
        double sum = 0.0;
        for (double k = 2.0; Signs.Absolute(power) > 1e-18 * u * u; k += 1.0)
        {
            sum += power / k;
            power *= -u;
        }
        return sum;
    }
}

/// <summary>The inverse of the error function: Halley's steps from Winitzki's estimate, on erfc where erf is flat.</summary>
internal static class ErrorInverse
{
    public static double Of(double x)
    {
        double target = Signs.Absolute(x);
        if (!(target <= 1.0))
            return double.NaN;
        if (target == 1.0)
            return Signs.Copy(double.PositiveInfinity, x);
        if (target < 1e-100)
            return 0.886226925452758 * x;
        const double a = 0.147;
        double l = Functions.One<Log1p>(-x * x);
        double h = 2.0 / (3.141592653589793 * a) + l * 0.5;
        double y = Intrinsics.Sqrt(-l / a / (Intrinsics.Sqrt(h * h - l / a) + h));
        for (int step = 0; step < 4; step++)
        {
            double miss = target < 0.5 ? Functions.One<Erf>(y) - target : 1.0 - target - Functions.One<Erfc>(y);
            double square = y * y;
            double lost = Intrinsics.FusedMultiplyAdd(y, y, -square);
            double newton = miss / (1.1283791670955126 * Functions.One<Exp>(-square) * (1.0 - lost));
            y -= newton / (1.0 + y * newton);
        }
        return Signs.Copy(y, x);
    }
}

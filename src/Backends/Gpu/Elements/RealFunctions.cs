using ILGPU;

namespace Functional.Gpu;

/// <summary>Exponential and logarithm in plain arithmetic, good to a unit in the last place on every device.</summary>
internal static class RealFunctions
{
    /// <summary>2^n times the series of exp on what is left of x, at most ln 2 / 2.</summary>
    public static float Exp(float x)
    {
        float held = x > 89f ? 89f : x < -104f ? -104f : x;
        float n = MathF.Floor(held * 1.44269504f + 0.5f);
        float r = held - n * 0.693145752f - n * 1.42860677e-6f;
        float series = 1f / 5040;
        series = series * r + 1f / 720;
        series = series * r + 1f / 120;
        series = series * r + 1f / 24;
        series = series * r + 1f / 6;
        series = series * r + 0.5f;
        series = series * r * r + r + 1f;
        // Two factors, as either end of the range lies beyond a single one.
        int first = (int)n / 2, second = (int)n - first;
        float result = series * Interop.IntAsFloat((uint)(first + 127) << 23) * Interop.IntAsFloat((uint)(second + 127) << 23);
        return float.IsNaN(x) ? x : result;
    }

    /// <summary>The same in double precision.</summary>
    public static double Exp(double x)
    {
        double held = x > 710 ? 710 : x < -746 ? -746 : x;
        double n = Math.Floor(held * 1.4426950408889634 + 0.5);
        double r = held - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10;
        double series = 1.0 / 6227020800;
        series = series * r + 1.0 / 479001600;
        series = series * r + 1.0 / 39916800;
        series = series * r + 1.0 / 3628800;
        series = series * r + 1.0 / 362880;
        series = series * r + 1.0 / 40320;
        series = series * r + 1.0 / 5040;
        series = series * r + 1.0 / 720;
        series = series * r + 1.0 / 120;
        series = series * r + 1.0 / 24;
        series = series * r + 1.0 / 6;
        series = series * r + 0.5;
        series = series * r * r + r + 1.0;
        int first = (int)n / 2, second = (int)n - first;
        double result = series * Interop.IntAsFloat((ulong)(first + 1023) << 52) * Interop.IntAsFloat((ulong)(second + 1023) << 52);
        return double.IsNaN(x) ? x : result;
    }

    /// <summary>x = 2^n m with m about 1; log m = 2 artanh((m - 1) / (m + 1)).</summary>
    public static float Log(float x)
    {
        bool isSmall = x < 1.17549435e-38f;
        uint bits = Interop.FloatAsInt(isSmall ? x * 8388608f : x);
        int n = (int)(bits - 0x3f3504f3u) >> 23;
        float m = Interop.IntAsFloat(bits - ((uint)n << 23));
        float s = (m - 1f) / (m + 1f), q = s * s;
        float series = (((q / 11f + 1f / 9) * q + 1f / 7) * q + 1f / 5) * q + 1f / 3;
        float exponent = isSmall ? n - 23 : n;
        float result = exponent * 0.693145752f + (2f * s * q * series + exponent * 1.42860677e-6f + 2f * s);
        return x > 0f && x < float.PositiveInfinity ? result : x == 0f ? float.NegativeInfinity : x > 0f ? x : float.NaN;
    }

    /// <summary>The same in double precision.</summary>
    public static double Log(double x)
    {
        bool isSmall = x < 2.2250738585072014e-308;
        ulong bits = Interop.FloatAsInt(isSmall ? x * 4503599627370496.0 : x);
        int n = (int)((long)(bits - 0x3fe6a09e667f3bcdul) >> 52);
        double m = Interop.IntAsFloat(bits - ((ulong)n << 52));
        double s = (m - 1.0) / (m + 1.0), q = s * s;
        double series = q / 23 + 1.0 / 21;
        series = series * q + 1.0 / 19;
        series = series * q + 1.0 / 17;
        series = series * q + 1.0 / 15;
        series = series * q + 1.0 / 13;
        series = series * q + 1.0 / 11;
        series = series * q + 1.0 / 9;
        series = series * q + 1.0 / 7;
        series = series * q + 1.0 / 5;
        series = series * q + 1.0 / 3;
        double exponent = isSmall ? n - 52 : n;
        double result = exponent * 0.693147180369123816490 + (2.0 * s * q * series + exponent * 1.90821492927058770002e-10 + 2.0 * s);
        return x > 0 && x < double.PositiveInfinity ? result : x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
    }
}

namespace Functional.Gpu;

/// <summary>Rounding to whole numbers. Where a number has no fraction it is returned as it is, its sign too.</summary>
internal static class Rounding
{
    private const float WholeSingle = 8388608f;
    private const double WholeDouble = 4503599627370496.0;

    public static float Truncate(float x) => IsWhole(x) ? x : Signs.Copy((float)(int)x, x);

    public static double Truncate(double x) => IsWhole(x) ? x : Signs.Copy((double)(long)x, x);

    public static float Floor(float x)
    {
        float whole = Truncate(x);
        return whole > x ? whole - 1f : whole;
    }

    public static double Floor(double x)
    {
        double whole = Truncate(x);
        return whole > x ? whole - 1.0 : whole;
    }

    public static float Ceiling(float x)
    {
        float whole = Truncate(x);
        return whole < x ? Signs.Copy(whole + 1f, x) : whole;
    }

    public static double Ceiling(double x)
    {
        double whole = Truncate(x);
        return whole < x ? Signs.Copy(whole + 1.0, x) : whole;
    }

    /// <summary>To the nearest, halves to the even one.</summary>
    public static float Round(float x)
    {
        if (IsWhole(x))
            return x;
        int whole = (int)x;
        float rest = Signs.Absolute(x - (float)whole);
        int step = x < 0f ? -1 : 1;
        if (rest > 0.5f || (rest == 0.5f && (whole & 1) != 0))
            whole += step;
        return Signs.Copy((float)whole, x);
    }

    /// <inheritdoc cref="Round(float)"/>
    public static double Round(double x)
    {
        if (IsWhole(x))
            return x;
        long whole = (long)x;
        double rest = Signs.Absolute(x - (double)whole);
        long step = x < 0.0 ? -1L : 1L;
        if (rest > 0.5 || (rest == 0.5 && (whole & 1L) != 0L))
            whole += step;
        return Signs.Copy((double)whole, x);
    }

    /// <summary>So large that there are no fractions, or no number at all.</summary>
    private static bool IsWhole(float x) => !(Signs.Absolute(x) < WholeSingle);

    private static bool IsWhole(double x) => !(Signs.Absolute(x) < WholeDouble);
}

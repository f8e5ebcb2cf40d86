namespace Functional.Cpu;

// Rare functions, which the platform's own versions serve well enough lane by lane.

internal readonly struct AsinMap : ILaneMap
{
    public static double Invoke(double x) => Math.Asin(x);
}

internal readonly struct AcosMap : ILaneMap
{
    public static double Invoke(double x) => Math.Acos(x);
}

internal readonly struct AtanMap : ILaneMap
{
    public static double Invoke(double x) => Math.Atan(x);
}

internal readonly struct AsinhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Asinh(x);
}

internal readonly struct AcoshMap : ILaneMap
{
    public static double Invoke(double x) => Math.Acosh(x);
}

internal readonly struct AtanhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Atanh(x);
}

/// <summary>The sine of what is too large to be reduced in a few steps; so the next two.</summary>
internal readonly struct SinMap : ILaneMap
{
    public static double Invoke(double x) => Math.Sin(x);
}

internal readonly struct CosMap : ILaneMap
{
    public static double Invoke(double x) => Math.Cos(x);
}

internal readonly struct TanMap : ILaneMap
{
    public static double Invoke(double x) => Math.Tan(x);
}

internal readonly struct Atan2Map : ILaneMap2
{
    public static double Invoke(double y, double x) => Math.Atan2(y, x);
}

/// <summary>The power at infinities and nan, where the rules are many.</summary>
internal readonly struct PowMap : ILaneMap2
{
    public static double Invoke(double x, double y) => Math.Pow(x, y);
}

/// <summary>The remainder where the quotient is no whole number of the lane's precision; exact, so that precision does not matter.</summary>
internal readonly struct FmodMap : ILaneMap2
{
    public static double Invoke(double x, double y) => x % y;
}

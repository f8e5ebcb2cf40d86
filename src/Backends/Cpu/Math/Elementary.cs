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

using Functional.Gpu;

namespace Functional.Cpu;

internal readonly struct ErfinvMap : ILaneMap
{
    public static double Invoke(double x) => ErrorInverse.Of(x);
}

internal readonly struct LgammaMap : ILaneMap
{
    public static double Invoke(double x) => Gamma.Log(x);
}

internal readonly struct DigammaMap : ILaneMap
{
    public static double Invoke(double x) => Gamma.Di(x);
}

internal readonly struct TrigammaMap : ILaneMap
{
    public static double Invoke(double x) => Gamma.Tri(x);
}

internal readonly struct ZetaMap : ILaneMap2
{
    public static double Invoke(double x, double y) => Zeta.Of(x, y);
}

internal readonly struct IncompleteGammaMap : ILaneMap2
{
    public static double Invoke(double x, double y) => GammaShare.Of(false, x, y);
}

internal readonly struct IncompleteGammaComplementMap : ILaneMap2
{
    public static double Invoke(double x, double y) => GammaShare.Of(true, x, y);
}

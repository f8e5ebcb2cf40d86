namespace Functional.Cpu;

/// <summary>A map as what kernels call.</summary>
internal static unsafe class Called<TMap> where TMap : struct, ILaneMap
{
    public static readonly LaneFunction Function = new(&Single, &Double);

    private static float Single(float x) => (float)TMap.Invoke(x);

    private static double Double(double x) => TMap.Invoke(x);
}

/// <summary>A map of two numbers as what kernels call.</summary>
internal static unsafe class Called2<TMap> where TMap : struct, ILaneMap2
{
    public static readonly LaneFunction2 Function = new(&Single, &Double);

    private static float Single(float x, float y) => TMap.InvokeSingle<TMap>(x, y);

    private static double Double(double x, double y) => TMap.Invoke(x, y);
}

internal readonly struct ErfinvMap : ILaneMap
{
    public static double Invoke(double x) => ErrorInverse.Of(x);
}

internal readonly struct LgammaMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.lgamma(x);
}

internal readonly struct DigammaMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.digamma(x);
}

internal readonly struct TrigammaMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.trigamma(x);
}

internal readonly struct ZetaMap : ILaneMap2
{
    public static double Invoke(double x, double y) => SpecialFunctions.zeta(x, y);
}

internal readonly struct IncompleteGammaMap : ILaneMap2
{
    public static double Invoke(double x, double y) => SpecialFunctions.incompleteGamma(x, y);
}

internal readonly struct IncompleteGammaComplementMap : ILaneMap2
{
    public static double Invoke(double x, double y) => SpecialFunctions.incompleteGammaComplement(x, y);
}

/// <summary>The neighbour of x on the way to y, at the precision of both.</summary>
internal readonly struct NextAfterMap : ILaneMap2
{
    public static double Invoke(double x, double y) =>
        double.IsNaN(x) || double.IsNaN(y) ? double.NaN : x == y ? y : x < y ? Math.BitIncrement(x) : Math.BitDecrement(x);

    public static float InvokeSingle<TSelf>(float x, float y) where TSelf : struct, ILaneMap2 =>
        float.IsNaN(x) || float.IsNaN(y) ? float.NaN : x == y ? y : x < y ? MathF.BitIncrement(x) : MathF.BitDecrement(x);
}

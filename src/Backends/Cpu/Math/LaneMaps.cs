using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A function that is computed lane by lane, in double precision and rounded once for float32.</summary>
internal interface ILaneMap
{
    static abstract double Invoke(double x);
}

/// <summary>A function without a vector form.</summary>
internal readonly unsafe struct Mapped<TMap> : IUnaryFunction where TMap : struct, ILaneMap
{
    private static readonly LaneFunction Function = new(&Single, &Double);

    private static float Single(float x) => (float)TMap.Invoke(x);

    private static double Double(double x) => TMap.Invoke(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Map(x, Function);
}

internal readonly struct ErfinvMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.erfinv(x);
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

/// <summary>A function of two numbers that is computed lane by lane; in double precision, rounded once, unless it says otherwise.</summary>
internal interface ILaneMap2
{
    static abstract double Invoke(double x, double y);
    static virtual float InvokeSingle<TSelf>(float x, float y) where TSelf : struct, ILaneMap2 => (float)TSelf.Invoke(x, y);
}

/// <summary>A function of two numbers without a vector form.</summary>
internal readonly unsafe struct Mapped2<TMap> : IBinaryFunction where TMap : struct, ILaneMap2
{
    private static readonly LaneFunction2 Function = new(&Single, &Double);

    private static float Single(float x, float y) => TMap.InvokeSingle<TMap>(x, y);

    private static double Double(double x, double y) => TMap.Invoke(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map(x, y, Function);
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

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

/// <summary>The Hurwitz zeta function, lane by lane.</summary>
internal readonly unsafe struct Zeta : IBinaryFunction
{
    private static readonly LaneFunction2 Function = new(&Single, &Double);

    private static float Single(float x, float q) => (float)SpecialFunctions.zeta(x, q);

    private static double Double(double x, double q) => SpecialFunctions.zeta(x, q);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map(x, y, Function);
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A function that is computed lane by lane, in double precision and rounded once for float32.</summary>
internal interface ILaneMap
{
    static abstract double Invoke(double x);
}

/// <summary>A function of two numbers that is computed lane by lane; in double precision, rounded once, unless it says otherwise.</summary>
internal interface ILaneMap2
{
    static abstract double Invoke(double x, double y);
    static virtual float InvokeSingle<TSelf>(float x, float y) where TSelf : struct, ILaneMap2 => (float)TSelf.Invoke(x, y);
}

/// <summary>A function without a vector form.</summary>
internal readonly struct Mapped<TMap> : IUnaryFunction where TMap : struct, ILaneMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Map<TMap>(x);
}

/// <summary>A function of two numbers without a vector form.</summary>
internal readonly struct Mapped2<TMap> : IBinaryFunction where TMap : struct, ILaneMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map2<TMap>(x, y);
}

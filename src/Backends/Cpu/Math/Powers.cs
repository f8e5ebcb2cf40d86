using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>x^y.</summary>
internal readonly unsafe struct Power : IBinaryFunction
{
    private static readonly LaneFunction2 Function = new(&Single, &Double);

    private static float Single(float x, float y) => (float)Math.Pow(x, y);

    private static double Double(double x, double y) => Math.Pow(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map(x, y, Function);
}

/// <summary>The angle of the point (y, x).</summary>
internal readonly unsafe struct Atan2 : IBinaryFunction
{
    private static readonly LaneFunction2 Function = new(&Single, &Double);

    private static float Single(float y, float x) => (float)Math.Atan2(y, x);

    private static double Double(double y, double x) => Math.Atan2(y, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Map(x, y, Function);
}

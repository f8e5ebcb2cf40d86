using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// The four operations and what goes without rounding, on floating-point lanes.

internal readonly struct Add : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x + y;
}

internal readonly struct Subtract : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x - y;
}

internal readonly struct Multiply : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x * y;
}

internal readonly struct Divide : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x / y;
}

/// <summary>The larger number, or a nan where there is one.</summary>
internal readonly struct Maximum : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.LessOrEqual(y, x) | x.IsNaN(), x, y);
}

/// <summary>The smaller number, or a nan where there is one.</summary>
internal readonly struct Minimum : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Select(V.LessOrEqual(x, y) | x.IsNaN(), x, y);
}

/// <summary>The magnitude of the first with the sign of the second.</summary>
internal readonly struct CopySign : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x.Abs() | y.SignBit();
}

internal readonly struct Negate : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => -x;
}

internal readonly struct Absolute : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => x.Abs();
}

/// <summary>-1, 0 or 1; 0 for nan, as torch.sign has it.</summary>
internal readonly struct Sign : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V zero = V.Constant(0.0);
        return (V.Less(zero, x) & V.Constant(1.0)) - (V.Less(x, zero) & V.Constant(1.0));
    }
}

internal readonly struct SquareRoot : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Sqrt(x);
}

/// <summary>1 / sqrt x, two roundings.</summary>
internal readonly struct ReciprocalSquareRoot : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Constant(1.0) / V.Sqrt(x);
}

internal readonly struct Reciprocal : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Constant(1.0) / x;
}

internal readonly struct Floor : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Floor(x);
}

internal readonly struct Ceiling : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Ceiling(x);
}

/// <summary>To the nearest integer, halves to the even one.</summary>
internal readonly struct Round : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Round(x);
}

internal readonly struct Truncate : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Truncate(x);
}

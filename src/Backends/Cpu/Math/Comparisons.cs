using System.Runtime.CompilerServices;

namespace Functional.Cpu;

// Comparisons give masks: all bits for true, none for false. Greater is less with the operands exchanged.

internal readonly struct Less : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Less(x, y);
}

internal readonly struct LessOrEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.LessOrEqual(x, y);
}

internal readonly struct Equal : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Equal(x, y);
}

internal readonly struct NotEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~V.Equal(x, y);
}

internal readonly struct IntegerLess : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.IntegerLess(x, y);
}

internal readonly struct IntegerLessOrEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~V.IntegerLess(y, x);
}

internal readonly struct IntegerEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.IntegerEqual(x, y);
}

internal readonly struct IntegerNotEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~V.IntegerEqual(x, y);
}

/// <summary>Less between masks, where false is less than true.</summary>
internal readonly struct MaskLess : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~x & y;
}

/// <summary>Less or equal between masks, where false is less than true.</summary>
internal readonly struct MaskLessOrEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~x | y;
}

/// <summary>Equality of masks.</summary>
internal readonly struct MaskEqual : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => ~(x ^ y);
}

internal readonly struct BitAnd : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x & y;
}

internal readonly struct BitOr : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x | y;
}

internal readonly struct BitXor : IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y) where V : struct, ILanes<V> => x ^ y;
}

internal readonly struct BitNot : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => ~x;
}

/// <summary>Chooses by a mask.</summary>
internal readonly struct Choose : ITernaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, V y, V z) where V : struct, ILanes<V> => V.Select(x, y, z);
}

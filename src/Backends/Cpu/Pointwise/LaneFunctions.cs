using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A described function of up to three registers; operands past its arity are ignored.</summary>
internal interface ILaneFunction
{
    static abstract int Arity { get; }

    static abstract V Apply<V>(V a, V b, V c) where V : struct, ILanes<V>;
}

internal readonly struct One<TFunction> : ILaneFunction where TFunction : struct, IUnaryFunction
{
    public static int Arity => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b, V c) where V : struct, ILanes<V> => TFunction.Apply(a);
}

internal readonly struct Two<TFunction> : ILaneFunction where TFunction : struct, IBinaryFunction
{
    public static int Arity => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b, V c) where V : struct, ILanes<V> => TFunction.Apply(a, b);
}

internal readonly struct Three<TFunction> : ILaneFunction where TFunction : struct, ITernaryFunction
{
    public static int Arity => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b, V c) where V : struct, ILanes<V> => TFunction.Apply(a, b, c);
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>What butterflies need of numbers: a register of them, or one.</summary>
internal unsafe interface IFourierLanes<V, T>
    where V : struct
    where T : unmanaged
{
    static abstract int Count { get; }

    static abstract V Create(T value);
    static abstract V Load(T* source);
    static abstract void Store(V value, T* target);
    static abstract V Add(V a, V b);
    static abstract V Subtract(V a, V b);
    static abstract V Multiply(V a, V b);
}

/// <summary>A register of the machine.</summary>
internal readonly unsafe struct ManyLanes<S, V, T> : IFourierLanes<V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
{
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => S.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(T value) => S.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(T* source) => S.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, T* target) => S.Store(value, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => S.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => S.Multiply(a, b);
}

/// <summary>A single number.</summary>
internal readonly unsafe struct OneLane<T> : IFourierLanes<T, T>
    where T : unmanaged, INumber<T>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Create(T value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load(T* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T value, T* target) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Subtract(T a, T b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Multiply(T a, T b) => a * b;
}

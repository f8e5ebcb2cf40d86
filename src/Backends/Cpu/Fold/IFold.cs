using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>An associative operation that elements are folded with, on single numbers and on registers.</summary>
internal interface IFold<T>
    where T : unmanaged
{
    /// <summary>What changes nothing when folded in.</summary>
    static abstract T Identity { get; }

    static abstract T Combine(T a, T b);

    static abstract V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct;
}

/// <summary>The ends of a number type, infinities where it has them.</summary>
internal static class Extremes<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    /// <summary>Minus infinity, or the smallest integer.</summary>
    public static T Lowest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsFloating ? -T.One / T.Zero : T.MinValue;
    }

    /// <summary>Infinity, or the largest integer.</summary>
    public static T Highest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsFloating ? T.One / T.Zero : T.MaxValue;
    }

    // Properties, not fields: kernels that skip tiered compilation see them as constants.
    private static bool IsFloating
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) || typeof(T) == typeof(double);
    }
}

internal readonly struct SumFold<T> : IFold<T>
    where T : unmanaged, INumber<T>
{
    public static T Identity => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct => S.Add(a, b);
}

internal readonly struct ProductFold<T> : IFold<T>
    where T : unmanaged, INumber<T>
{
    public static T Identity => T.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct => S.Multiply(a, b);
}

internal readonly struct MaximumFold<T> : IFold<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static T Identity => Extremes<T>.Lowest;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b)
    {
        if (typeof(T) != typeof(ulong))
            return T.Max(a, b);
        // Keys of pooling: no branch, for which of two is larger is anybody's guess.
        ulong x = (ulong)(object)a, y = (ulong)(object)b;
        return (T)(object)(x ^ ((x ^ y) & (0UL - (x < y ? 1UL : 0UL))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct => S.Max(a, b);
}

internal readonly struct MinimumFold<T> : IFold<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static T Identity => Extremes<T>.Highest;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => T.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct => S.Min(a, b);
}

/// <summary>The later element stays.</summary>
internal readonly struct LastFold<T> : IFold<T>
    where T : unmanaged
{
    public static T Identity => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b)
        where S : struct, ISimd<V, T>
        where V : struct => b;
}

/// <summary>Work that wants to know its fold.</summary>
internal interface IFoldAction<T>
    where T : unmanaged
{
    void Invoke<TFold>()
        where TFold : struct, IFold<T>;
}

/// <summary>From a reduction to its fold.</summary>
internal static class Folds
{
    /// <summary>Runs an action with the fold of a reduction; the arg kinds fold as the extremum they look for.</summary>
    public static void Invoke<T, TAction>(Reduction reduction, TAction action)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TAction : struct, IFoldAction<T>
    {
        switch (reduction.Tag)
        {
            case Reduction.Tags.Sum:
                action.Invoke<SumFold<T>>();
                break;
            case Reduction.Tags.Product:
                action.Invoke<ProductFold<T>>();
                break;
            case Reduction.Tags.Maximum:
            case Reduction.Tags.ArgMaximum:
                action.Invoke<MaximumFold<T>>();
                break;
            default:
                action.Invoke<MinimumFold<T>>();
                break;
        }
    }

    /// <summary>Runs an action with the fold by which scattered elements meet what is there.</summary>
    public static void Invoke<T, TAction>(ScatterMode mode, TAction action)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
        where TAction : struct, IFoldAction<T>
    {
        switch (mode.Tag)
        {
            case ScatterMode.Tags.ScatterAdd:
                action.Invoke<SumFold<T>>();
                break;
            case ScatterMode.Tags.ScatterProduct:
                action.Invoke<ProductFold<T>>();
                break;
            case ScatterMode.Tags.ScatterMaximum:
                action.Invoke<MaximumFold<T>>();
                break;
            case ScatterMode.Tags.ScatterMinimum:
                action.Invoke<MinimumFold<T>>();
                break;
            default:
                action.Invoke<LastFold<T>>();
                break;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>What a scan carries from element to element, and what it shows of it.</summary>
internal interface IScan<T, TState, TResult>
{
    static abstract TState Start(T value, int position);

    static abstract TState Next(TState state, T value, int position);

    static abstract TResult Show(TState state);
}

/// <summary>Sums, carried in a wider type where T is float32.</summary>
internal readonly struct RunningSum<T, TWide> : IScan<T, TWide, T>
    where T : unmanaged, INumber<T>
    where TWide : unmanaged, INumber<TWide>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWide Start(T value, int position) => TWide.CreateTruncating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWide Next(TWide state, T value, int position) => state + TWide.CreateTruncating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Show(TWide state) => T.CreateTruncating(state);
}

/// <summary>Products, carried in a wider type where T is float32.</summary>
internal readonly struct RunningProduct<T, TWide> : IScan<T, TWide, T>
    where T : unmanaged, INumber<T>
    where TWide : unmanaged, INumber<TWide>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWide Start(T value, int position) => TWide.CreateTruncating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWide Next(TWide state, T value, int position) => state * TWide.CreateTruncating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Show(TWide state) => T.CreateTruncating(state);
}

/// <summary>An element and where it stood.</summary>
internal readonly record struct Placed<T>(T Value, int Position);

/// <summary>Which of two numbers is the better one.</summary>
internal interface IPreference<T>
{
    /// <summary>Whether a is at least as good as b; neither is nan.</summary>
    static abstract bool NoWorse(T a, T b);
}

internal readonly struct PreferLarge<T> : IPreference<T>
    where T : INumber<T>
{
    public static bool NoWorse(T a, T b) => a >= b;
}

internal readonly struct PreferSmall<T> : IPreference<T>
    where T : INumber<T>
{
    public static bool NoWorse(T a, T b) => a <= b;
}

/// <summary>The last best so far; a nan gives way only to another nan.</summary>
internal static class RunningBest<T, TPreference>
    where T : unmanaged, INumber<T>
    where TPreference : struct, IPreference<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Placed<T> Next(Placed<T> best, T value, int position)
    {
        bool replaces = T.IsNaN(value) || (!T.IsNaN(best.Value) && TPreference.NoWorse(value, best.Value));
        return replaces ? new Placed<T>(value, position) : best;
    }
}

/// <summary>The best values so far.</summary>
internal readonly struct BestValue<T, TPreference> : IScan<T, Placed<T>, T>
    where T : unmanaged, INumber<T>
    where TPreference : struct, IPreference<T>
{
    public static Placed<T> Start(T value, int position) => new(value, position);

    public static Placed<T> Next(Placed<T> state, T value, int position) => RunningBest<T, TPreference>.Next(state, value, position);

    public static T Show(Placed<T> state) => state.Value;
}

/// <summary>Where the best values so far stand.</summary>
internal readonly struct BestPosition<T, TPreference> : IScan<T, Placed<T>, long>
    where T : unmanaged, INumber<T>
    where TPreference : struct, IPreference<T>
{
    public static Placed<T> Start(T value, int position) => new(value, position);

    public static Placed<T> Next(Placed<T> state, T value, int position) => RunningBest<T, TPreference>.Next(state, value, position);

    public static long Show(Placed<T> state) => state.Position;
}

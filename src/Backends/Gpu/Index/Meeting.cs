using System.Numerics;

namespace Functional.Gpu;

/// <summary>How a scattered value meets what stands at its place.</summary>
internal interface IMeeting<T>
    where T : unmanaged
{
    static abstract T Of(T old, T value);
}

internal readonly struct Replacing<T> : IMeeting<T>
    where T : unmanaged
{
    public static T Of(T old, T value) => value;
}

internal readonly struct Adding<T> : IMeeting<T>
    where T : unmanaged, IAdditionOperators<T, T, T>
{
    public static T Of(T old, T value) => old + value;
}

internal readonly struct Multiplying<T> : IMeeting<T>
    where T : unmanaged, IMultiplyOperators<T, T, T>
{
    public static T Of(T old, T value) => old * value;
}

/// <summary>nan stays.</summary>
internal readonly struct Rising<T> : IMeeting<T>
    where T : unmanaged, INumber<T>
{
    public static T Of(T old, T value) => T.IsNaN(value) || (!T.IsNaN(old) && value > old) ? value : old;
}

/// <summary>nan stays.</summary>
internal readonly struct Falling<T> : IMeeting<T>
    where T : unmanaged, INumber<T>
{
    public static T Of(T old, T value) => T.IsNaN(value) || (!T.IsNaN(old) && value < old) ? value : old;
}

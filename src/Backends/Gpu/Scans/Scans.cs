using System.Numerics;

namespace Functional.Gpu;

/// <summary>What a scan keeps from one element to the next.</summary>
internal interface IScan<T>
    where T : unmanaged
{
    static abstract Placed<T> Next(Placed<T> kept, T value, int position);
}

internal readonly struct RunningSum<T> : IScan<T>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Next(Placed<T> kept, T value, int position) => new(kept.Value + value, position);
}

internal readonly struct RunningProduct<T> : IScan<T>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Next(Placed<T> kept, T value, int position) => new(kept.Value * value, position);
}

/// <summary>The last of the largest; a nan is displaced by another nan only.</summary>
internal readonly struct RunningMaximum<T> : IScan<T>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Next(Placed<T> kept, T value, int position) =>
        T.IsNaN(value) || (!T.IsNaN(kept.Value) && value >= kept.Value) ? new(value, position) : kept;
}

/// <summary>The last of the smallest; a nan is displaced by another nan only.</summary>
internal readonly struct RunningMinimum<T> : IScan<T>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Next(Placed<T> kept, T value, int position) =>
        T.IsNaN(value) || (!T.IsNaN(kept.Value) && value <= kept.Value) ? new(value, position) : kept;
}

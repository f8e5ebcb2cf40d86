using System.Numerics;

namespace Functional.Gpu;

/// <summary>What a reduction keeps while it runs. Merging is associative up to rounding, and its order is fixed.</summary>
/// <typeparam name="T">The numbers.</typeparam>
/// <typeparam name="TKept">What is kept.</typeparam>
internal interface IFold<T, TKept>
    where T : unmanaged
    where TKept : unmanaged
{
    static abstract TKept Empty();

    static abstract TKept Of(T value, int position);

    static abstract TKept Merge(TKept a, TKept b);
}

internal readonly struct SumFold<T> : IFold<T, T>
    where T : unmanaged, INumber<T>
{
    public static T Empty() => T.Zero;

    public static T Of(T value, int position) => value;

    public static T Merge(T a, T b) => a + b;
}

internal readonly struct ProductFold<T> : IFold<T, T>
    where T : unmanaged, INumber<T>
{
    public static T Empty() => T.One;

    public static T Of(T value, int position) => value;

    public static T Merge(T a, T b) => a * b;
}

/// <summary>The best number so far and where it stands; at -1 there is none.</summary>
internal readonly struct Placed<T>(T value, int position)
    where T : unmanaged
{
    public readonly T Value = value;
    public readonly int Position = position;
}

/// <summary>The largest number; a nan beats all others, and of equals the first is taken.</summary>
internal readonly struct MaximumFold<T> : IFold<T, Placed<T>>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Empty() => new(T.Zero, -1);

    public static Placed<T> Of(T value, int position) => new(value, position);

    public static Placed<T> Merge(Placed<T> a, Placed<T> b) => Extremes.Best(a, b, b.Value > a.Value, a.Value > b.Value);
}

/// <summary>The smallest number; a nan beats all others, and of equals the first is taken.</summary>
internal readonly struct MinimumFold<T> : IFold<T, Placed<T>>
    where T : unmanaged, INumber<T>
{
    public static Placed<T> Empty() => new(T.Zero, -1);

    public static Placed<T> Of(T value, int position) => new(value, position);

    public static Placed<T> Merge(Placed<T> a, Placed<T> b) => Extremes.Best(a, b, b.Value < a.Value, a.Value < b.Value);
}

internal static class Extremes
{
    /// <summary>The better of two, given which of the numbers is; neither where they are equal or one is no number.</summary>
    public static Placed<T> Best<T>(Placed<T> a, Placed<T> b, bool isSecond, bool isFirst)
        where T : unmanaged, INumber<T>
    {
        if (b.Position < 0)
            return a;
        if (a.Position < 0)
            return b;
        // Asked first: OpenCL's compiler is given the opposite of "larger" as "at most", which is not the same for a nan.
        bool isNaN = T.IsNaN(a.Value);
        bool isOtherNaN = T.IsNaN(b.Value);
        if (isNaN != isOtherNaN)
            return isNaN ? a : b;
        if (!isNaN && isSecond)
            return b;
        if (!isNaN && isFirst)
            return a;
        return b.Position < a.Position ? b : a;
    }
}

/// <summary>What of the kept goes to memory.</summary>
/// <typeparam name="TKept">What a fold keeps.</typeparam>
/// <typeparam name="TStored">The type in memory.</typeparam>
internal interface IFinish<TKept, TStored>
    where TKept : unmanaged
    where TStored : unmanaged
{
    static abstract TStored Finish(TKept kept);
}

internal readonly struct StoreNumber<TElement, TStored, T> : IFinish<T, TStored>
    where TElement : struct, INumberElement<TStored, T>
    where TStored : unmanaged
    where T : unmanaged
{
    public static TStored Finish(T kept) => TElement.Narrow(kept);
}

internal readonly struct StoreBest<TElement, TStored, T> : IFinish<Placed<T>, TStored>
    where TElement : struct, INumberElement<TStored, T>
    where TStored : unmanaged
    where T : unmanaged
{
    public static TStored Finish(Placed<T> kept) => TElement.Narrow(kept.Value);
}

internal readonly struct StorePosition<T> : IFinish<Placed<T>, long>
    where T : unmanaged
{
    public static long Finish(Placed<T> kept) => kept.Position;
}

namespace Functional.Gpu;

/// <summary>How an element lies in memory and what it is computed in, on the device.</summary>
internal interface IElement<TStored, TValue>
    where TStored : unmanaged
    where TValue : unmanaged
{
    static abstract TValue Widen(TStored stored);

    /// <summary>Rounds to nearest, ties to even.</summary>
    static abstract TStored Narrow(TValue value);
}

/// <summary>An element as ranges, scans, sorting and draws need it; it is computed in float, double or long.</summary>
internal interface INumberElement<TStored, TValue> : IElement<TStored, TValue>
    where TStored : unmanaged
    where TValue : unmanaged
{
    /// <summary>A number in double precision as one of the register's type; integers truncate.</summary>
    static abstract TValue Of(double value);

    /// <summary>A whole number as one of the register's type.</summary>
    static abstract TValue Of(long value);

    /// <summary>An integer that sorts as the number does.</summary>
    static abstract ulong Key(TValue value);
}

/// <summary>A floating element with the functions that kernels of rows need; device code has none of .NET's.</summary>
internal interface IRealElement<TStored, TValue> : INumberElement<TStored, TValue>
    where TStored : unmanaged
    where TValue : unmanaged
{
    static abstract TValue Exp(TValue value);

    static abstract TValue Log(TValue value);

    static abstract TValue Sqrt(TValue value);
}

/// <summary>An element that is computed in what it is stored in.</summary>
internal readonly struct PlainElement<T> : IElement<T, T>
    where T : unmanaged
{
    public static T Widen(T stored) => stored;

    public static T Narrow(T value) => value;
}

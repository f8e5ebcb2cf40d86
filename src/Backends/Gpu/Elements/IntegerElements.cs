namespace Functional.Gpu;

// Integers and bools, computed in 64 bits.

internal readonly struct BoolElement : INumberElement<byte, long>
{
    public static long Widen(byte stored) => stored == 0 ? 0L : 1L;

    public static byte Narrow(long value) => (byte)(value == 0L ? 0 : 1);

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct UInt8Element : INumberElement<byte, long>
{
    public static long Widen(byte stored) => stored;

    public static byte Narrow(long value) => (byte)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int8Element : INumberElement<sbyte, long>
{
    public static long Widen(sbyte stored) => stored;

    public static sbyte Narrow(long value) => (sbyte)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int16Element : INumberElement<short, long>
{
    public static long Widen(short stored) => stored;

    public static short Narrow(long value) => (short)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int32Element : INumberElement<int, long>
{
    public static long Widen(int stored) => stored;

    public static int Narrow(long value) => (int)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int64Element : INumberElement<long, long>
{
    public static long Widen(long stored) => stored;

    public static long Narrow(long value) => value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

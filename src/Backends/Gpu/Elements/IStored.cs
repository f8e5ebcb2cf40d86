using System.Numerics;

namespace Functional.Gpu;

/// <summary>How elements of one dtype are read and written: in memory a type, in a register float, double or long.</summary>
/// <typeparam name="TStored">The type in memory.</typeparam>
/// <typeparam name="T">The type that is computed with.</typeparam>
internal interface IStored<TStored, T>
    where TStored : unmanaged
    where T : unmanaged
{
    static abstract T Load(TStored stored);

    static abstract TStored Store(T value);

    /// <summary>A number in double precision as one of the register's type; integers truncate.</summary>
    static abstract T Of(double value);

    /// <summary>A whole number as one of the register's type.</summary>
    static abstract T Of(long value);

    /// <summary>An integer that sorts as the number does.</summary>
    static abstract ulong Key(T value);
}

internal readonly struct SingleStored : IStored<float, float>
{
    public static float Load(float stored) => stored;

    public static float Store(float value) => value;

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);
}

/// <summary>float32 that is computed with in double precision.</summary>
internal readonly struct WidenedStored : IStored<float, double>
{
    public static double Load(float stored) => stored;

    public static float Store(double value) => (float)value;

    public static double Of(double value) => value;

    public static double Of(long value) => (double)value;

    public static ulong Key(double value) => SortKeys.Of(value);
}

internal readonly struct DoubleStored : IStored<double, double>
{
    public static double Load(double stored) => stored;

    public static double Store(double value) => value;

    public static double Of(double value) => value;

    public static double Of(long value) => (double)value;

    public static ulong Key(double value) => SortKeys.Of(value);
}

internal readonly struct HalfStored : IStored<ushort, float>
{
    public static float Load(ushort stored) => HalfBits.FromFloat16(stored);

    public static ushort Store(float value) => HalfBits.ToFloat16(value);

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);
}

internal readonly struct BFloat16Stored : IStored<ushort, float>
{
    public static float Load(ushort stored) => HalfBits.FromBFloat16(stored);

    public static ushort Store(float value) => HalfBits.ToBFloat16(value);

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);
}

internal readonly struct BoolStored : IStored<byte, long>
{
    public static long Load(byte stored) => stored == 0 ? 0L : 1L;

    public static byte Store(long value) => (byte)(value == 0L ? 0 : 1);

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct UInt8Stored : IStored<byte, long>
{
    public static long Load(byte stored) => stored;

    public static byte Store(long value) => (byte)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int8Stored : IStored<sbyte, long>
{
    public static long Load(sbyte stored) => stored;

    public static sbyte Store(long value) => (sbyte)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int16Stored : IStored<short, long>
{
    public static long Load(short stored) => stored;

    public static short Store(long value) => (short)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int32Stored : IStored<int, long>
{
    public static long Load(int stored) => stored;

    public static int Store(long value) => (int)value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

internal readonly struct Int64Stored : IStored<long, long>
{
    public static long Load(long stored) => stored;

    public static long Store(long value) => value;

    public static long Of(double value) => Conversions.ToInteger(value);

    public static long Of(long value) => value;

    public static ulong Key(long value) => SortKeys.Of(value);
}

/// <summary>Work that is written once for all dtypes.</summary>
internal interface IElementAction
{
    void Invoke<TElement, TStored, T>()
        where TElement : struct, IStored<TStored, T>
        where TStored : unmanaged
        where T : unmanaged, INumber<T>;
}

/// <summary>Choosing the element of a dtype.</summary>
internal static class StoredElements
{
    /// <summary>Runs the action for a dtype; complex ones are the caller's business. Raises DtypeException in PyTorch's words.</summary>
    public static void Invoke<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : IElementAction
    {
        switch (dtype.Tag)
        {
            case Dtype.Tags.Bool:
                action.Invoke<BoolStored, byte, long>();
                break;
            case Dtype.Tags.UInt8:
                action.Invoke<UInt8Stored, byte, long>();
                break;
            case Dtype.Tags.Int8:
                action.Invoke<Int8Stored, sbyte, long>();
                break;
            case Dtype.Tags.Int16:
                action.Invoke<Int16Stored, short, long>();
                break;
            case Dtype.Tags.Int32:
                action.Invoke<Int32Stored, int, long>();
                break;
            case Dtype.Tags.Int64:
                action.Invoke<Int64Stored, long, long>();
                break;
            case Dtype.Tags.Float16:
                action.Invoke<HalfStored, ushort, float>();
                break;
            case Dtype.Tags.BFloat16:
                action.Invoke<BFloat16Stored, ushort, float>();
                break;
            case Dtype.Tags.Float32:
                action.Invoke<SingleStored, float, float>();
                break;
            case Dtype.Tags.Float64:
                action.Invoke<DoubleStored, double, double>();
                break;
            default:
                throw new DtypeException(
                    $"\"{operation}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': {operation} does not take {DtypeModule.name(dtype)}; cast to a dtype that it takes");
        }
    }

    /// <summary>The element structs, what they hold in memory, and what they compute with: for the catalogue of kernels.</summary>
    public static IReadOnlyList<Type[]> All { get; } =
    [
        [typeof(BoolStored), typeof(byte), typeof(long)],
        [typeof(UInt8Stored), typeof(byte), typeof(long)],
        [typeof(Int8Stored), typeof(sbyte), typeof(long)],
        [typeof(Int16Stored), typeof(short), typeof(long)],
        [typeof(Int32Stored), typeof(int), typeof(long)],
        [typeof(Int64Stored), typeof(long), typeof(long)],
        [typeof(HalfStored), typeof(ushort), typeof(float)],
        [typeof(BFloat16Stored), typeof(ushort), typeof(float)],
        [typeof(SingleStored), typeof(float), typeof(float)],
        [typeof(DoubleStored), typeof(double), typeof(double)],
    ];
}

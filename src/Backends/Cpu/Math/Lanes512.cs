using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

// This file is the pattern of three: the build makes the 256- and 128-bit lanes of it by replacing the width.

/// <summary>A 512-bit vector register as lanes of float (and int) or of double (and long).</summary>
internal readonly unsafe struct Lanes512<T, TInteger> : IVector<Lanes512<T, TInteger>>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TInteger : unmanaged, IBinaryInteger<TInteger>
{
    /// <summary>The register.</summary>
    public readonly Vector512<T> Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes512(Vector512<T> value) => Value = value;

    private Vector512<TInteger> Whole
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Value.As<T, TInteger>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes512<T, TInteger> Of(Vector512<TInteger> value) => new(value.As<TInteger, T>());

    /// <summary>A vector as lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator Lanes512<T, TInteger>(Vector512<T> value) => new(value);

    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<byte>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Load(byte* address) => new(Vector512.Load((T*)address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* address) => Value.Store((T*)address);

    public static bool IsDouble
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(double);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Constant(double value) =>
        new(typeof(T) == typeof(double) ? Vector512.Create(value).As<double, T>() : Vector512.Create((float)value).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Constant(double single, double real) =>
        new(typeof(T) == typeof(double) ? Vector512.Create(real).As<double, T>() : Vector512.Create((float)single).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ByPrecision<TSingle, TDouble>(Lanes512<T, TInteger> x)
        where TSingle : struct, IUnaryFunction
        where TDouble : struct, IUnaryFunction =>
        typeof(T) == typeof(double) ? TDouble.Apply(x) : TSingle.Apply(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ByTables<TTables, TOther>(Lanes512<T, TInteger> x)
        where TTables : struct, IUnaryFunction
        where TOther : struct, IUnaryFunction =>
        Hardware.HasTables ? TTables.Apply(x) : TOther.Apply(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Lookup<TTable>(Lanes512<T, TInteger> index)
        where TTable : struct, ITable =>
        new(Hardware.Lookup(TTable.Values, index.Value.AsInt32()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Integer(long value) =>
        new(typeof(T) == typeof(double) ? Vector512.Create(value).As<long, T>() : Vector512.Create((int)value).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator +(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator -(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator *(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator /(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator -(Lanes512<T, TInteger> a) => a ^ Constant(-0.0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator &(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value & b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator |(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value | b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator ^(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(a.Value ^ b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> operator ~(Lanes512<T, TInteger> a) => new(~a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> FusedMultiplyAdd(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b, Lanes512<T, TInteger> c) =>
        new(typeof(T) == typeof(double)
            ? Vector512.FusedMultiplyAdd(a.Value.AsDouble(), b.Value.AsDouble(), c.Value.AsDouble()).As<double, T>()
            : Vector512.FusedMultiplyAdd(a.Value.AsSingle(), b.Value.AsSingle(), c.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Sqrt(Lanes512<T, TInteger> a) => new(Vector512.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Floor(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.Floor(a.Value.AsDouble()).As<double, T>() : Vector512.Floor(a.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Ceiling(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.Ceiling(a.Value.AsDouble()).As<double, T>() : Vector512.Ceiling(a.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Round(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.Round(a.Value.AsDouble()).As<double, T>() : Vector512.Round(a.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Truncate(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.Truncate(a.Value.AsDouble()).As<double, T>() : Vector512.Truncate(a.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Min(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(Vector512.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Max(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(Vector512.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Less(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(Vector512.LessThan(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> LessOrEqual(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) =>
        new(Vector512.LessThanOrEqual(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Equal(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => new(Vector512.Equals(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Select(Lanes512<T, TInteger> mask, Lanes512<T, TInteger> whenTrue, Lanes512<T, TInteger> whenFalse) =>
        new(Vector512.ConditionalSelect(mask.Value, whenTrue.Value, whenFalse.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> IntegerAdd(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => Of(a.Whole + b.Whole);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> IntegerSubtract(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => Of(a.Whole - b.Whole);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> IntegerMultiply(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) => Of(a.Whole * b.Whole);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> IntegerLess(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) =>
        Of(Vector512.LessThan(a.Whole, b.Whole));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> IntegerEqual(Lanes512<T, TInteger> a, Lanes512<T, TInteger> b) =>
        Of(Vector512.Equals(a.Whole, b.Whole));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ShiftLeft(Lanes512<T, TInteger> a, int count) => Of(a.Whole << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ShiftRight(Lanes512<T, TInteger> a, int count) => Of(a.Whole >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ShiftRightLogical(Lanes512<T, TInteger> a, int count) => Of(a.Whole >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> ToInteger(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.ConvertToInt64(a.Value.AsDouble()).As<long, T>() : Vector512.ConvertToInt32(a.Value.AsSingle()).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> FromInteger(Lanes512<T, TInteger> a) =>
        new(typeof(T) == typeof(double) ? Vector512.ConvertToDouble(a.Value.AsInt64()).As<double, T>() : Vector512.ConvertToSingle(a.Value.AsInt32()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Scale(Lanes512<T, TInteger> x, Lanes512<T, TInteger> n) =>
        !Hardware.HasExponents ? Portable.Scale(x, n)
        : typeof(T) == typeof(double) ? new(Hardware.Scale(x.Value.AsDouble(), n.Value.AsDouble()).As<double, T>())
        : new(Hardware.Scale(x.Value.AsSingle(), n.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Exponent(Lanes512<T, TInteger> x) =>
        !Hardware.HasExponents ? Portable.Exponent(x)
        : typeof(T) == typeof(double) ? new(Hardware.Exponent(x.Value.AsDouble()).As<double, T>())
        : new(Hardware.Exponent(x.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Mantissa(Lanes512<T, TInteger> x) =>
        !Hardware.HasExponents ? Portable.Mantissa(x)
        : typeof(T) == typeof(double) ? new(Hardware.Mantissa(x.Value.AsDouble()).As<double, T>())
        : new(Hardware.Mantissa(x.Value.AsSingle()).As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Patch<TMap>(Lanes512<T, TInteger> mask, Lanes512<T, TInteger> value, Lanes512<T, TInteger> x)
        where TMap : struct, ILaneMap =>
        mask.Whole == Vector512<TInteger>.Zero ? value : LaneCalls.Patch(mask.Value, value.Value, x.Value, Called<TMap>.Function);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Patch2<TMap>(
        Lanes512<T, TInteger> mask, Lanes512<T, TInteger> value, Lanes512<T, TInteger> x, Lanes512<T, TInteger> y)
        where TMap : struct, ILaneMap2 =>
        mask.Whole == Vector512<TInteger>.Zero ? value : LaneCalls.Patch(mask.Value, value.Value, x.Value, y.Value, Called2<TMap>.Function);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Map<TMap>(Lanes512<T, TInteger> x)
        where TMap : struct, ILaneMap =>
        LaneCalls.Map(x.Value, Called<TMap>.Function);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T, TInteger> Map2<TMap>(Lanes512<T, TInteger> x, Lanes512<T, TInteger> y)
        where TMap : struct, ILaneMap2 =>
        LaneCalls.Map(x.Value, y.Value, Called2<TMap>.Function);
}

using Functional.Cpu;
using ILGPU;

namespace Functional.Gpu;

/// <summary>One double as the lane of a register, so that a thread runs the functions that the CPU backend runs on vectors.</summary>
internal readonly struct Lane64(double value) : ILanes<Lane64>
{
    /// <summary>The number.</summary>
    public readonly double Value = value;

    private ulong Bits => Interop.FloatAsInt(Value);

    private long Whole => (long)Interop.FloatAsInt(Value);

    public static bool IsDouble => true;

    public static Lane64 Constant(double value) => new(value);

    public static Lane64 Constant(double single, double real) => new(real);

    public static Lane64 ByPrecision<TSingle, TDouble>(Lane64 x)
        where TSingle : struct, IUnaryFunction
        where TDouble : struct, IUnaryFunction =>
        TDouble.Apply(x);

    public static Lane64 ByTables<TTables, TOther>(Lane64 x)
        where TTables : struct, IUnaryFunction
        where TOther : struct, IUnaryFunction =>
        TOther.Apply(x);

    public static Lane64 Lookup<TTable>(Lane64 index)
        where TTable : struct, ITable =>
        new(TTable.Values[(int)index.Whole & 15]);

    public static Lane64 Integer(long value) => Of((ulong)value);

    public static Lane64 operator +(Lane64 a, Lane64 b) => new(a.Value + b.Value);

    public static Lane64 operator -(Lane64 a, Lane64 b) => new(a.Value - b.Value);

    public static Lane64 operator *(Lane64 a, Lane64 b) => new(Intrinsics.Multiply(a.Value, b.Value));

    public static Lane64 operator /(Lane64 a, Lane64 b) => new(a.Value / b.Value);

    public static Lane64 operator -(Lane64 a) => Of(a.Bits ^ SignMask);

    public static Lane64 operator &(Lane64 a, Lane64 b) => Of(a.Bits & b.Bits);

    public static Lane64 operator |(Lane64 a, Lane64 b) => Of(a.Bits | b.Bits);

    public static Lane64 operator ^(Lane64 a, Lane64 b) => Of(a.Bits ^ b.Bits);

    public static Lane64 operator ~(Lane64 a) => Of(~a.Bits);

    public static Lane64 FusedMultiplyAdd(Lane64 a, Lane64 b, Lane64 c) => new(Intrinsics.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    public static Lane64 Sqrt(Lane64 a) => new(Intrinsics.Sqrt(a.Value));

    public static Lane64 Floor(Lane64 a) => new(Rounding.Floor(a.Value));

    public static Lane64 Ceiling(Lane64 a) => new(Rounding.Ceiling(a.Value));

    public static Lane64 Round(Lane64 a) => new(Rounding.Round(a.Value));

    public static Lane64 Truncate(Lane64 a) => new(Rounding.Truncate(a.Value));

    // A nan in b is kept, as the contract of lanes says: every comparison with one is false. ILGPU turns a comparison with a constant on
    // its left around and then takes it for its opposite's opposite, true with a nan. The constant is a here, so b stands first.
    public static Lane64 Min(Lane64 a, Lane64 b) => b.Value > a.Value ? a : b;

    public static Lane64 Max(Lane64 a, Lane64 b) => b.Value < a.Value ? a : b;

    public static Lane64 Less(Lane64 a, Lane64 b) => Mask(IsLess(a.Value, b.Value));

    public static Lane64 LessOrEqual(Lane64 a, Lane64 b) => Mask(IsLess(a.Value, b.Value) | a.Value == b.Value);

    public static Lane64 Equal(Lane64 a, Lane64 b) => Mask(a.Value == b.Value);

    public static Lane64 Select(Lane64 mask, Lane64 whenTrue, Lane64 whenFalse) => mask.Bits != 0 ? whenTrue : whenFalse;

    public static Lane64 IntegerAdd(Lane64 a, Lane64 b) => Of(a.Bits + b.Bits);

    public static Lane64 IntegerSubtract(Lane64 a, Lane64 b) => Of(a.Bits - b.Bits);

    public static Lane64 IntegerMultiply(Lane64 a, Lane64 b) => Of(a.Bits * b.Bits);

    public static Lane64 IntegerLess(Lane64 a, Lane64 b) => Mask(a.Whole < b.Whole);

    public static Lane64 IntegerEqual(Lane64 a, Lane64 b) => Mask(a.Bits == b.Bits);

    public static Lane64 ShiftLeft(Lane64 a, int count) => Of(a.Bits << count);

    public static Lane64 ShiftRight(Lane64 a, int count) => Of((ulong)(a.Whole >> count));

    public static Lane64 ShiftRightLogical(Lane64 a, int count) => Of(a.Bits >> count);

    public static Lane64 ToInteger(Lane64 a) => Of((ulong)(long)a.Value);

    public static Lane64 FromInteger(Lane64 a) => new((double)a.Whole);

    public static Lane64 Scale(Lane64 x, Lane64 n) => Portable.Scale(x, n);

    public static Lane64 Exponent(Lane64 x) => Portable.Exponent(x);

    public static Lane64 Mantissa(Lane64 x) => Portable.Mantissa(x);

    public static Lane64 Patch<TMap>(Lane64 mask, Lane64 value, Lane64 x)
        where TMap : struct, ILaneMap =>
        mask.Bits != 0 ? Map<TMap>(x) : value;

    public static Lane64 Patch2<TMap>(Lane64 mask, Lane64 value, Lane64 x, Lane64 y)
        where TMap : struct, ILaneMap2 =>
        mask.Bits != 0 ? Map2<TMap>(x, y) : value;

    public static Lane64 Map<TMap>(Lane64 x)
        where TMap : struct, ILaneMap =>
        new(TMap.Invoke(x.Value));

    public static Lane64 Map2<TMap>(Lane64 x, Lane64 y)
        where TMap : struct, ILaneMap2 =>
        new(TMap.Invoke(x.Value, y.Value));

    private const ulong SignMask = 1ul << 63;

    private static Lane64 Of(ulong bits) => new(Interop.IntAsFloat(bits));

    // Either may be a constant: one of the two ways round is right.
    private static bool IsLess(double a, double b) => (a < b) & (b > a);

    private static Lane64 Mask(bool isTrue) => Of(isTrue ? ulong.MaxValue : ulong.MinValue);
}

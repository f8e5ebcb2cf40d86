using Functional.Cpu;
using ILGPU;

namespace Functional.Gpu;

/// <summary>One float as the lane of a register, so that a thread runs the functions that the CPU backend runs on vectors.</summary>
internal readonly struct Lane32(float value) : ILanes<Lane32>
{
    /// <summary>The number.</summary>
    public readonly float Value = value;

    private uint Bits => Interop.FloatAsInt(Value);

    private int Whole => (int)Interop.FloatAsInt(Value);

    public static bool IsDouble => false;

    public static Lane32 Constant(double value) => new((float)value);

    public static Lane32 Constant(double single, double real) => new((float)single);

    public static Lane32 ByPrecision<TSingle, TDouble>(Lane32 x)
        where TSingle : struct, IUnaryFunction
        where TDouble : struct, IUnaryFunction =>
        TSingle.Apply(x);

    public static Lane32 ByTables<TTables, TOther>(Lane32 x)
        where TTables : struct, IUnaryFunction
        where TOther : struct, IUnaryFunction =>
        TOther.Apply(x);

    public static Lane32 Lookup<TTable>(Lane32 index)
        where TTable : struct, ITable =>
        new(TTable.Values[index.Whole & 15]);

    public static Lane32 Integer(long value) => Of((uint)value);

    public static Lane32 operator +(Lane32 a, Lane32 b) => new(a.Value + b.Value);

    public static Lane32 operator -(Lane32 a, Lane32 b) => new(a.Value - b.Value);

    public static Lane32 operator *(Lane32 a, Lane32 b) => new(Intrinsics.Multiply(a.Value, b.Value));

    public static Lane32 operator /(Lane32 a, Lane32 b) => new(a.Value / b.Value);

    public static Lane32 operator -(Lane32 a) => Of(a.Bits ^ SignMask);

    public static Lane32 operator &(Lane32 a, Lane32 b) => Of(a.Bits & b.Bits);

    public static Lane32 operator |(Lane32 a, Lane32 b) => Of(a.Bits | b.Bits);

    public static Lane32 operator ^(Lane32 a, Lane32 b) => Of(a.Bits ^ b.Bits);

    public static Lane32 operator ~(Lane32 a) => Of(~a.Bits);

    public static Lane32 FusedMultiplyAdd(Lane32 a, Lane32 b, Lane32 c) => new(Intrinsics.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    public static Lane32 Sqrt(Lane32 a) => new(Intrinsics.Sqrt(a.Value));

    public static Lane32 Floor(Lane32 a) => new(Rounding.Floor(a.Value));

    public static Lane32 Ceiling(Lane32 a) => new(Rounding.Ceiling(a.Value));

    public static Lane32 Round(Lane32 a) => new(Rounding.Round(a.Value));

    public static Lane32 Truncate(Lane32 a) => new(Rounding.Truncate(a.Value));

    // A nan in b is kept, as the contract of lanes says: every comparison with one is false. ILGPU turns a comparison with a constant on
    // its left around and then takes it for its opposite's opposite, true with a nan. The constant is a here, so b stands first.
    public static Lane32 Min(Lane32 a, Lane32 b) => b.Value > a.Value ? a : b;

    public static Lane32 Max(Lane32 a, Lane32 b) => b.Value < a.Value ? a : b;

    public static Lane32 Less(Lane32 a, Lane32 b) => Mask(IsLess(a.Value, b.Value));

    public static Lane32 LessOrEqual(Lane32 a, Lane32 b) => Mask(IsLess(a.Value, b.Value) | a.Value == b.Value);

    public static Lane32 Equal(Lane32 a, Lane32 b) => Mask(a.Value == b.Value);

    public static Lane32 Select(Lane32 mask, Lane32 whenTrue, Lane32 whenFalse) => mask.Bits != 0 ? whenTrue : whenFalse;

    public static Lane32 IntegerAdd(Lane32 a, Lane32 b) => Of(a.Bits + b.Bits);

    public static Lane32 IntegerSubtract(Lane32 a, Lane32 b) => Of(a.Bits - b.Bits);

    public static Lane32 IntegerMultiply(Lane32 a, Lane32 b) => Of(a.Bits * b.Bits);

    public static Lane32 IntegerLess(Lane32 a, Lane32 b) => Mask(a.Whole < b.Whole);

    public static Lane32 IntegerEqual(Lane32 a, Lane32 b) => Mask(a.Bits == b.Bits);

    public static Lane32 ShiftLeft(Lane32 a, int count) => Of(a.Bits << count);

    public static Lane32 ShiftRight(Lane32 a, int count) => Of((uint)(a.Whole >> count));

    public static Lane32 ShiftRightLogical(Lane32 a, int count) => Of(a.Bits >> count);

    public static Lane32 ToInteger(Lane32 a) => Of((uint)(int)a.Value);

    public static Lane32 FromInteger(Lane32 a) => new((float)a.Whole);

    public static Lane32 Scale(Lane32 x, Lane32 n) => Portable.Scale(x, n);

    public static Lane32 Exponent(Lane32 x) => Portable.Exponent(x);

    public static Lane32 Mantissa(Lane32 x) => Portable.Mantissa(x);

    public static Lane32 Patch<TMap>(Lane32 mask, Lane32 value, Lane32 x)
        where TMap : struct, ILaneMap =>
        mask.Bits != 0 ? Map<TMap>(x) : value;

    public static Lane32 Patch2<TMap>(Lane32 mask, Lane32 value, Lane32 x, Lane32 y)
        where TMap : struct, ILaneMap2 =>
        mask.Bits != 0 ? Map2<TMap>(x, y) : value;

    public static Lane32 Map<TMap>(Lane32 x)
        where TMap : struct, ILaneMap =>
        new((float)TMap.Invoke(x.Value));

    public static Lane32 Map2<TMap>(Lane32 x, Lane32 y)
        where TMap : struct, ILaneMap2 =>
        new(TMap.InvokeSingle<TMap>(x.Value, y.Value));

    private const uint SignMask = 1u << 31;

    private static Lane32 Of(uint bits) => new(Interop.IntAsFloat(bits));

    // Either may be a constant: one of the two ways round is right.
    private static bool IsLess(float a, float b) => (a < b) & (b > a);

    private static Lane32 Mask(bool isTrue) => Of(isTrue ? uint.MaxValue : uint.MinValue);
}

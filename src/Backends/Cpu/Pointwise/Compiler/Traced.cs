using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Lanes that record what is done with them. A constant belongs to no trace until it meets a value that does.</summary>
/// <typeparam name="T">float or double: the width of the lanes.</typeparam>
internal readonly struct Traced<T> : ILanes<Traced<T>>
{
    private readonly Trace? trace;
    private readonly long bits;

    /// <summary>A micro-operation's value.</summary>
    public Traced(Trace trace, int number)
    {
        this.trace = trace;
        bits = number;
    }

    private Traced(long constant) => bits = constant;

    public static bool IsDouble => typeof(T) == typeof(double);

    /// <summary>The number of this value in a trace, which a constant enters now.</summary>
    public int Number(Trace own) => trace is null ? own.Add(new Micro(MicroCode.Constant, Immediate: bits)) : (int)bits;

    public static Traced<T> Constant(double value) => Constant(value, value);

    public static Traced<T> Constant(double single, double real) =>
        new(IsDouble ? BitConverter.DoubleToInt64Bits(real) : BitConverter.SingleToInt32Bits((float)single));

    public static Traced<T> ByPrecision<TSingle, TDouble>(Traced<T> x)
        where TSingle : struct, IUnaryFunction
        where TDouble : struct, IUnaryFunction =>
        IsDouble ? TDouble.Apply(x) : TSingle.Apply(x);

    public static Traced<T> ByTables<TTables, TOther>(Traced<T> x)
        where TTables : struct, IUnaryFunction
        where TOther : struct, IUnaryFunction =>
        Hardware.HasTables ? TTables.Apply(x) : TOther.Apply(x);

    public static Traced<T> Lookup<TTable>(Traced<T> index)
        where TTable : struct, ITable
    {
        Trace own = Owner(index, index, index);
        return Add(own, new Micro(MicroCode.Lookup, index.Number(own), Function: Table<TTable>.Numbers));
    }

    public static Traced<T> Integer(long value) => new(IsDouble ? value : (int)value);

    public static Traced<T> operator +(Traced<T> a, Traced<T> b) => Do(MicroCode.Add, a, b);

    public static Traced<T> operator -(Traced<T> a, Traced<T> b) => Do(MicroCode.Subtract, a, b);

    public static Traced<T> operator *(Traced<T> a, Traced<T> b) => Do(MicroCode.Multiply, a, b);

    public static Traced<T> operator /(Traced<T> a, Traced<T> b) => Do(MicroCode.Divide, a, b);

    public static Traced<T> operator -(Traced<T> a) =>
        a.trace is null ? new(IsDouble ? a.bits ^ long.MinValue : (int)a.bits ^ int.MinValue) : a ^ Constant(-0.0);

    public static Traced<T> operator &(Traced<T> a, Traced<T> b) => Do(MicroCode.And, a, b);

    public static Traced<T> operator |(Traced<T> a, Traced<T> b) => Do(MicroCode.Or, a, b);

    public static Traced<T> operator ^(Traced<T> a, Traced<T> b) => Do(MicroCode.Xor, a, b);

    public static Traced<T> operator ~(Traced<T> a) => a.trace is null ? new(IsDouble ? ~a.bits : ~(int)a.bits) : Do(MicroCode.Not, a);

    public static Traced<T> FusedMultiplyAdd(Traced<T> a, Traced<T> b, Traced<T> c) => Do(MicroCode.FusedMultiplyAdd, a, b, c);

    public static Traced<T> Sqrt(Traced<T> a) => Do(MicroCode.Sqrt, a);

    public static Traced<T> Floor(Traced<T> a) => Do(MicroCode.Floor, a);

    public static Traced<T> Ceiling(Traced<T> a) => Do(MicroCode.Ceiling, a);

    public static Traced<T> Round(Traced<T> a) => Do(MicroCode.Round, a);

    public static Traced<T> Truncate(Traced<T> a) => Do(MicroCode.Truncate, a);

    public static Traced<T> Min(Traced<T> a, Traced<T> b) => Do(MicroCode.Min, a, b);

    public static Traced<T> Max(Traced<T> a, Traced<T> b) => Do(MicroCode.Max, a, b);

    public static Traced<T> Less(Traced<T> a, Traced<T> b) => Do(MicroCode.Less, a, b);

    public static Traced<T> LessOrEqual(Traced<T> a, Traced<T> b) => Do(MicroCode.LessOrEqual, a, b);

    public static Traced<T> Equal(Traced<T> a, Traced<T> b) => Do(MicroCode.Equal, a, b);

    public static Traced<T> Select(Traced<T> mask, Traced<T> whenTrue, Traced<T> whenFalse) =>
        Do(MicroCode.Select, mask, whenTrue, whenFalse);

    public static Traced<T> IntegerAdd(Traced<T> a, Traced<T> b) => Do(MicroCode.IntegerAdd, a, b);

    public static Traced<T> IntegerSubtract(Traced<T> a, Traced<T> b) => Do(MicroCode.IntegerSubtract, a, b);

    public static Traced<T> IntegerMultiply(Traced<T> a, Traced<T> b) => Do(MicroCode.IntegerMultiply, a, b);

    public static Traced<T> IntegerLess(Traced<T> a, Traced<T> b) => Do(MicroCode.IntegerLess, a, b);

    public static Traced<T> IntegerEqual(Traced<T> a, Traced<T> b) => Do(MicroCode.IntegerEqual, a, b);

    public static Traced<T> ShiftLeft(Traced<T> a, int count) => Shift(MicroCode.ShiftLeft, a, count);

    public static Traced<T> ShiftRight(Traced<T> a, int count) => Shift(MicroCode.ShiftRight, a, count);

    public static Traced<T> ShiftRightLogical(Traced<T> a, int count) => Shift(MicroCode.ShiftRightLogical, a, count);

    public static Traced<T> ToInteger(Traced<T> a) => Do(MicroCode.ToInteger, a);

    public static Traced<T> FromInteger(Traced<T> a) => Do(MicroCode.FromInteger, a);

    public static Traced<T> Scale(Traced<T> x, Traced<T> n) => Hardware.HasExponents ? Do(MicroCode.Scale, x, n) : Portable.Scale(x, n);

    public static Traced<T> Exponent(Traced<T> x) => Hardware.HasExponents ? Do(MicroCode.Exponent, x) : Portable.Exponent(x);

    public static Traced<T> Mantissa(Traced<T> x) => Hardware.HasExponents ? Do(MicroCode.Mantissa, x) : Portable.Mantissa(x);

    public static Traced<T> Patch<TMap>(Traced<T> mask, Traced<T> value, Traced<T> x)
        where TMap : struct, ILaneMap
    {
        Trace own = Owner(mask, value, x);
        return Add(own, new Micro(MicroCode.Patch, mask.Number(own), value.Number(own), x.Number(own), Function: Called<TMap>.Function));
    }

    public static Traced<T> Patch2<TMap>(Traced<T> mask, Traced<T> value, Traced<T> x, Traced<T> y)
        where TMap : struct, ILaneMap2
    {
        Trace own = Owner(mask, x, y);
        return Add(own, new Micro(MicroCode.Patch2, mask.Number(own), value.Number(own), x.Number(own), y.Number(own), Function: Called2<TMap>.Function));
    }

    public static Traced<T> Map<TMap>(Traced<T> x)
        where TMap : struct, ILaneMap
    {
        Trace own = Owner(x, x, x);
        return Add(own, new Micro(MicroCode.Map, x.Number(own), Function: Called<TMap>.Function));
    }

    public static Traced<T> Map2<TMap>(Traced<T> x, Traced<T> y)
        where TMap : struct, ILaneMap2
    {
        Trace own = Owner(x, y, y);
        return Add(own, new Micro(MicroCode.Map2, x.Number(own), y.Number(own), Function: Called2<TMap>.Function));
    }

    private static Traced<T> Do(MicroCode code, Traced<T> a)
    {
        Trace own = Owner(a, a, a);
        return Add(own, new Micro(code, a.Number(own)));
    }

    private static Traced<T> Do(MicroCode code, Traced<T> a, Traced<T> b)
    {
        Trace own = Owner(a, b, b);
        return Add(own, new Micro(code, a.Number(own), b.Number(own)));
    }

    private static Traced<T> Do(MicroCode code, Traced<T> a, Traced<T> b, Traced<T> c)
    {
        Trace own = Owner(a, b, c);
        return Add(own, new Micro(code, a.Number(own), b.Number(own), c.Number(own)));
    }

    private static Traced<T> Shift(MicroCode code, Traced<T> a, int count)
    {
        Trace own = Owner(a, a, a);
        return Add(own, new Micro(code, a.Number(own), Immediate: count));
    }

    private static Traced<T> Add(Trace own, Micro micro) => new(own, own.Add(micro));

    /// <summary>A table's numbers, the same array each time, by which equal micro-operations are known.</summary>
    private static class Table<TTable>
        where TTable : struct, ITable
    {
        public static readonly float[] Numbers = [.. Enumerable.Range(0, Vector512<float>.Count).Select(i => TTable.Values[i])];
    }

    /// <summary>Every step has an operand that is no constant, for programs hand constants in as parameters.</summary>
    private static Trace Owner(Traced<T> a, Traced<T> b, Traced<T> c) =>
        a.trace ?? b.trace ?? c.trace ?? throw new InvalidOperationException("an operation on constants alone was traced");
}

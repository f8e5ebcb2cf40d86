using Functional.Gpu;

namespace Functional.Cpu;

// The functions that the CPU backend takes from the platform: here they are ours, in double precision.

internal readonly struct AtanMap : ILaneMap
{
    public static double Invoke(double x) => Angles.Atan(x);
}

internal readonly struct AsinMap : ILaneMap
{
    public static double Invoke(double x) => Angles.Atan2(x, Intrinsics.Sqrt((1.0 - x) * (1.0 + x)));
}

internal readonly struct AcosMap : ILaneMap
{
    public static double Invoke(double x) => Angles.Atan2(Intrinsics.Sqrt((1.0 - x) * (1.0 + x)), x);
}

internal readonly struct Atan2Map : ILaneMap2
{
    public static double Invoke(double y, double x) => Angles.Atan2(y, x);
}

/// <summary>sign(x) ln(|x| + sqrt(1 + x^2)), written so that nothing cancels near 0 and nothing overflows.</summary>
internal readonly struct AsinhMap : ILaneMap
{
    public static double Invoke(double x)
    {
        double a = Signs.Absolute(x);
        double far = Functions.One<Log>(a) + 0.6931471805599453;
        double near = Functions.One<Log1p>(a + a * a / (1.0 + Intrinsics.Sqrt(1.0 + a * a)));
        return Signs.Copy(a > 1e8 ? far : near, x);
    }
}

/// <summary>ln(1 + t + sqrt(t) sqrt(t + 2)) with t = x - 1: one root of the product would be a number again far below 1.</summary>
internal readonly struct AcoshMap : ILaneMap
{
    public static double Invoke(double x)
    {
        double t = x - 1.0;
        return x > 1e8 ? Functions.One<Log>(x) + 0.6931471805599453 : Functions.One<Log1p>(t + Intrinsics.Sqrt(t) * Intrinsics.Sqrt(t + 2.0));
    }
}

internal readonly struct AtanhMap : ILaneMap
{
    public static double Invoke(double x)
    {
        double a = Signs.Absolute(x);
        return a > 1.0 ? double.NaN : Signs.Copy(0.5 * Functions.One<Log1p>(2.0 * a / (1.0 - a)), x);
    }
}

internal readonly struct SinMap : ILaneMap
{
    public static double Invoke(double x) => FarAngles.Turn(x, 0L);
}

internal readonly struct CosMap : ILaneMap
{
    public static double Invoke(double x) => FarAngles.Turn(x, 1L);
}

internal readonly struct TanMap : ILaneMap
{
    public static double Invoke(double x) => FarAngles.Turn(x, 0L) / FarAngles.Turn(x, 1L);
}

/// <summary>x^y where an operand is infinite or no number.</summary>
internal readonly struct PowMap : ILaneMap2
{
    public static double Invoke(double x, double y)
    {
        if (y == 0.0 || x == 1.0)
            return 1.0;
        if (Signs.IsNaN(x) || Signs.IsNaN(y))
            return double.NaN;
        double a = Signs.Absolute(x);
        if (Signs.Absolute(y) == double.PositiveInfinity)
            return a == 1.0 ? 1.0 : (a > 1.0) == (y > 0.0) ? double.PositiveInfinity : 0.0;
        // Here x is infinite: an odd whole exponent keeps its sign.
        double half = y * 0.5;
        bool isOdd = Rounding.Floor(y) == y && !(Rounding.Floor(half) == half);
        double magnitude = y > 0.0 ? double.PositiveInfinity : 0.0;
        return x < 0.0 && isOdd ? -magnitude : magnitude;
    }
}

/// <summary>The exact remainder, subtracting the divisor times powers of two.</summary>
internal readonly struct FmodMap : ILaneMap2
{
    public static double Invoke(double x, double y)
    {
        double a = Signs.Absolute(x);
        double b = Signs.Absolute(y);
        if (!(a < double.PositiveInfinity) || !(b > 0.0))
            return double.NaN;
        if (a < b)
            return x;
        // Each round takes the largest b 2^n that is not above a; all differences are exact.
        while (!(a < b))
        {
            double exponent = Decomposed64.Exponent(a) - Decomposed64.Exponent(b);
            double part = Decomposed64.Scale(b, exponent);
            if (part > a)
                part = Decomposed64.Scale(b, exponent - 1.0);
            a -= part;
        }
        return Signs.Copy(a, x);
    }
}

internal static class Decomposed64
{
    public static double Exponent(double x) => Portable.Exponent(new Lane64(x)).Value;

    public static double Scale(double x, double n) => Portable.Scale(new Lane64(x), new Lane64(n)).Value;
}

/// <summary>The next number towards the second, by the order of the bits.</summary>
internal readonly struct NextAfterMap : ILaneMap2
{
    public static double Invoke(double x, double y)
    {
        if (Signs.IsNaN(x) || Signs.IsNaN(y))
            return double.NaN;
        if (x == y)
            return y;
        ulong bits = ILGPU.Interop.FloatAsInt(x);
        if (x == 0.0)
            return Signs.Copy(ILGPU.Interop.IntAsFloat(1ul), y);
        bool isAway = (x < y) == (x > 0.0);
        return ILGPU.Interop.IntAsFloat(isAway ? bits + 1ul : bits - 1ul);
    }

    public static float InvokeSingle<TSelf>(float x, float y)
        where TSelf : struct, ILaneMap2
    {
        if (Signs.IsNaN(x) || Signs.IsNaN(y))
            return float.NaN;
        if (x == y)
            return y;
        uint bits = ILGPU.Interop.FloatAsInt(x);
        if (x == 0f)
            return Signs.Copy(ILGPU.Interop.IntAsFloat(1u), y);
        bool isAway = (x < y) == (x > 0f);
        return ILGPU.Interop.IntAsFloat(isAway ? bits + 1u : bits - 1u);
    }
}

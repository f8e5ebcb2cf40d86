using ILGPU;

namespace Functional.Gpu;

/// <summary>Numbers from one register to another where an instruction alone would leave cases open.</summary>
internal static class Conversions
{
    /// <summary>Truncated; what is out of range becomes the nearest bound, nan 0.</summary>
    public static long ToInteger(double x)
    {
        if (Signs.IsNaN(x))
            return 0L;
        if (x >= 9223372036854775808.0)
            return long.MaxValue;
        return x < -9223372036854775808.0 ? long.MinValue : (long)x;
    }

    /// <inheritdoc cref="ToInteger(double)"/>
    public static long ToInteger(float x) => ToInteger((double)x);

    /// <summary>Rounded to float16 and back.</summary>
    public static float RoundToHalf(float x) => HalfBits.FromFloat16(HalfBits.ToFloat16(x));

    /// <summary>Rounded to bfloat16 and back.</summary>
    public static float RoundToBFloat16(float x) => HalfBits.FromBFloat16(HalfBits.ToBFloat16(x));

    public static int IsNotZero(float x) => x == 0f ? 0 : 1;

    public static int IsNotZero(double x) => x == 0.0 ? 0 : 1;

    public static int IsNotZero(long x) => x == 0L ? 0 : 1;

    public static int IsNotZero(int x) => x == 0 ? 0 : 1;

    /// <summary>Writes a fault where a divisor is 0, and hands the divisor on.</summary>
    public static long CheckedDivisor(long divisor, ArrayView<int> faults)
    {
        if (divisor == 0L)
            faults[Faults.Division] = 1;
        return divisor;
    }
}

namespace Functional.Gpu;

/// <summary>Functions of whole numbers that take more than an instruction, in 64 bits; what is narrower is wrapped afterwards.</summary>
internal static class IntegerFunctions
{
    public static int Absolute(int a) => a < 0 ? -a : a;

    public static long Absolute(long a) => a < 0L ? -a : a;

    public static int Sign(int a) => a > 0 ? 1 : a < 0 ? -1 : 0;

    public static long Sign(long a) => a > 0L ? 1L : a < 0L ? -1L : 0L;

    public static int Larger(int a, int b) => a < b ? b : a;

    public static long Larger(long a, long b) => a < b ? b : a;

    public static int Smaller(int a, int b) => b < a ? b : a;

    public static long Smaller(long a, long b) => b < a ? b : a;

    /// <summary>The quotient, truncated; 0 where the divisor is 0, which is told as a fault elsewhere.</summary>
    public static long Divide(long a, long b) => b == 0L ? 0L : b == -1L ? -a : a / b;

    /// <summary>The remainder with the sign of the dividend.</summary>
    public static long Fmod(long a, long b) => b == 0L | b == -1L ? 0L : a % b;

    /// <summary>The quotient, rounded towards minus infinity.</summary>
    public static long FloorDivide(long a, long b)
    {
        long rest = Fmod(a, b);
        long quotient = Divide(a, b);
        return rest != 0L & (rest < 0L) != (b < 0L) ? quotient - 1L : quotient;
    }

    /// <summary>The remainder with the sign of the divisor.</summary>
    public static long Remainder(long a, long b)
    {
        long rest = Fmod(a, b);
        return rest != 0L & (rest < 0L) != (b < 0L) ? rest + b : rest;
    }

    /// <summary>The greatest common divisor.</summary>
    public static long Divisor(long a, long b)
    {
        while (b != 0L)
        {
            long rest = Fmod(a, b);
            a = b;
            b = rest;
        }
        return a < 0L ? -a : a;
    }

    /// <summary>The power, wrapping around; a negative exponent leaves only what 1 and -1 give.</summary>
    public static long Power(long a, long b)
    {
        if (b < 0L)
            return a == 1L ? 1L : a != -1L ? 0L : (b & 1L) == 0L ? 1L : -1L;
        long result = 1L;
        while (b != 0L)
        {
            if ((b & 1L) != 0L)
                result *= a;
            b >>= 1;
            a *= a;
        }
        return result;
    }

    /// <summary>Shifts left in a dtype of so many bits; everything is shifted out by as many, or by a negative number.</summary>
    public static long ShiftLeft(long a, long b, long bits) => b < 0L | b >= bits ? 0L : a << (int)b;

    /// <summary>Shifts right in a dtype of so many bits, the sign staying.</summary>
    public static long ShiftRight(long a, long b, long bits) => a >> (b < 0L | b >= bits ? 63 : (int)b);
}

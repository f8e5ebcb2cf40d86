using System.Numerics;

namespace Functional.Gpu;

/// <summary>Division of numbers from 0 to 2^31 - 1 by a divisor that a kernel knows beforehand: one product and one shift
/// (Granlund and Montgomery 1994).</summary>
internal readonly struct FastDivisor
{
    public readonly int Divisor;
    private readonly uint multiplier;
    private readonly int shift;

    public FastDivisor(int divisor)
    {
        Divisor = divisor < 1 ? 1 : divisor;
        shift = 32 - BitOperations.LeadingZeroCount((uint)(Divisor - 1));
        multiplier = (uint)(((1UL << 32) * ((1UL << shift) - (ulong)Divisor) / (ulong)Divisor) + 1);
    }

    public readonly int Quotient(int number)
    {
        uint high = (uint)(((ulong)multiplier * (uint)number) >> 32);
        return (int)((high + (uint)number) >> shift);
    }

    public readonly int Remainder(int number) => number - Quotient(number) * Divisor;
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Unsigned integers that sort as the elements do: nan largest, all nans equal, -0 equal to 0.</summary>
internal static class SortKey
{
    /// <summary>The key of an element; TKey is uint for elements of up to 32 bits, ulong for others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TKey Of<T, TKey>(T value)
        where T : unmanaged, INumber<T>
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        if (typeof(T) == typeof(float))
            return TKey.CreateTruncating(OfSingle((float)(object)value));
        if (typeof(T) == typeof(double))
            return TKey.CreateTruncating(OfDouble((double)(object)value));
        if (typeof(T) == typeof(byte))
            return TKey.CreateTruncating(value);
        // Signed integers: counted up from the smallest.
        if (typeof(T) == typeof(long))
            return TKey.CreateTruncating((ulong)(long)(object)value ^ 1UL << 63);
        int width = 8 * Unsafe.SizeOf<T>();
        return TKey.CreateTruncating((uint.CreateTruncating(value) ^ 1U << (width - 1)) & uint.MaxValue >> (32 - width));
    }

    private static uint OfSingle(float value)
    {
        if (float.IsNaN(value))
            return uint.MaxValue;
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return bits ^ ((uint)((int)bits >> 31) | 1U << 31);
    }

    private static ulong OfDouble(double value)
    {
        if (double.IsNaN(value))
            return ulong.MaxValue;
        ulong bits = BitConverter.DoubleToUInt64Bits(value + 0d);
        return bits ^ ((ulong)((long)bits >> 63) | 1UL << 63);
    }
}

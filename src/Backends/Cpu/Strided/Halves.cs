using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Contiguous numbers of half precision, as bits, to float32 and back: to the nearest, ties to even; nan stays nan.</summary>
internal static unsafe class Halves
{
    private const int Step = 32;

    /// <summary>Float16, or bfloat16 if <paramref name="brain"/>, to float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(bool brain, ushort* source, float* target, int count)
    {
        int i = 0;
        for (; i <= count - Step; i += Step)
        {
            Vector512<ushort> bits = Vector512.Load(source + i);
            Vector512<uint> low = Vector512.WidenLower(bits), high = Vector512.WidenUpper(bits);
            (brain ? low << 16 : FromFloat16(low)).AsSingle().Store(target + i);
            (brain ? high << 16 : FromFloat16(high)).AsSingle().Store(target + i + Step / 2);
        }
        for (; i < count; i++)
            target[i] = brain ? BitConverter.UInt32BitsToSingle((uint)source[i] << 16) : (float)BitConverter.UInt16BitsToHalf(source[i]);
    }

    /// <summary>Float32 to float16, or to bfloat16 if <paramref name="brain"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Narrow(bool brain, float* source, ushort* target, int count)
    {
        int i = 0;
        for (; i <= count - Step; i += Step)
        {
            Vector512<uint> low = Vector512.Load(source + i).AsUInt32(), high = Vector512.Load(source + i + Step / 2).AsUInt32();
            Vector512<ushort> bits = brain
                ? Vector512.Narrow(ToBFloat16(low), ToBFloat16(high))
                : Vector512.Narrow(ToFloat16(low), ToFloat16(high));
            bits.Store(target + i);
        }
        for (; i < count; i++)
            target[i] = (ushort)(brain ? ToBFloat16(source[i]) : BitConverter.HalfToUInt16Bits((Half)source[i]));
    }

    private static uint ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToBFloat16(Vector512<uint> bits)
    {
        Vector512<uint> one = Vector512<uint>.One;
        Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & one)) >> 16;
        Vector512<uint> nan = (bits >> 16) | Vector512.Create(0x40u);
        return Vector512.ConditionalSelect(Vector512.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32(), rounded, nan);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> FromFloat16(Vector512<uint> half)
    {
        // Exponent and fraction in their new places, 112 powers of two too small; subnormals come out as they should.
        Vector512<uint> shifted = (half & Vector512.Create(0x7FFFu)) << 13;
        Vector512<uint> scaled = (shifted.AsSingle() * Vector512.Create(BitConverter.UInt32BitsToSingle(239u << 23))).AsUInt32();
        // Infinities and nan keep the largest exponent.
        Vector512<uint> special = Vector512.GreaterThanOrEqual(shifted, Vector512.Create(0x1Fu << 23));
        Vector512<uint> whole = Vector512.ConditionalSelect(special, shifted | Vector512.Create(0xFFu << 23), scaled);
        return whole | ((half & Vector512.Create(0x8000u)) << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToFloat16(Vector512<uint> bits)
    {
        Vector512<uint> sign = (bits >> 16) & Vector512.Create(0x8000u);
        Vector512<uint> size = bits & Vector512.Create(0x7FFFFFFFu);
        // Normal numbers: the exponent's bias is exchanged, half a step (less one where the last digit is even) added.
        Vector512<uint> odd = (size >> 13) & Vector512<uint>.One;
        Vector512<uint> normal = (size - Vector512.Create(112u << 23) + Vector512.Create(0xFFFu) + odd) >> 13;
        // Below 2^-14 the sum with 0.5 has just the digits that are left.
        Vector512<uint> half = Vector512.Create(126u << 23);
        Vector512<uint> subnormal = (size.AsSingle() + half.AsSingle()).AsUInt32() - half;
        Vector512<uint> result = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(113u << 23)), subnormal, normal);
        Vector512<uint> infinity = Vector512.Create(0x7C00u);
        result = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(size, Vector512.Create(143u << 23)), infinity, result);
        Vector512<uint> isNan = Vector512.GreaterThan(size, Vector512.Create(0xFFu << 23));
        return sign | Vector512.ConditionalSelect(isNan, Vector512.Create(0x7E00u), result);
    }
}

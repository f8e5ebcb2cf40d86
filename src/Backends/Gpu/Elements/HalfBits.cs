using ILGPU;

namespace Functional.Gpu;

/// <summary>Half precision to and from float32, by bits, in code that every device runs.</summary>
internal static class HalfBits
{
    public static float FromBFloat16(ushort bits) => Interop.IntAsFloat((uint)bits << 16);

    /// <summary>To nearest, ties to even; nan stays nan.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
        uint quiet = (bits >> 16) | 0x40u;
        return (ushort)((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
    }

    /// <summary>The product with 2^112 moves the exponent to float32's place and makes subnormals normal.</summary>
    public static float FromFloat16(ushort bits)
    {
        uint magnitude = (uint)(bits & 0x7fff) << 13;
        uint sign = (uint)(bits & 0x8000) << 16;
        uint finite = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) * Interop.IntAsFloat(0x77800000u));
        uint endless = magnitude | 0x7f800000u;
        return Interop.IntAsFloat(sign | ((bits & 0x7c00) == 0x7c00 ? endless : finite));
    }

    /// <summary>To nearest, ties to even; what is too large becomes infinite, nan stays nan.</summary>
    public static ushort ToFloat16(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint sign = (bits >> 16) & 0x8000u;
        uint magnitude = bits & 0x7fffffffu;
        uint result;
        if (magnitude > 0x7f800000u)
            result = 0x7e00u;
        else if (magnitude >= 0x477ff000u)
            result = 0x7c00u;
        else if (magnitude < 0x38800000u)
        {
            // Adding 0.5 leaves a subnormal's bits, rounded, at the end of the sum.
            result = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3f000000u;
        }
        else
            result = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
        return (ushort)(sign | result);
    }
}

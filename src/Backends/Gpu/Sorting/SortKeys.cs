using ILGPU;

namespace Functional.Gpu;

/// <summary>Unsigned integers that sort as numbers do: nan largest, all nans equal, -0 equal to 0.</summary>
internal static class SortKeys
{
    public static ulong Of(float value)
    {
        if (Signs.IsNaN(value))
            return uint.MaxValue;
        if (value == 0f)
            return 0x80000000ul;
        uint bits = Interop.FloatAsInt(value);
        return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
    }

    public static ulong Of(double value)
    {
        if (Signs.IsNaN(value))
            return ulong.MaxValue;
        if (value == 0.0)
            return 0x8000000000000000ul;
        ulong bits = Interop.FloatAsInt(value);
        return (bits & 0x8000000000000000ul) != 0ul ? ~bits : bits | 0x8000000000000000ul;
    }

    public static ulong Of(long value) => (ulong)value ^ 0x8000000000000000ul;
}

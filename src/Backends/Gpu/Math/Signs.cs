using ILGPU;

namespace Functional.Gpu;

/// <summary>Signs of floating-point numbers, taken by their bits: zeros and nan have one too.</summary>
internal static class Signs
{
    public static bool IsNaN(float x) => (Interop.FloatAsInt(x) & 0x7FFFFFFFu) > 0x7F800000u;

    public static bool IsNaN(double x) => (Interop.FloatAsInt(x) & 0x7FFFFFFFFFFFFFFFul) > 0x7FF0000000000000ul;

    public static float Absolute(float x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & 0x7FFFFFFFu);

    public static double Absolute(double x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & 0x7FFFFFFFFFFFFFFFul);

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    public static float Copy(float magnitude, float sign) =>
        Interop.IntAsFloat((Interop.FloatAsInt(magnitude) & 0x7FFFFFFFu) | (Interop.FloatAsInt(sign) & 0x80000000u));

    /// <inheritdoc cref="Copy(float, float)"/>
    public static double Copy(double magnitude, double sign) =>
        Interop.IntAsFloat((Interop.FloatAsInt(magnitude) & 0x7FFFFFFFFFFFFFFFul) | (Interop.FloatAsInt(sign) & 0x8000000000000000ul));
}

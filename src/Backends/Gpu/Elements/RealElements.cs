namespace Functional.Gpu;

/// <summary>float32.</summary>
internal readonly struct Float32Element : IRealElement<float, float>
{
    public static float Widen(float stored) => stored;

    public static float Narrow(float value) => value;

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);

    public static float Exp(float value) => RealFunctions.Exp(value);

    public static float Log(float value) => RealFunctions.Log(value);

    public static float Sqrt(float value) => MathF.Sqrt(value);
}

/// <summary>float64.</summary>
internal readonly struct Float64Element : IRealElement<double, double>
{
    public static double Widen(double stored) => stored;

    public static double Narrow(double value) => value;

    public static double Of(double value) => value;

    public static double Of(long value) => (double)value;

    public static ulong Key(double value) => SortKeys.Of(value);

    public static double Exp(double value) => RealFunctions.Exp(value);

    public static double Log(double value) => RealFunctions.Log(value);

    public static double Sqrt(double value) => Math.Sqrt(value);
}

/// <summary>float16 by its bits: not every device has the type, all have the arithmetic of a conversion.</summary>
internal readonly struct Float16Element : IRealElement<ushort, float>
{
    public static float Widen(ushort stored) => HalfBits.FromFloat16(stored);

    public static ushort Narrow(float value) => HalfBits.ToFloat16(value);

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);

    public static float Exp(float value) => RealFunctions.Exp(value);

    public static float Log(float value) => RealFunctions.Log(value);

    public static float Sqrt(float value) => MathF.Sqrt(value);
}

/// <summary>bfloat16: the upper half of a float32.</summary>
internal readonly struct BFloat16Element : IRealElement<ushort, float>
{
    public static float Widen(ushort stored) => HalfBits.FromBFloat16(stored);

    public static ushort Narrow(float value) => HalfBits.ToBFloat16(value);

    public static float Of(double value) => (float)value;

    public static float Of(long value) => (float)value;

    public static ulong Key(float value) => SortKeys.Of(value);

    public static float Exp(float value) => RealFunctions.Exp(value);

    public static float Log(float value) => RealFunctions.Log(value);

    public static float Sqrt(float value) => MathF.Sqrt(value);
}

/// <summary>float32 that is computed with in double precision.</summary>
internal readonly struct WidenedElement : INumberElement<float, double>
{
    public static double Widen(float stored) => stored;

    public static float Narrow(double value) => (float)value;

    public static double Of(double value) => value;

    public static double Of(long value) => (double)value;

    public static ulong Key(double value) => SortKeys.Of(value);
}

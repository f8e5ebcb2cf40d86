namespace Functional.Cpu;

internal readonly struct Exp2Map : ILaneMap
{
    public static double Invoke(double x) => Math.Pow(2, x);
}

internal readonly struct Expm1Map : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.expm1(x);
}

internal readonly struct Log2Map : ILaneMap
{
    public static double Invoke(double x) => Math.Log2(x);
}

internal readonly struct Log10Map : ILaneMap
{
    public static double Invoke(double x) => Math.Log10(x);
}

internal readonly struct Log1pMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.log1p(x);
}

internal readonly struct SinMap : ILaneMap
{
    public static double Invoke(double x) => Math.Sin(x);
}

internal readonly struct CosMap : ILaneMap
{
    public static double Invoke(double x) => Math.Cos(x);
}

internal readonly struct TanMap : ILaneMap
{
    public static double Invoke(double x) => Math.Tan(x);
}

internal readonly struct AsinMap : ILaneMap
{
    public static double Invoke(double x) => Math.Asin(x);
}

internal readonly struct AcosMap : ILaneMap
{
    public static double Invoke(double x) => Math.Acos(x);
}

internal readonly struct AtanMap : ILaneMap
{
    public static double Invoke(double x) => Math.Atan(x);
}

internal readonly struct SinhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Sinh(x);
}

internal readonly struct CoshMap : ILaneMap
{
    public static double Invoke(double x) => Math.Cosh(x);
}

internal readonly struct TanhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Tanh(x);
}

internal readonly struct AsinhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Asinh(x);
}

internal readonly struct AcoshMap : ILaneMap
{
    public static double Invoke(double x) => Math.Acosh(x);
}

internal readonly struct AtanhMap : ILaneMap
{
    public static double Invoke(double x) => Math.Atanh(x);
}

internal readonly struct SigmoidMap : ILaneMap
{
    public static double Invoke(double x) => 1 / (1 + Math.Exp(-x));
}

internal readonly struct ErfMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.erf(x);
}

internal readonly struct ErfcMap : ILaneMap
{
    public static double Invoke(double x) => SpecialFunctions.erfc(x);
}

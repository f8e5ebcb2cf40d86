using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>The functions of this backend for kernels that are written by hand: vectors of any width, and single numbers with the same bits.</summary>
public static partial class VectorMath
{
    /// <summary>e^x, within 1 ulp.</summary>
    public static float Exp(float x) => Exp(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Exp(float)"/>
    public static double Exp(double x) => Exp(Vector128.Create(x)).ToScalar();

    /// <summary>e^x - 1, within 2 ulp.</summary>
    public static float Expm1(float x) => Expm1(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Expm1(float)"/>
    public static double Expm1(double x) => Expm1(Vector128.Create(x)).ToScalar();

    /// <summary>2^x, within 1 ulp.</summary>
    public static float Exp2(float x) => Exp2(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Exp2(float)"/>
    public static double Exp2(double x) => Exp2(Vector128.Create(x)).ToScalar();

    /// <summary>The natural logarithm, within 1 ulp.</summary>
    public static float Log(float x) => Log(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Log(float)"/>
    public static double Log(double x) => Log(Vector128.Create(x)).ToScalar();

    /// <summary>ln(1 + x), within 2 ulp.</summary>
    public static float Log1p(float x) => Log1p(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Log1p(float)"/>
    public static double Log1p(double x) => Log1p(Vector128.Create(x)).ToScalar();

    /// <summary>The binary logarithm, within 2 ulp.</summary>
    public static float Log2(float x) => Log2(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Log2(float)"/>
    public static double Log2(double x) => Log2(Vector128.Create(x)).ToScalar();

    /// <summary>The decimal logarithm, within 2 ulp.</summary>
    public static float Log10(float x) => Log10(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Log10(float)"/>
    public static double Log10(double x) => Log10(Vector128.Create(x)).ToScalar();

    /// <summary>The hyperbolic tangent, within 2 ulp.</summary>
    public static float Tanh(float x) => Tanh(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Tanh(float)"/>
    public static double Tanh(double x) => Tanh(Vector128.Create(x)).ToScalar();

    /// <summary>The hyperbolic sine, within 2 ulp.</summary>
    public static float Sinh(float x) => Sinh(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Sinh(float)"/>
    public static double Sinh(double x) => Sinh(Vector128.Create(x)).ToScalar();

    /// <summary>The hyperbolic cosine, within 2 ulp.</summary>
    public static float Cosh(float x) => Cosh(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Cosh(float)"/>
    public static double Cosh(double x) => Cosh(Vector128.Create(x)).ToScalar();

    /// <summary>1 / (1 + e^-x), within 2 ulp.</summary>
    public static float Sigmoid(float x) => Sigmoid(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Sigmoid(float)"/>
    public static double Sigmoid(double x) => Sigmoid(Vector128.Create(x)).ToScalar();

    /// <summary>The error function, within 4 ulp.</summary>
    public static float Erf(float x) => Erf(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Erf(float)"/>
    public static double Erf(double x) => Erf(Vector128.Create(x)).ToScalar();

    /// <summary>1 - erf(x), within 4 ulp.</summary>
    public static float Erfc(float x) => Erfc(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Erfc(float)"/>
    public static double Erfc(double x) => Erfc(Vector128.Create(x)).ToScalar();

    /// <summary>The sine, within 2 ulp.</summary>
    public static float Sin(float x) => Sin(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Sin(float)"/>
    public static double Sin(double x) => Sin(Vector128.Create(x)).ToScalar();

    /// <summary>The cosine, within 2 ulp.</summary>
    public static float Cos(float x) => Cos(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Cos(float)"/>
    public static double Cos(double x) => Cos(Vector128.Create(x)).ToScalar();

    /// <summary>The tangent, within 2 ulp.</summary>
    public static float Tan(float x) => Tan(Vector128.Create(x)).ToScalar();

    /// <inheritdoc cref="Tan(float)"/>
    public static double Tan(double x) => Tan(Vector128.Create(x)).ToScalar();

    /// <summary>x^y, within 2 ulp.</summary>
    public static float Pow(float x, float y) => Pow(Vector128.Create(x), Vector128.Create(y)).ToScalar();

    /// <inheritdoc cref="Pow(float, float)"/>
    public static double Pow(double x, double y) => Pow(Vector128.Create(x), Vector128.Create(y)).ToScalar();
}

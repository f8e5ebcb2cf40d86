using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>The functions of this backend for kernels that are written by hand: vectors of any width, and single numbers with the same bits.</summary>
public static partial class VectorMath
{
    /// <summary>e^x, within 1 ulp.</summary>
    public static float Exp(float x) => Exp(Vector128.CreateScalar(x)).ToScalar();

    /// <inheritdoc cref="Exp(float)"/>
    public static double Exp(double x) => Exp(Vector128.CreateScalar(x)).ToScalar();

    /// <summary>The natural logarithm, within 1 ulp.</summary>
    public static float Log(float x) => Log(Vector128.CreateScalar(x)).ToScalar();

    /// <inheritdoc cref="Log(float)"/>
    public static double Log(double x) => Log(Vector128.CreateScalar(x)).ToScalar();
}

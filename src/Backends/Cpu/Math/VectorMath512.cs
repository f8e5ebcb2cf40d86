using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

// This file is the pattern of three: the build makes the 256- and 128-bit siblings of it by replacing the width.

public static partial class VectorMath
{
    /// <summary>e^x in every lane, within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => global::Functional.Cpu.Exp.Apply<Lanes512<float, int>>(x).Value;

    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x) => global::Functional.Cpu.Exp.Apply<Lanes512<double, long>>(x).Value;

    /// <summary>The natural logarithm in every lane, within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => global::Functional.Cpu.Log.Apply<Lanes512<float, int>>(x).Value;

    /// <inheritdoc cref="Log(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x) => global::Functional.Cpu.Log.Apply<Lanes512<double, long>>(x).Value;
}

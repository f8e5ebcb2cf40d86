using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>The instructions of AVX-512 that take floating-point numbers apart and put them together.</summary>
internal static class Hardware
{
    /// <summary>Whether those instructions exist, at all three widths.</summary>
    public static bool HasExponents
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.VL.IsSupported;
    }

    /// <summary>Whether a register of sixteen floats is looked up by one instruction, which is as fast as others where such registers are the widest.</summary>
    public static bool HasTables
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lookup(Vector512<float> table, Vector512<int> index) => Avx512F.PermuteVar16x32(table, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Lookup(Vector512<float> table, Vector256<int> index) =>
        Avx512F.PermuteVar16x32(table, index.ToVector512Unsafe()).GetLower();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Lookup(Vector512<float> table, Vector128<int> index) => Lookup(table, index.ToVector256Unsafe()).GetLower();

    /// <summary>Significand in [1, 2), the sign dropped.</summary>
    public const byte Interval = 0b0100;

    public static Vector512<float> Scale(Vector512<float> x, Vector512<float> n) => Avx512F.Scale(x, n);
    public static Vector256<float> Scale(Vector256<float> x, Vector256<float> n) => Avx512F.VL.Scale(x, n);
    public static Vector128<float> Scale(Vector128<float> x, Vector128<float> n) => Avx512F.VL.Scale(x, n);
    public static Vector512<double> Scale(Vector512<double> x, Vector512<double> n) => Avx512F.Scale(x, n);
    public static Vector256<double> Scale(Vector256<double> x, Vector256<double> n) => Avx512F.VL.Scale(x, n);
    public static Vector128<double> Scale(Vector128<double> x, Vector128<double> n) => Avx512F.VL.Scale(x, n);

    public static Vector512<float> Exponent(Vector512<float> x) => Avx512F.GetExponent(x);
    public static Vector256<float> Exponent(Vector256<float> x) => Avx512F.VL.GetExponent(x);
    public static Vector128<float> Exponent(Vector128<float> x) => Avx512F.VL.GetExponent(x);
    public static Vector512<double> Exponent(Vector512<double> x) => Avx512F.GetExponent(x);
    public static Vector256<double> Exponent(Vector256<double> x) => Avx512F.VL.GetExponent(x);
    public static Vector128<double> Exponent(Vector128<double> x) => Avx512F.VL.GetExponent(x);

    public static Vector512<float> Mantissa(Vector512<float> x) => Avx512F.GetMantissa(x, Interval);
    public static Vector256<float> Mantissa(Vector256<float> x) => Avx512F.VL.GetMantissa(x, Interval);
    public static Vector128<float> Mantissa(Vector128<float> x) => Avx512F.VL.GetMantissa(x, Interval);
    public static Vector512<double> Mantissa(Vector512<double> x) => Avx512F.GetMantissa(x, Interval);
    public static Vector256<double> Mantissa(Vector256<double> x) => Avx512F.VL.GetMantissa(x, Interval);
    public static Vector128<double> Mantissa(Vector128<double> x) => Avx512F.VL.GetMantissa(x, Interval);
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Lanes of two registers in turns and apart again, of four or eight bytes each, by the instructions that each width has for it.</summary>
internal static unsafe class Interleaving
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(Vector512<T> a, Vector512<T> b, out Vector512<T> low, out Vector512<T> high)
        where T : unmanaged, INumberBase<T>
    {
        Tile512<T>.Interleave(ref a, ref b);
        (low, high) = (a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(Vector256<T> a, Vector256<T> b, out Vector256<T> low, out Vector256<T> high)
        where T : unmanaged, INumberBase<T>
    {
        Tile256<T>.Interleave(ref a, ref b);
        (low, high) = (a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(Vector128<T> a, Vector128<T> b, out Vector128<T> low, out Vector128<T> high)
        where T : unmanaged, INumberBase<T>
    {
        if (sizeof(T) == sizeof(ulong))
        {
            low = Vector128.Create(a.GetLower(), b.GetLower());
            high = Vector128.Create(a.GetUpper(), b.GetUpper());
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            low = AdvSimd.Arm64.ZipLow(a.AsUInt32(), b.AsUInt32()).As<uint, T>();
            high = AdvSimd.Arm64.ZipHigh(a.AsUInt32(), b.AsUInt32()).As<uint, T>();
        }
        else if (Sse2.IsSupported)
        {
            low = Sse2.UnpackLow(a.AsUInt32(), b.AsUInt32()).As<uint, T>();
            high = Sse2.UnpackHigh(a.AsUInt32(), b.AsUInt32()).As<uint, T>();
        }
        else
        {
            var odd = Vector128.Create(0u, uint.MaxValue, 0, uint.MaxValue);
            Vector128<uint> lower = Vector128.Create(0u, 0, 1, 1), upper = Vector128.Create(2u, 2, 3, 3), x = a.AsUInt32(), y = b.AsUInt32();
            low = Vector128.ConditionalSelect(odd, Vector128.Shuffle(y, lower), Vector128.Shuffle(x, lower)).As<uint, T>();
            high = Vector128.ConditionalSelect(odd, Vector128.Shuffle(y, upper), Vector128.Shuffle(x, upper)).As<uint, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Even<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged =>
        sizeof(T) == sizeof(uint)
            ? Avx512F.PermuteVar16x32x2(a.AsUInt32(), Vector512<uint>.Indices << 1, b.AsUInt32()).As<uint, T>()
            : Avx512F.PermuteVar8x64x2(a.AsUInt64(), Vector512<ulong>.Indices << 1, b.AsUInt64()).As<ulong, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Even<T>(Vector256<T> a, Vector256<T> b)
        where T : unmanaged
    {
        // Within each half lanes of a come first: the two quarters in the middle trade places.
        Vector256<double> halves = sizeof(T) == sizeof(uint)
            ? Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0b10_00_10_00).AsDouble()
            : Avx.UnpackLow(a.AsDouble(), b.AsDouble());
        return Avx2.Permute4x64(halves, 0b11_01_10_00).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Even<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(ulong))
            return Vector128.Create(a.GetLower(), b.GetLower());
        Vector128<uint> front = Vector128.Shuffle(a.AsUInt32(), Vector128.Create(0u, 2, 0, 2));
        return Vector128.Create(front.GetLower(), Vector128.Shuffle(b.AsUInt32(), Vector128.Create(0u, 2, 0, 2)).GetLower()).As<uint, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Odd<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged =>
        sizeof(T) == sizeof(uint)
            ? Avx512F.PermuteVar16x32x2(a.AsUInt32(), (Vector512<uint>.Indices << 1) + Vector512<uint>.One, b.AsUInt32()).As<uint, T>()
            : Avx512F.PermuteVar8x64x2(a.AsUInt64(), (Vector512<ulong>.Indices << 1) + Vector512<ulong>.One, b.AsUInt64()).As<ulong, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Odd<T>(Vector256<T> a, Vector256<T> b)
        where T : unmanaged
    {
        Vector256<double> halves = sizeof(T) == sizeof(uint)
            ? Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0b11_01_11_01).AsDouble()
            : Avx.UnpackHigh(a.AsDouble(), b.AsDouble());
        return Avx2.Permute4x64(halves, 0b11_01_10_00).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Odd<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(ulong))
            return Vector128.Create(a.GetUpper(), b.GetUpper());
        Vector128<uint> front = Vector128.Shuffle(a.AsUInt32(), Vector128.Create(1u, 3, 1, 3));
        return Vector128.Create(front.GetLower(), Vector128.Shuffle(b.AsUInt32(), Vector128.Create(1u, 3, 1, 3)).GetLower()).As<uint, T>();
    }
}

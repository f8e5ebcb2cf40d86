using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Elements of one or two bytes in and out of wider lanes. Compiled kernels call these; the JIT makes one or two instructions of each.</summary>
public static unsafe partial class NarrowMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Half512(byte* source) => Vector256.Load(source).ToVector512Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Half256(byte* source) => Vector128.Load(source).ToVector256Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Half128(byte* source) => Vector128.CreateScalarUnsafe(*(ulong*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Quarter512(byte* source) => Half256(source).ToVector512Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Quarter256(byte* source) => Half128(source).ToVector256Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Quarter128(byte* source) => Vector128.CreateScalarUnsafe(*(uint*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Eighth512(byte* source) => Quarter256(source).ToVector512Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Eighth256(byte* source) => Quarter128(source).ToVector256Unsafe();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Eighth128(byte* source) => Vector128.CreateScalarUnsafe(*(ushort*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector512<byte> value, byte* target) => value.GetLower().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector256<byte> value, byte* target) => value.GetLower().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector128<byte> value, byte* target) => *(ulong*)target = value.AsUInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarter(Vector512<byte> value, byte* target) => StoreHalf(value.GetLower(), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarter(Vector256<byte> value, byte* target) => StoreHalf(value.GetLower(), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarter(Vector128<byte> value, byte* target) => *(uint*)target = value.AsUInt32().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEighth(Vector512<byte> value, byte* target) => StoreQuarter(value.GetLower(), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEighth(Vector256<byte> value, byte* target) => StoreQuarter(value.GetLower(), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEighth(Vector128<byte> value, byte* target) => *(ushort*)target = value.AsUInt16().ToScalar();
}

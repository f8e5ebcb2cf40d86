using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

// This file is the pattern of three: the build makes the 256- and 128-bit siblings of it by replacing the width.

public static unsafe partial class NarrowMemory
{
    /// <summary>Bytes as lanes of 32 bits, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512Byte(byte* source) =>
        Vector512.WidenLower(Vector512.WidenLower(Quarter512(source))).AsSingle();

    /// <summary>Bytes as lanes of 32 bits, sign-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512SByte(byte* source) =>
        Vector512.WidenLower(Vector512.WidenLower(Quarter512(source).AsSByte())).AsSingle();

    /// <summary>Pairs of bytes as lanes of 32 bits, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512UInt16(byte* source) => Vector512.WidenLower(Half512(source).AsUInt16()).AsSingle();

    /// <summary>Pairs of bytes as lanes of 32 bits, sign-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512Int16(byte* source) => Vector512.WidenLower(Half512(source).AsInt16()).AsSingle();

    /// <summary>Bytes as lanes of 64 bits, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load512ByteWide(byte* source) =>
        Vector512.WidenLower(Vector512.WidenLower(Vector512.WidenLower(Eighth512(source)))).AsDouble();

    /// <summary>The low bytes of lanes of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store512Byte(Vector512<float> value, byte* target)
    {
        Vector512<ushort> pairs = Vector512.Narrow(value.AsUInt32(), Vector512<uint>.Zero);
        StoreQuarter(Vector512.Narrow(pairs, Vector512<ushort>.Zero), target);
    }

    /// <summary>The low pairs of bytes of lanes of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store512Int16(Vector512<float> value, byte* target) =>
        StoreHalf(Vector512.Narrow(value.AsUInt32(), Vector512<uint>.Zero).AsByte(), target);

    /// <summary>The low bytes of lanes of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store512ByteWide(Vector512<double> value, byte* target)
    {
        Vector512<uint> words = Vector512.Narrow(value.AsUInt64(), Vector512<ulong>.Zero);
        Vector512<ushort> pairs = Vector512.Narrow(words, Vector512<uint>.Zero);
        StoreEighth(Vector512.Narrow(pairs, Vector512<ushort>.Zero), target);
    }
}

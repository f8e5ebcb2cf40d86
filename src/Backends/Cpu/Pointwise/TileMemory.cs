using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Elements on their way between memory and the lanes of a tile.</summary>
internal static unsafe class TileMemory
{
    /// <summary>Elements of a narrow storage dtype as lanes, sign- or zero-extended. Reads and writes in sixteens.</summary>
    public static void Widen(Dtype storage, bool isWide, byte* source, byte* target, int lanes)
    {
        switch (storage.Tag)
        {
            case Dtype.Tags.Bool when isWide:
                for (int i = 0; i < lanes; i++)
                    ((long*)target)[i] = source[i];
                break;
            case Dtype.Tags.Bool or Dtype.Tags.UInt8:
                WidenBytes(source, (uint*)target, lanes);
                break;
            case Dtype.Tags.Int8:
                WidenBytes((sbyte*)source, (int*)target, lanes);
                break;
            case Dtype.Tags.Int16:
                WidenHalves((short*)source, (int*)target, lanes);
                break;
            default:
                WidenHalves((ushort*)source, (uint*)target, lanes);
                break;
        }
    }

    /// <summary>The low bytes of lanes as elements of one or two bytes. Writes no more than the lanes asked for.</summary>
    public static void Narrow(byte* source, bool isWide, byte* target, int size, int lanes)
    {
        if (isWide)
        {
            for (int i = 0; i < lanes; i++)
                target[i] = (byte)((long*)source)[i];
        }
        else if (size == 1)
        {
            NarrowToBytes((int*)source, target, lanes);
        }
        else
        {
            NarrowToHalves((int*)source, (short*)target, lanes);
        }
    }

    /// <summary>One element over and over.</summary>
    public static void Fill(byte* source, byte* target, int size, int count)
    {
        switch (size)
        {
            case 1:
                new Span<byte>(target, count).Fill(*source);
                break;
            case 2:
                new Span<short>(target, count).Fill(Unsafe.ReadUnaligned<short>(source));
                break;
            case 4:
                new Span<int>(target, count).Fill(Unsafe.ReadUnaligned<int>(source));
                break;
            default:
                new Span<long>(target, count).Fill(Unsafe.ReadUnaligned<long>(source));
                break;
        }
    }

    /// <summary>Complex numbers, each of two elements of four or eight bytes, from their parts.</summary>
    public static void Interleave(byte* real, byte* imaginary, byte* target, int size, int count)
    {
        if (size == sizeof(float))
            Interleave((uint*)real, (uint*)imaginary, (ulong*)target, count);
        else
            Interleave((double*)real, (double*)imaginary, (double*)target, count);
    }

    /// <summary>One part of complex numbers: every second element, none read past the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EverySecond(uint* source, uint* target, int count)
    {
        int i = 0;
        // A pair whose first element is the last one is read alone.
        for (; i + 8 < count; i += 8)
            Vector256.Narrow(Vector256.Load((ulong*)(source + 2 * i)), Vector256.Load((ulong*)(source + 2 * i + 8))).Store(target + i);
        for (; i < count; i++)
            target[i] = source[2 * i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleave(uint* real, uint* imaginary, ulong* target, int count)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            (Vector256<ulong> low, Vector256<ulong> high) = Vector256.Widen(Vector256.Load(real + i));
            (Vector256<ulong> lowAbove, Vector256<ulong> highAbove) = Vector256.Widen(Vector256.Load(imaginary + i));
            (low | lowAbove << 32).Store(target + i);
            (high | highAbove << 32).Store(target + i + 4);
        }
        for (; i < count; i++)
            target[i] = real[i] | (ulong)imaginary[i] << 32;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleave(double* real, double* imaginary, double* target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            target[2 * i] = real[i];
            target[2 * i + 1] = imaginary[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenBytes(byte* source, uint* target, int lanes)
    {
        for (int i = 0; i < lanes; i += 16)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(source + i));
            Vector128.WidenLower(low).Store(target + i);
            Vector128.WidenUpper(low).Store(target + i + 4);
            Vector128.WidenLower(high).Store(target + i + 8);
            Vector128.WidenUpper(high).Store(target + i + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenBytes(sbyte* source, int* target, int lanes)
    {
        for (int i = 0; i < lanes; i += 16)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(source + i));
            Vector128.WidenLower(low).Store(target + i);
            Vector128.WidenUpper(low).Store(target + i + 4);
            Vector128.WidenLower(high).Store(target + i + 8);
            Vector128.WidenUpper(high).Store(target + i + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenHalves(ushort* source, uint* target, int lanes)
    {
        for (int i = 0; i < lanes; i += 16)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(source + i));
            low.Store(target + i);
            high.Store(target + i + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenHalves(short* source, int* target, int lanes)
    {
        for (int i = 0; i < lanes; i += 16)
        {
            (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.Load(source + i));
            low.Store(target + i);
            high.Store(target + i + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NarrowToBytes(int* source, byte* target, int lanes)
    {
        int i = 0;
        for (; i + 16 <= lanes; i += 16)
        {
            Vector256<short> low = Vector256.Narrow(Vector256.Load(source + i), Vector256.Load(source + i + 8));
            Vector128.Narrow(low.GetLower(), low.GetUpper()).Store((sbyte*)target + i);
        }
        for (; i < lanes; i++)
            target[i] = (byte)source[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NarrowToHalves(int* source, short* target, int lanes)
    {
        int i = 0;
        for (; i + 16 <= lanes; i += 16)
            Vector256.Narrow(Vector256.Load(source + i), Vector256.Load(source + i + 8)).Store(target + i);
        for (; i < lanes; i++)
            target[i] = (short)source[i];
    }
}

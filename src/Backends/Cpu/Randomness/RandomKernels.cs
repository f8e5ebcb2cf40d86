using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Makes elements of words.</summary>
internal unsafe interface IRandomKernel<T>
    where T : unmanaged
{
    /// <summary>Words that one element takes.</summary>
    static abstract int WordsPerElement { get; }

    /// <summary>Makes <paramref name="count"/> elements; an odd last one has a partner in the words all the same.</summary>
    static abstract void Make(uint* words, T* result, int count);
}

/// <summary>What <see cref="BoxMuller"/> has to know of a dtype.</summary>
internal unsafe interface INormalKernel<T> : IRandomKernel<T>
    where T : unmanaged
{
    /// <summary>The uniform numbers of eight pairs of elements: the first of each, and the second.</summary>
    static abstract void Uniforms(uint* words, out Vector512<double> first, out Vector512<double> second);

    /// <summary>Rounds and stores eight pairs.</summary>
    static abstract void Store(Vector512<double> first, Vector512<double> second, T* result);
}

internal readonly unsafe struct Bits32 : IRandomKernel<uint>
{
    public static int WordsPerElement => 1;

    public static void Make(uint* words, uint* result, int count) =>
        new ReadOnlySpan<uint>(words, count).CopyTo(new Span<uint>(result, count));
}

internal readonly unsafe struct Bits64 : IRandomKernel<ulong>
{
    public static int WordsPerElement => 2;

    public static void Make(uint* words, ulong* result, int count)
    {
        for (int i = 0; i < count; i++)
            result[i] = words[2 * i] | (ulong)words[2 * i + 1] << 32;
    }
}

/// <summary>[0, 1) in steps of 2^-24.</summary>
internal readonly unsafe struct Uniform32 : IRandomKernel<float>
{
    public static int WordsPerElement => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Make(uint* words, float* result, int count)
    {
        for (int i = 0; i < count; i++)
            result[i] = (int)(words[i] >> 8) * (1f / (1 << 24));
    }
}

/// <summary>[0, 1) in steps of 2^-11, which float16 holds exactly.</summary>
internal readonly unsafe struct UniformHalf : IRandomKernel<Half>
{
    public static int WordsPerElement => 1;

    public static void Make(uint* words, Half* result, int count)
    {
        for (int i = 0; i < count; i++)
            result[i] = (Half)((words[i] >> 21) * (1f / (1 << 11)));
    }
}

/// <summary>[0, 1) in steps of 2^-8, which bfloat16 holds exactly: the upper half of a float32.</summary>
internal readonly unsafe struct UniformBFloat16 : IRandomKernel<ushort>
{
    public static int WordsPerElement => 1;

    public static void Make(uint* words, ushort* result, int count)
    {
        for (int i = 0; i < count; i++)
            result[i] = (ushort)(BitConverter.SingleToUInt32Bits((words[i] >> 24) * (1f / (1 << 8))) >> 16);
    }
}

/// <summary>[0, 1) in steps of 2^-53.</summary>
internal readonly unsafe struct Uniform64 : IRandomKernel<double>
{
    public static int WordsPerElement => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Make(uint* words, double* result, int count)
    {
        for (int i = 0; i < count; i++)
            result[i] = Of(words + 2 * i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(uint* words) => (long)(((ulong)words[0] << 32 | words[1]) >> 11) * (1.0 / (1L << 53));
}

/// <summary>Standard normal numbers by Box and Muller, from pairs of uniform float32.</summary>
internal readonly unsafe struct Normal32 : INormalKernel<float>
{
    public static int WordsPerElement => 1;

    public static void Make(uint* words, float* result, int count) => BoxMuller.Fill<float, Normal32>(words, result, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Uniforms(uint* words, out Vector512<double> first, out Vector512<double> second)
    {
        Vector512<ulong> pairs = Vector512.Load((ulong*)words);
        first = Fraction((pairs >>> 8) & Vector512.Create((1UL << 24) - 1));
        second = Fraction(pairs >>> 40);
    }

    /// <summary>Integers below 2^24 as multiples of 2^-24: as the last bits of 2^52 they are numbers already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Fraction(Vector512<ulong> value)
    {
        Vector512<double> large = Vector512.Create((double)(1L << 52));
        return ((value | large.AsUInt64()).AsDouble() - large) * Vector512.Create(1.0 / (1 << 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> first, Vector512<double> second, float* result)
    {
        // Eight floats each, then the second ones between the first.
        Vector512<float> rounded = Vector512.Narrow(first, second);
        Vector512<ulong> low = Vector512.WidenLower(rounded.AsUInt32()), high = Vector512.WidenUpper(rounded.AsUInt32());
        (low | high << 32).AsSingle().Store(result);
    }
}

/// <summary>Standard normal numbers by Box and Muller, from pairs of uniform float64.</summary>
internal readonly unsafe struct Normal64 : INormalKernel<double>
{
    public static int WordsPerElement => 2;

    public static void Make(uint* words, double* result, int count) => BoxMuller.Fill<double, Normal64>(words, result, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Uniforms(uint* words, out Vector512<double> first, out Vector512<double> second)
    {
        double* room = stackalloc double[2 * Vector512<double>.Count];
        for (int pair = 0; pair < Vector512<double>.Count; pair++)
        {
            room[pair] = Uniform64.Of(words + 4 * pair);
            room[Vector512<double>.Count + pair] = Uniform64.Of(words + 4 * pair + 2);
        }
        first = Vector512.Load(room);
        second = Vector512.Load(room + Vector512<double>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> first, Vector512<double> second, double* result)
    {
        for (int pair = 0; pair < Vector512<double>.Count; pair++)
        {
            result[2 * pair] = first[pair];
            result[2 * pair + 1] = second[pair];
        }
    }
}

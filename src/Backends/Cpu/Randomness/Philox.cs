using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Four 32-bit words that a key and a counter determine: Philox 4x32 with 10 rounds, Salmon et al. 2011.</summary>
internal static unsafe class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    // Blocks side by side, one in each 64-bit lane, whose upper half is zero.
    private static int Lanes => Vector512<ulong>.Count;

    /// <summary>Writes the words of blocks first to first + count - 1, counter (block, 0, 0, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(ulong key, uint first, int count, uint* words)
    {
        ulong* last = stackalloc ulong[2 * Lanes];
        for (int block = 0; block < count; block += Lanes)
        {
            int here = Math.Min(Lanes, count - block);
            ulong* target = (ulong*)(words + 4L * block);
            Blocks(key, first + (uint)block, here == Lanes ? target : last);
            if (here < Lanes)
                new ReadOnlySpan<ulong>(last, 2 * here).CopyTo(new Span<ulong>(target, 2 * here));
        }
    }

    /// <summary>The words of eight blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks(ulong key, uint first, ulong* target)
    {
        Vector512<ulong> low = Vector512.Create((ulong)uint.MaxValue);
        Vector512<ulong> multiplier0 = Vector512.Create((ulong)Multiplier0);
        Vector512<ulong> multiplier1 = Vector512.Create((ulong)Multiplier1);
        Vector512<ulong> a = (Vector512<ulong>.Indices + Vector512.Create((ulong)first)) & low;
        Vector512<ulong> b = Vector512<ulong>.Zero, c = b, d = b;
        uint key0 = (uint)key;
        uint key1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector512<ulong> product0 = multiplier0 * a;
            Vector512<ulong> product1 = multiplier1 * c;
            a = product1 >>> 32 ^ b ^ Vector512.Create((ulong)key0);
            b = product1 & low;
            c = product0 >>> 32 ^ d ^ Vector512.Create((ulong)key1);
            d = product0 & low;
            key0 += Weyl0;
            key1 += Weyl1;
        }
        Interleave(a | b << 32, c | d << 32, target);
    }

    /// <summary>Words 0 and 1 of every block, and words 2 and 3 beside them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector512<ulong> front, Vector512<ulong> back, ulong* target)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.PermuteVar8x64x2(front, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), back).Store(target);
            Avx512F.PermuteVar8x64x2(front, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), back).Store(target + Lanes);
            return;
        }
        for (int lane = 0; lane < Lanes; lane++)
        {
            target[2 * lane] = front[lane];
            target[2 * lane + 1] = back[lane];
        }
    }
}

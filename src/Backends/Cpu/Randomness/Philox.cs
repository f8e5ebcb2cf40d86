using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        ulong* pairs = stackalloc ulong[2 * Lanes];
        for (int block = 0; block < count; block += Lanes)
        {
            Blocks(key, first + (uint)block, pairs);
            int here = Math.Min(Lanes, count - block);
            ulong* target = (ulong*)(words + 4L * block);
            for (int lane = 0; lane < here; lane++)
            {
                target[2 * lane] = pairs[lane];
                target[2 * lane + 1] = pairs[Lanes + lane];
            }
        }
    }

    /// <summary>Words 0 and 1 of every lane's block, then words 2 and 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks(ulong key, uint first, ulong* pairs)
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
        (a | b << 32).Store(pairs);
        (c | d << 32).Store(pairs + Lanes);
    }
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Four 32-bit words that a key and a counter determine: Philox 4x32 with 10 rounds, Salmon et al. 2011.</summary>
internal static unsafe class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Writes the words of blocks first to first + count - 1, counter (block, 0, 0, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(ulong key, uint first, int count, uint* words)
    {
        for (int block = 0; block < count; block++, words += 4)
        {
            uint key0 = (uint)key;
            uint key1 = (uint)(key >> 32);
            uint a = first + (uint)block, b = 0, c = 0, d = 0;
            for (int round = 0; round < Rounds; round++)
            {
                ulong product0 = (ulong)Multiplier0 * a;
                ulong product1 = (ulong)Multiplier1 * c;
                a = (uint)(product1 >> 32) ^ b ^ key0;
                b = (uint)product1;
                c = (uint)(product0 >> 32) ^ d ^ key1;
                d = (uint)product0;
                key0 += Weyl0;
                key1 += Weyl1;
            }
            words[0] = a;
            words[1] = b;
            words[2] = c;
            words[3] = d;
        }
    }
}

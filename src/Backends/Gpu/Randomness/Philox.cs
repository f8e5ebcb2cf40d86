namespace Functional.Gpu;

/// <summary>The four words of a block, by Philox 4x32 with 10 rounds (Salmon et al. 2011).</summary>
internal readonly struct Philox
{
    public readonly uint W0, W1, W2, W3;

    /// <summary>The block of a counter (block, 0, 0, 0) under a key.</summary>
    public Philox(ulong key, uint block)
    {
        uint a = block;
        uint b = 0u;
        uint c = 0u;
        uint d = 0u;
        uint key0 = (uint)key;
        uint key1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong first = 0xD2511F53ul * a;
            ulong second = 0xCD9E8D57ul * c;
            a = (uint)(second >> 32) ^ b ^ key0;
            b = (uint)second;
            c = (uint)(first >> 32) ^ d ^ key1;
            d = (uint)first;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }
        (W0, W1, W2, W3) = (a, b, c, d);
    }

    /// <summary>Word 0 to 3.</summary>
    public uint Word(int index) => index == 0 ? W0 : index == 1 ? W1 : index == 2 ? W2 : W3;

    /// <summary>Words 2 i and 2 i + 1, the first the lower half.</summary>
    public ulong Pair(int i) => i == 0 ? W0 | (ulong)W1 << 32 : W2 | (ulong)W3 << 32;

    /// <summary>Number i of two in [0, 1), in steps of 2^-53; the first of its words is the higher.</summary>
    public double Uniform(int i)
    {
        ulong bits = i == 0 ? (ulong)W0 << 32 | W1 : (ulong)W2 << 32 | W3;
        return (double)(long)(bits >> 11) * (1.0 / (1L << 53));
    }
}

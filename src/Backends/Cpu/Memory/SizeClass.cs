using System.Numerics;

namespace Functional.Cpu;

/// <summary>Sizes of pooled blocks: four to an octave, all multiples of 64 bytes, at most a fifth of a block unused.</summary>
internal static class SizeClass
{
    /// <summary>Blocks are padded to this, so that a kernel over contiguous elements may finish its last vector.</summary>
    public const int Unit = 64;

    /// <summary>Classes 0 to 3 hold 1 to 4 units; the next ones 5, 6, 7, 8 units, then 10, 12, 14, 16, and so on.</summary>
    public const int Count = 4 * 40;

    public static int Of(long bytes)
    {
        long units = Math.Max(1, (bytes + Unit - 1) / Unit);
        if (units <= 4)
            return (int)units - 1;
        int octave = BitOperations.Log2((ulong)(units - 1)) - 2;
        int quarter = (int)((units + (1L << octave) - 1) >> octave);
        return 4 * octave + quarter - 1;
    }

    public static long Bytes(int sizeClass)
    {
        if (sizeClass < 4)
            return (sizeClass + 1L) * Unit;
        int octave = (sizeClass - 4) / 4;
        return ((sizeClass - 4) % 4 + 5L) * Unit << octave;
    }
}

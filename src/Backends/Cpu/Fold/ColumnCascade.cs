using System.Numerics;

namespace Functional.Cpu;

/// <summary>
/// Sums of columns over many rows, put together like the digits of a binary counter: slot k holds the sum of 2^k blocks of rows, or
/// nothing. A sum over n rows rounds about 32 + log n times, whatever n is.
/// </summary>
internal unsafe ref struct ColumnCascade<S, V, T>(T* room, int width)
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    private uint blocks;

    private readonly int Free => BitOperations.TrailingZeroCount(~blocks);

    /// <summary>Where the sums of the next block go.</summary>
    public readonly T* Next() => room + (long)Free * width;

    /// <summary>Takes what lies at <see cref="Next"/>.</summary>
    public void Close()
    {
        T* block = Next();
        for (int lower = Free - 1; lower >= 0; lower--)
            RowMerge.Run<S, V, T, SumFold<T>>(room + (long)lower * width, block, width);
        blocks++;
    }

    /// <summary>The sum of all blocks; zeros where there was none.</summary>
    public readonly void Total(T* target)
    {
        new Span<T>(target, width).Clear();
        for (int slot = 0; blocks >> slot != 0; slot++)
        {
            if ((blocks >> slot & 1) != 0)
                RowMerge.Run<S, V, T, SumFold<T>>(room + (long)slot * width, target, width);
        }
    }
}

internal static class ColumnCascade
{
    /// <summary>Rows of a block, which are added up one after the other.</summary>
    public const int BlockRows = 32;

    /// <summary>Slots that sums over so many rows need.</summary>
    public static int Levels(long rows) => BitOperations.Log2((ulong)(rows / BlockRows + 1)) + 2;
}

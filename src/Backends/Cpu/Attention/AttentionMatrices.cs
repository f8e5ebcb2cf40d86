using System.Numerics;

namespace Functional.Cpu;

/// <summary>The operands of one attention: queries look at keys and pick among values. A mask without data is none.</summary>
internal readonly unsafe struct AttentionMatrices<T>(
    int queries, int keys, int width, int depth, Strided<T> query, Strided<T> key, Strided<T> values, Strided<T> mask, bool isCausal, T scale)
    where T : unmanaged, INumber<T>
{
    /// <summary>Rows of scores worked on at once: enough to be worth packing a block of keys.</summary>
    public const int BlockRows = 128;

    /// <summary>Columns of scores worked on at once; with BlockRows they stay in the middle cache.</summary>
    public const int BlockColumns = 256;

    public readonly int Queries = queries, Keys = keys, Width = width, Depth = depth;
    public readonly Strided<T> Query = query, Key = key, Values = values, Mask = mask;
    public readonly bool IsCausal = isCausal;
    public readonly T Scale = scale;

    /// <summary>How many keys the queries before <paramref name="end"/> see.</summary>
    public int Seen(int end) => IsCausal ? Math.Min(Keys, end) : Keys;
}

/// <summary>Many attentions of one shape, and where the matrices of each begin: four offsets for each, relative to the first.</summary>
internal readonly unsafe struct AttentionBatch<T>(int count, AttentionMatrices<T> first, nint* offsets)
    where T : unmanaged, INumber<T>
{
    public readonly int Count = count;
    public readonly AttentionMatrices<T> First = first;

    public AttentionMatrices<T> this[int index]
    {
        get
        {
            nint* own = offsets + 4 * index;
            return new(
                First.Queries, First.Keys, First.Width, First.Depth, Moved(First.Query, own[0]), Moved(First.Key, own[1]), Moved(First.Values, own[2]),
                First.Mask.Data == null ? First.Mask : Moved(First.Mask, own[3]), First.IsCausal, First.Scale);
        }
    }

    private static Strided<T> Moved(Strided<T> matrix, nint offset) => new(matrix.Data + offset, matrix.Row, matrix.Column);
}

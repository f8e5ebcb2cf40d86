using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A block of scores at a time, with what is known of the rows so far.</summary>
internal readonly unsafe ref struct AttentionScores<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    private const int Pitch = AttentionMatrices<T>.BlockColumns;

    private readonly AttentionMatrices<T> matrices;
    private readonly int first;
    private readonly int height;
    private readonly T* query;

    /// <summary>[height, BlockColumns]: scores, then whatever they become.</summary>
    public readonly T* Block;

    /// <summary>A second block of that shape, if asked for.</summary>
    public readonly T* Other;

    /// <summary>The largest score of each row so far.</summary>
    public readonly T* Top;

    /// <summary>The sum of exp(score - top) of each row so far.</summary>
    public readonly double* Sum;

    /// <summary>Takes the queries from <paramref name="first"/> on, times the scale.</summary>
    public AttentionScores(in AttentionMatrices<T> matrices, int first, int blocks)
    {
        this.matrices = matrices;
        this.first = first;
        height = Math.Min(AttentionMatrices<T>.BlockRows, matrices.Queries - first);
        nint rows = AttentionMatrices<T>.BlockRows;
        nint size = rows * (blocks * Pitch + matrices.Width + 1 + sizeof(double) / sizeof(T));
        Sum = (double*)ThreadScratch.Rent<T>(ScratchUse.Attention, size);
        Block = (T*)(Sum + rows);
        Other = Block + (blocks - 1) * rows * Pitch;
        Top = Other + rows * Pitch;
        query = Top + rows;
        for (int r = 0; r < height; r++)
        {
            Top[r] = AttentionRow<T>.Nothing;
            Sum[r] = 0;
            ScaledRow(matrices.Query.At(first + r, 0), matrices.Query.Column, query + (nint)r * matrices.Width, matrices.Width, matrices.Scale);
        }
    }

    /// <summary>The queries times the scale.</summary>
    public Strided<T> Scaled => new(query, matrices.Width, 1);

    /// <summary>The block as a matrix.</summary>
    public Strided<T> Matrix => new(Block, Pitch, 1);

    /// <summary>The other block as a matrix.</summary>
    public Strided<T> OtherMatrix => new(Other, Pitch, 1);

    /// <summary>The scores of keys j to j + width - 1.</summary>
    public void Fill(int j, int width)
    {
        MatrixProduct<T>.Run(height, width, matrices.Width, Scaled, matrices.Key.From(j, 0).Transposed, Block, Pitch, false);
        for (int r = 0; r < height; r++)
        {
            T* row = Block + r * Pitch;
            if (matrices.Mask.Data != null)
                AddRow(row, matrices.Mask.At(first + r, j), matrices.Mask.Column, width);
            if (matrices.IsCausal && first + r + 1 - j < width)
            {
                int from = Math.Max(0, first + r + 1 - j);
                new Span<T>(row + from, width - from).Fill(AttentionRow<T>.Nothing);
            }
        }
    }

    /// <summary>
    /// Counts a block of scores in. Row r's new top is known then; returned is what everything summed up to now has to be multiplied by.
    /// The scores become exp(score - top) if they are to stay.
    /// </summary>
    public T Count(int r, int width, bool keep)
    {
        T* row = Block + r * Pitch;
        T top = T.Max(Top[r], RunFold<S, V, T, MaximumFold<T>>.Fold(row, width));
        if (top == AttentionRow<T>.Nothing)
        {
            // Nothing seen yet, and nothing here.
            if (keep)
                new Span<T>(row, width).Clear();
            return T.One;
        }
        double factor = Math.Exp(double.CreateTruncating(Top[r] - top));
        Sum[r] = Sum[r] * factor + ShiftedExponentials<S, V, T>.Sum(row, keep ? row : null, width, top);
        Top[r] = top;
        return T.CreateTruncating(factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaledRow(T* source, nint step, T* target, int count, T scale)
    {
        if (step == 1)
            RowScale.Run<S, V, T>(source, target, count, T.Zero, scale, T.Zero);
        else
            for (int i = 0; i < count; i++)
                target[i] = source[i * step] * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(T* row, T* mask, nint step, int count)
    {
        int i = 0;
        if (step == 1)
            for (; i <= count - S.Count; i += S.Count)
                S.Store(S.Add(S.Load(row + i), S.Load(mask + i)), row + i);
        for (; i < count; i++)
            row[i] += mask[i * step];
    }
}

/// <summary>Constants of a row of scores.</summary>
internal static class AttentionRow<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    /// <summary>The score of what is not looked at.</summary>
    public static readonly T Nothing = T.CreateTruncating(double.NegativeInfinity);
}

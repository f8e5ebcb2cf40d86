using System.Numerics;

namespace Functional.Cpu;

/// <summary>
/// softmax(Q KT) V without the scores in memory: a block of queries walks over blocks of keys with a running maximum and a running sum,
/// by which what is gathered so far is corrected (Milakov and Gimelshein 2018; Dao et al. 2022).
/// </summary>
/// <remarks>Blocks of queries are shared out among threads; each goes over the keys in order, so results are the same for any number of them.</remarks>
internal readonly unsafe struct AttentionForward<T>(AttentionBatch<T> batch, T* result) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int blocks = Partition.Parts(batch.First.Queries, AttentionMatrices<T>.BlockRows);
        if (batch.Count * blocks > 0)
            WorkerPool.Run(batch.Count * blocks, new Blocks<S, V>(blocks, batch, result));
    }

    private readonly struct Blocks<S, V>(int blocks, AttentionBatch<T> batch, T* result) : IChunkAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(int chunk)
        {
            (int index, int block) = Math.DivRem(chunk, blocks);
            AttentionMatrices<T> own = batch[index];
            int first = block * AttentionMatrices<T>.BlockRows;
            Run<S, V>(own, first, result + ((nint)index * own.Queries + first) * own.Depth);
        }
    }

    private static void Run<S, V>(in AttentionMatrices<T> own, int first, T* result)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int height = Math.Min(AttentionMatrices<T>.BlockRows, own.Queries - first);
        int seen = own.Seen(first + height);
        int depth = own.Depth;
        if (seen == 0)
        {
            new Span<T>(result, height * depth).Clear();
            return;
        }
        var scores = new AttentionScores<S, V, T>(own, first, 1);
        for (int j = 0; j < seen; j += AttentionMatrices<T>.BlockColumns)
        {
            int width = Math.Min(AttentionMatrices<T>.BlockColumns, seen - j);
            scores.Fill(j, width);
            for (int r = 0; r < height; r++)
            {
                T factor = scores.Count(r, width, true);
                T* row = result + (nint)r * depth;
                if (j > 0 && factor != T.One)
                    RowScale.Run<S, V, T>(row, row, depth, T.Zero, factor, T.Zero);
            }
            MatrixProduct<T>.Run(height, depth, width, scores.Matrix, own.Values.From(j, 0), result, depth, j > 0);
        }
        for (int r = 0; r < height; r++)
        {
            T* row = result + (nint)r * depth;
            RowScale.Run<S, V, T>(row, row, depth, T.Zero, T.CreateTruncating(1 / scores.Sum[r]), T.Zero);
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The cotangents of queries, keys and values, from scores that are computed again block by block (Dao et al. 2022).</summary>
/// <remarks>Whole attentions are shared out among threads: keys and values gather from all queries, in order.</remarks>
internal readonly unsafe struct AttentionBackward<T>(
    AttentionBatch<T> batch, T* result, T* cotangent, T* toQuery, T* toKey, T* toValues) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        if (batch.Count > 0)
            WorkerPool.Run(batch.Count, new Whole<S, V>(batch, result, cotangent, toQuery, toKey, toValues));
    }

    private readonly struct Whole<S, V>(AttentionBatch<T> batch, T* result, T* cotangent, T* toQuery, T* toKey, T* toValues) : IChunkAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(int index)
        {
            AttentionMatrices<T> own = batch[index];
            nint queries = (nint)index * own.Queries, keys = (nint)index * own.Keys;
            T* key = toKey + keys * own.Width;
            T* values = toValues + keys * own.Depth;
            new Span<T>(key, own.Keys * own.Width).Clear();
            new Span<T>(values, own.Keys * own.Depth).Clear();
            for (int first = 0; first < own.Queries; first += AttentionMatrices<T>.BlockRows)
            {
                nint rows = queries + first;
                Block(own, first, result + rows * own.Depth, cotangent + rows * own.Depth, toQuery + rows * own.Width, key, values);
            }
        }

        private static void Block(in AttentionMatrices<T> own, int first, T* result, T* cotangent, T* toQuery, T* toKey, T* toValues)
        {
            const int step = AttentionMatrices<T>.BlockColumns;
            int height = Math.Min(AttentionMatrices<T>.BlockRows, own.Queries - first);
            int seen = own.Seen(first + height);
            int width = own.Width, depth = own.Depth;
            if (seen == 0)
            {
                new Span<T>(toQuery, height * width).Clear();
                return;
            }
            var scores = new AttentionScores<S, V, T>(own, first, 2);
            for (int j = 0; j < seen; j += step)
            {
                scores.Fill(j, Math.Min(step, seen - j));
                for (int r = 0; r < height; r++)
                    scores.Count(r, Math.Min(step, seen - j), false);
            }
            for (int r = 0; r < height; r++)
                scores.Top[r] += T.CreateTruncating(Math.Log(scores.Sum[r]));
            var along = new Strided<T>(cotangent, depth, 1);
            for (int j = 0; j < seen; j += step)
            {
                int columns = Math.Min(step, seen - j);
                // A single block of scores is still there.
                if (seen > step)
                    scores.Fill(j, columns);
                for (int r = 0; r < height; r++)
                    ShiftedExponentials<S, V, T>.Sum(scores.Block + r * step, scores.Block + r * step, columns, scores.Top[r]);
                MatrixProduct<T>.Run(columns, depth, height, scores.Matrix.Transposed, along, toValues + (nint)j * depth, depth, true);
                MatrixProduct<T>.Run(height, columns, depth, along, own.Values.From(j, 0).Transposed, scores.Other, step, false);
                for (int r = 0; r < height; r++)
                    Slope(scores.Block + r * step, scores.Other + r * step, columns, Inner(result + (nint)r * depth, cotangent + (nint)r * depth, depth));
                MatrixProduct<T>.Run(height, width, columns, scores.OtherMatrix, own.Key.From(j, 0), toQuery, width, j > 0);
                MatrixProduct<T>.Run(columns, width, height, scores.OtherMatrix.Transposed, scores.Scaled, toKey + (nint)j * width, width, true);
            }
            RowScale.Run<S, V, T>(toQuery, toQuery, height * width, T.Zero, own.Scale, T.Zero);
        }

        /// <summary>slopes = weights * (slopes - mean).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Slope(T* weights, T* slopes, int count, T mean)
        {
            V middle = S.Create(mean);
            int i = 0;
            for (; i <= count - S.Count; i += S.Count)
                S.Store(S.Multiply(S.Load(weights + i), S.Subtract(S.Load(slopes + i), middle)), slopes + i);
            for (; i < count; i++)
                slopes[i] = weights[i] * (slopes[i] - mean);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static T Inner(T* a, T* b, int count)
        {
            V sum = S.Create(T.Zero);
            int i = 0;
            for (; i <= count - S.Count; i += S.Count)
                sum = S.MultiplyAdd(S.Load(a + i), S.Load(b + i), sum);
            double rest = Total<S, V, T>.Of(sum);
            for (; i < count; i++)
                rest += double.CreateTruncating(a[i] * b[i]);
            return T.CreateTruncating(rest);
        }
    }
}

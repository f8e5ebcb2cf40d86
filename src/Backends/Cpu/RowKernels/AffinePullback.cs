using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// The cotangents of layer norm's source, weight and bias, everything read once: while a row's own cotangent is written, its share of
/// the columns' is added up.
/// </summary>
internal readonly unsafe struct AffinePullback<T>(
    double epsilon, T* source, T* weight, T* cotangent, T* result, T* ofWeight, T* ofBias, long rows, int count) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    // At most this many sums of columns are put together at the end.
    private const int Chunks = 64;

    // Of wide rows a few are work enough for a chunk.
    private const int WideColumns = 8192;
    private const int WideRows = 4;

    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        // The sums of the weight's columns and of the bias's lie side by side.
        int width = 2 * count;
        long least = count >= WideColumns ? WideRows : ColumnCascade.BlockRows;
        long enough = Math.Max(least, Math.Max((rows + Chunks - 1) / Chunks, Ranges.Grain / Math.Max(1, count)));
        long chunkRows = (enough + least - 1) / least * least;
        int chunks = (int)Math.Max(1, (rows + chunkRows - 1) / chunkRows);
        using var room = new Scratch<T>((long)width * chunks);
        bool stream = RowScale.Streams(result, rows, count);
        WorkerPool.Run(chunks, new Work<S, V>(this, room.Pointer, chunkRows, stream));
        RowMerge.All<S, V, T, SumFold<T>>(room.Pointer, chunks, width);
        new ReadOnlySpan<T>(room.Pointer, count).CopyTo(new Span<T>(ofWeight, count));
        new ReadOnlySpan<T>(room.Pointer + count, count).CopyTo(new Span<T>(ofBias, count));
    }

    private readonly struct Work<S, V>(AffinePullback<T> whole, T* partials, long chunkRows, bool stream) : IChunkAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(int chunk) => whole.Chunk<S, V>(
            chunk * chunkRows,
            Math.Min(whole.Rows, (chunk + 1) * chunkRows),
            partials + 2L * whole.Count * chunk,
            stream);
    }

    private long Rows => rows;

    private int Count => count;

    private void Chunk<S, V>(long start, long end, T* sums, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int width = 2 * count;
        using var room = new Scratch<T>((long)width * ColumnCascade.Levels(end - start));
        var cascade = new ColumnCascade<S, V, T>(room.Pointer, width);
        while (start < end)
        {
            T* block = cascade.Next();
            new Span<T>(block, width).Clear();
            for (long stop = Math.Min(end, start + ColumnCascade.BlockRows); start < stop; start++)
                Row<S, V>(start, block, block + count, stream);
            cascade.Close();
        }
        cascade.Total(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<S, V>(long row, T* weightSums, T* biasSums, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* x = source + row * count;
        T* c = cotangent + row * count;
        T* to = result + row * count;
        var slope = NormalizeSlope<T>.Of<S, V>(x, c, weight, epsilon, count);
        V middle = S.Create(slope.Estimate), a = S.Create(slope.Factor), b = S.Create(slope.Bend), e = S.Create(slope.Term);
        V offset = S.Create(slope.Offset);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            RowScale.Ahead(x + count + i, c + count + i, stream);
            V along = S.Load(c + i);
            V d = S.Subtract(S.Load(x + i), middle);
            S.Store(S.MultiplyAdd(along, S.MultiplyAdd(d, a, offset), S.Load(weightSums + i)), weightSums + i);
            S.Store(S.Add(along, S.Load(biasSums + i)), biasSums + i);
            V weighted = S.Multiply(along, S.Load(weight + i));
            RowScale.Put<S, V, T>(S.MultiplyAdd(weighted, a, S.MultiplyAdd(d, b, e)), to + i, stream);
        }
        for (; i < count; i++)
        {
            T d = x[i] - slope.Estimate;
            weightSums[i] += c[i] * (d * slope.Factor + slope.Offset);
            biasSums[i] += c[i];
            to[i] = c[i] * weight[i] * slope.Factor + (d * slope.Bend + slope.Term);
        }
    }
}

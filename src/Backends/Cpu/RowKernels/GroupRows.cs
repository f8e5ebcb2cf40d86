using System.Numerics;

namespace Functional.Cpu;

/// <summary>
/// Groups of channels as rows: a row holds <paramref name="Channels"/> channels of <paramref name="Positions"/> elements each, and
/// every <paramref name="Groups"/>-th row has the same channels.
/// </summary>
internal readonly record struct GroupShape(long Rows, int Groups, int Channels, int Positions)
{
    /// <summary>Elements of a row.</summary>
    public int Count => Channels * Positions;

    /// <summary>The number of a row's first channel.</summary>
    public int First(long row) => (int)(row % Groups) * Channels;

    /// <summary>Whether results of channels go past the caches.</summary>
    public unsafe bool Streams<T>(T* result, bool isCold)
        where T : unmanaged =>
        Positions * sizeof(T) % 64 == 0 && (nint)result % 64 == 0
        && RowScale.IsMuch(Rows * Count * sizeof(T), isCold);
}

/// <summary>Every row by its own mean and variance, then every channel times its weight plus its bias.</summary>
internal readonly unsafe struct GroupRows<T>(double epsilon, GroupShape shape, T* source, T* weight, T* bias, T* result, bool isCold)
    : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct =>
        Ranges.Run(shape.Rows, 2L * shape.Count, new Work<S, V>(this, shape.Streams(result, isCold)));

    private readonly struct Work<S, V>(GroupRows<T> whole, bool stream) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
                whole.Row<S, V>(start, stream);
        }
    }

    private void Row<S, V>(long row, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* from = source + row * shape.Count;
        T* to = result + row * shape.Count;
        T* factors = weight + shape.First(row), terms = bias + shape.First(row);
        var moments = RowMoments<T>.Of<S, V>(from, shape.Count);
        double scale = 1 / Math.Sqrt(moments.Variance + epsilon);
        if (shape.Positions == 1)
        {
            T factor = T.CreateTruncating(scale), term = T.CreateTruncating(-moments.Shift * scale);
            RowScale.RunColumns<S, V, T>(from, to, shape.Count, moments.Estimate, factor, term, factors, terms);
            return;
        }
        for (int k = 0; k < shape.Channels; k++)
        {
            double factor = scale * double.CreateTruncating(factors[k]);
            double term = double.CreateTruncating(terms[k]) - moments.Shift * factor;
            RowScale.Run<S, V, T>(
                from + (long)k * shape.Positions,
                to + (long)k * shape.Positions,
                shape.Positions,
                moments.Estimate,
                T.CreateTruncating(factor),
                T.CreateTruncating(term),
                stream);
        }
    }
}

/// <summary>
/// The cotangents of group norm's source, weight and bias: a row and its cotangent come from memory once. What every channel sums up
/// is folded over chunks of rows that only the shape decides.
/// </summary>
internal readonly unsafe struct GroupPullback<T>(
    double epsilon, GroupShape shape, T* source, T* weight, T* cotangent, T* result, T* ofWeight, T* ofBias, bool isCold) : IVectorAction<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    // At most so many sums of channels are put together at the end.
    private const int Chunks = 64;

    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int channels = shape.Groups * shape.Channels;
        long enough = Math.Max((shape.Rows + Chunks - 1) / Chunks, Ranges.Grain / Math.Max(1, shape.Count));
        // The sums take no more room than a few elements for each channel do.
        long chunkRows = Math.Max(1, Math.Max(enough, 4L * shape.Groups / Math.Max(1, shape.Positions)));
        int chunks = shape.Count == 0 ? 0 : (int)((shape.Rows + chunkRows - 1) / chunkRows);
        // The sums of a chunk lie side by side, those of the biases after those of the weights.
        using var room = new Scratch<double>(2L * channels * Math.Max(1, chunks));
        new Span<double>(room.Pointer, 2 * channels * chunks).Clear();
        WorkerPool.Run(chunks, new Work<S, V>(this, room.Pointer, chunkRows, shape.Streams(result, isCold)));
        for (int c = 0; c < channels; c++)
        {
            double toWeight = 0, toBias = 0;
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                double* sums = room.Pointer + 2L * channels * chunk;
                toWeight += sums[c];
                toBias += sums[channels + c];
            }
            ofWeight[c] = T.CreateTruncating(toWeight);
            ofBias[c] = T.CreateTruncating(toBias);
        }
    }

    private readonly struct Work<S, V>(GroupPullback<T> whole, double* sums, long chunkRows, bool stream) : IChunkAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(int chunk) => whole.Chunk<S, V>(chunk, chunkRows, sums, stream);
    }

    private void Chunk<S, V>(int chunk, long chunkRows, double* sums, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int channels = shape.Groups * shape.Channels;
        double* own = sums + 2L * channels * chunk;
        for (long row = chunk * chunkRows; row < Math.Min(shape.Rows, (chunk + 1) * chunkRows); row++)
            Row<S, V>(row, own + shape.First(row), own + channels + shape.First(row), stream);
    }

    private void Row<S, V>(long row, double* weightSums, double* biasSums, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* x = source + row * shape.Count;
        T* c = cotangent + row * shape.Count;
        T* to = result + row * shape.Count;
        T* factors = weight + shape.First(row);
        int positions = shape.Positions;
        var moments = RowMoments<T>.Of<S, V>(x, shape.Count);
        double scale = 1 / Math.Sqrt(moments.Variance + epsilon);
        double sum = 0, along = 0;
        for (int k = 0; k < shape.Channels; k++)
        {
            double factor = double.CreateTruncating(factors[k]);
            var (channelSum, channelAlong) =
                RowSums<S, V, T>.Weighted(c + (long)k * positions, null, x + (long)k * positions, moments.Estimate, positions);
            sum += factor * channelSum;
            along += factor * channelAlong;
            weightSums[k] += scale * (channelAlong - moments.Shift * channelSum);
            biasSums[k] += channelSum;
        }
        for (int k = 0; k < shape.Channels; k++)
        {
            var slope = NormalizeSlope<T>.Of(moments, scale, sum, along, shape.Count, double.CreateTruncating(factors[k]));
            slope.Write<S, V>(x + (long)k * positions, c + (long)k * positions, to + (long)k * positions, positions, stream);
        }
    }
}

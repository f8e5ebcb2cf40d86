using System.Numerics;
using System.Runtime.InteropServices;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <summary>How many sparse matrices stay on the device; a network resamples to a few sizes.</summary>
    private const int MostSparse = 64;

    /// <summary>Sparse matrices are constants of a program that makes them anew: those of equal entries go to the device once.</summary>
    private readonly Dictionary<SparseMatrix, SparseOnDevice> sparse = new(new EqualEntries());

    /// <summary>In the order they were sent in.</summary>
    private readonly Queue<SparseMatrix> sent = [];

    /// <inheritdoc/>
    public Buffer Mix(SparseMatrix matrix, View source, int axis)
    {
        View input = RowMajor(AtLeastOneDimension(source));
        int[] shape = [.. input.Shape];
        shape[axis] = matrix.Rows;
        GpuBuffer result = New(source.Dtype, ShapeModule.count(shape));
        if (result.Length > 0)
        {
            SparseOnDevice entries = OnDevice(matrix);
            ElementTypes.Real("mix", source.Dtype, new Mixing(this, matrix, entries, input, ShapeModule.count(shape[(axis + 1)..]), result));
        }
        return Finished(result, source, input);
    }

    private SparseOnDevice OnDevice(SparseMatrix matrix)
    {
        lock (sparse)
        {
            if (sparse.TryGetValue(matrix, out SparseOnDevice? known))
                return known;
            if (sent.Count == MostSparse)
                sparse.Remove(sent.Dequeue());
            sent.Enqueue(matrix);
            return sparse[matrix] = Send(matrix);
        }
    }

    private SparseOnDevice Send(SparseMatrix matrix)
    {
        int[] pattern = [.. matrix.Starts, .. matrix.Places];
        var onDevice = new SparseOnDevice(New(Dtype.Int32, pattern.Length), New(Dtype.Float64, Math.Max(1, matrix.Weights.Length)));
        Upload(MemoryMarshal.AsBytes(pattern.AsSpan()), onDevice.Pattern);
        Upload(MemoryMarshal.AsBytes(matrix.Weights.AsSpan()), onDevice.Weights);
        return onDevice;
    }

    /// <summary>A sparse matrix in the device's memory.</summary>
    private sealed record SparseOnDevice(GpuBuffer Pattern, GpuBuffer Weights);

    /// <summary>Matrices are equal whose entries are, bit by bit.</summary>
    private sealed class EqualEntries : IEqualityComparer<SparseMatrix>
    {
        public bool Equals(SparseMatrix? x, SparseMatrix? y) =>
            ReferenceEquals(x, y)
            || (x is not null && y is not null && x.Columns == y.Columns && x.Starts.AsSpan().SequenceEqual(y.Starts)
                && x.Places.AsSpan().SequenceEqual(y.Places) && Bits(x).SequenceEqual(Bits(y)));

        public int GetHashCode(SparseMatrix matrix)
        {
            var hash = new HashCode();
            hash.Add(matrix.Columns);
            hash.AddBytes(MemoryMarshal.AsBytes(matrix.Starts.AsSpan()));
            hash.AddBytes(MemoryMarshal.AsBytes(matrix.Places.AsSpan()));
            hash.AddBytes(MemoryMarshal.AsBytes(Bits(matrix)));
            return hash.ToHashCode();
        }

        private static ReadOnlySpan<long> Bits(SparseMatrix matrix) => MemoryMarshal.Cast<double, long>(matrix.Weights.AsSpan());
    }

    /// <summary>A sparse matrix applied, once the element type is known.</summary>
    private readonly struct Mixing(
        GpuBackend backend, SparseMatrix matrix, SparseOnDevice entries, View source, int inner, GpuBuffer result) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue> =>
            backend.Kernels.Launch("mix", result.Length, new MixKernel<TStored, TValue, TElement>
            {
                Source = backend.Elements<TStored>(source),
                Offset = source.Offset,
                Pattern = entries.Pattern.As<int>(),
                Weights = entries.Weights.As<double>(),
                Result = result.As<TStored>(),
                Count = result.Length,
                Rows = matrix.Rows,
                Columns = matrix.Columns,
                Inner = inner,
            });
    }
}

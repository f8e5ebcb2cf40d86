using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <summary>Sparse matrices are constants of the program: each goes to the device once.</summary>
    private readonly ConditionalWeakTable<SparseMatrix, SparseOnDevice> sparse = [];

    /// <inheritdoc/>
    public Buffer Mix(SparseMatrix matrix, View source, int axis)
    {
        View input = RowMajor(AtLeastOneDimension(source));
        int[] shape = [.. input.Shape];
        shape[axis] = matrix.Rows;
        GpuBuffer result = New(source.Dtype, ShapeModule.count(shape));
        if (result.Length > 0)
        {
            SparseOnDevice entries = sparse.GetValue(matrix, Send);
            ElementTypes.Real("mix", source.Dtype, new Mixing(this, matrix, entries, input, ShapeModule.count(shape[(axis + 1)..]), result));
        }
        return Finished(result, source, input);
    }

    private SparseOnDevice Send(SparseMatrix matrix)
    {
        int[] pattern = [.. matrix.Starts, .. matrix.Places];
        var sent = new SparseOnDevice(New(Dtype.Int32, pattern.Length), New(Dtype.Float64, Math.Max(1, matrix.Weights.Length)));
        Upload(MemoryMarshal.AsBytes(pattern.AsSpan()), sent.Pattern);
        Upload(MemoryMarshal.AsBytes(matrix.Weights.AsSpan()), sent.Weights);
        return sent;
    }

    /// <summary>A sparse matrix in the device's memory.</summary>
    private sealed record SparseOnDevice(GpuBuffer Pattern, GpuBuffer Weights);

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

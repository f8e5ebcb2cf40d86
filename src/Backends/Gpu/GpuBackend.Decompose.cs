using Functional.Contract.Dense;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    /// <remarks>Computed on the host in double precision: matrices are brought there and the result is brought back.</remarks>
    public Buffer Decompose(Decomposition? kind, View[] inputs)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var work = new DecompositionWork(kind, Array.ConvertAll(inputs, view => view.Shape));
        for (int i = 0; i < inputs.Length; i++)
        {
            View input = RowMajor(inputs[i]);
            var bytes = new byte[(long)ShapeModule.count(input.Shape) * DtypeModule.size(input.Dtype)];
            Download(input.Buffer, input.Offset, bytes);
            work.Load(i, input.Dtype, bytes);
            if (!ReferenceEquals(input.Buffer, inputs[i].Buffer))
                Own(input.Buffer).Release();
        }
        work.Prepare();
        Parallel.For(0, work.Batch, matrix => work.Run(matrix, matrix + 1));
        GpuBuffer result = New(DecompositionModule.dtype(kind, inputs[0].Dtype), ShapeModule.count(work.ResultShape));
        var values = new byte[result.ByteLength];
        work.Store(result.Dtype, values);
        Upload(values, result);
        return result;
    }
}

using Functional.Contract.Dense;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Decompose(Decomposition kind, View[] inputs)
    {
        var work = new DecompositionWork(kind, Array.ConvertAll(inputs, view => view.Shape));
        for (int i = 0; i < inputs.Length; i++)
        {
            using var input = RowMajor.Of(inputs[i]);
            CpuBuffer buffer = input.Buffer;
            int size = DtypeModule.size(buffer.Dtype);
            fixed (byte* data = buffer)
                work.Load(i, buffer.Dtype, new ReadOnlySpan<byte>(data + (nint)input.Offset * size, ShapeModule.count(inputs[i].Shape) * size));
            GC.KeepAlive(buffer);
        }
        work.Prepare();
        Ranges.Run(work.Batch, work.Cost, new DecomposeMatrices(work));
        var result = new CpuBuffer(DecompositionModule.dtype(kind, inputs[0].Dtype), ShapeModule.count(work.ResultShape));
        fixed (byte* data = result)
            work.Store(result.Dtype, new Span<byte>(data, (int)result.ByteLength));
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>Some matrices of a batch.</summary>
    private readonly struct DecomposeMatrices(DecompositionWork work) : IRangeAction
    {
        public void Invoke(long start, long end) => work.Run(start, end);
    }
}

using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Rows(RowKernel kernel, View source)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        var result = new CpuBuffer(wide.Dtype, ShapeModule.count(source.Shape));
        int count = source.Shape.Length == 0 ? 1 : source.Shape[^1];
        using var input = RowMajor.Of(wide);
        Elements.InvokeFloating(kernel.IsNormalizeRow ? "layer_norm" : "softmax", wide.Dtype, new RowWork(kernel, input, result, count));
        widened?.Release();
        return HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>A row kernel once its element type is known.</summary>
    private readonly struct RowWork(RowKernel kernel, RowMajor source, CpuBuffer result, int count) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer;
            long rows = count == 0 ? 0 : result.Length / count;
            fixed (byte* from = buffer, to = result)
            {
                T* input = (T*)from + source.Offset;
                if (kernel.IsSoftmax)
                    RowLoop.Run(input, (T*)to, rows, count, default(SoftmaxRow<T>));
                else if (kernel.IsLogSoftmax)
                    RowLoop.Run(input, (T*)to, rows, count, default(LogSoftmaxRow<T>));
                else
                    RowLoop.Run(input, (T*)to, rows, count, new NormalizeRow<T>(kernel.epsilon));
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }
    }
}

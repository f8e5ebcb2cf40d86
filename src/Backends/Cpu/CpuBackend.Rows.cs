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
                    RowLoop.Run(input, (T*)to, rows, count, new NormalizeRow<T>(kernel.epsilon, RowScale.Streams((T*)to, rows, count)));
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }
    }

    /// <inheritdoc/>
    public Buffer NormalizeRows(View source, double epsilon, View weight, View bias)
    {
        int count = source.Shape.Length == 0 ? 1 : source.Shape[^1];
        if (ShapeModule.count(weight.Shape) != count || ShapeModule.count(bias.Shape) != count)
            throw new ShapeException(
                $"Expected weight to be of same shape as normalized_shape, but got weight of shape {ShapeModule.format(weight.Shape)}, "
                + $"bias of shape {ShapeModule.format(bias.Shape)} and normalized_shape = [{count}]");
        View wide = HalfPrecision.Widen(source, out CpuBuffer? first);
        View wideWeight = HalfPrecision.Widen(weight, out CpuBuffer? second);
        View wideBias = HalfPrecision.Widen(bias, out CpuBuffer? third);
        var result = new CpuBuffer(wide.Dtype, ShapeModule.count(source.Shape));
        using var input = RowMajor.Of(wide);
        using var factors = RowMajor.Of(wideWeight);
        using var terms = RowMajor.Of(wideBias);
        Elements.InvokeFloating("layer_norm", wide.Dtype, new AffineRowWork(epsilon, input, factors, terms, result, count));
        first?.Release();
        second?.Release();
        third?.Release();
        return HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>Layer norm once its element type is known.</summary>
    private readonly struct AffineRowWork(
        double epsilon, RowMajor source, RowMajor weight, RowMajor bias, CpuBuffer result, int count) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer, factors = weight.Buffer, terms = bias.Buffer;
            fixed (byte* from = buffer, by = factors, plus = terms, to = result)
            {
                long rows = count == 0 ? 0 : result.Length / count;
                bool stream = RowScale.Streams((T*)to, rows, count);
                var kernel = new NormalizeRow<T>(epsilon, stream, (T*)by + weight.Offset, (T*)plus + bias.Offset);
                RowLoop.Run((T*)from + source.Offset, (T*)to, rows, count, kernel);
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(factors);
            GC.KeepAlive(terms);
            GC.KeepAlive(result);
        }
    }
}

using System.Numerics;
using Microsoft.FSharp.Core;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Rows(RowKernel kernel, View source)
    {
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(source.Shape));
        int count = source.Shape.Length == 0 ? 1 : source.Shape[^1];
        using var input = RowMajor.Of(source);
        if (HalfPrecision.Is(source.Dtype))
            HalvedRows(kernel, input, result, count);
        else
            Elements.InvokeFloating(kernel.IsNormalizeRow ? "layer_norm" : "softmax", source.Dtype, new RowWork(kernel, input, result, count));
        return result;
    }

    /// <summary>A row kernel in half precision.</summary>
    private static void HalvedRows(RowKernel kernel, RowMajor source, CpuBuffer result, int count)
    {
        CpuBuffer buffer = source.Buffer;
        bool brain = result.Dtype.IsBFloat16;
        long rows = count == 0 ? 0 : result.Length / count;
        fixed (byte* from = buffer, to = result)
        {
            ushort* input = (ushort*)from + source.Offset;
            if (kernel.IsSoftmax)
                RowLoop.RunHalves(brain, input, (ushort*)to, rows, count, default(SoftmaxRow<float>));
            else if (kernel.IsLogSoftmax)
                RowLoop.RunHalves(brain, input, (ushort*)to, rows, count, default(LogSoftmaxRow<float>));
            else
                RowLoop.RunHalves(brain, input, (ushort*)to, rows, count, new NormalizeRow<float>(kernel.epsilon));
        }
        GC.KeepAlive(buffer);
        GC.KeepAlive(result);
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
                    new NormalizeLoop<T>(kernel.epsilon, input, (T*)to, count, RowScale.Streams((T*)to, rows, count, result.IsCold)).Run(rows);
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
        View wideWeight = HalfPrecision.Widen(weight, out CpuBuffer? first);
        View wideBias = HalfPrecision.Widen(bias, out CpuBuffer? second);
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(source.Shape));
        using var input = RowMajor.Of(source);
        using var factors = RowMajor.Of(wideWeight);
        using var terms = RowMajor.Of(wideBias);
        Elements.InvokeFloating("layer_norm", wideWeight.Dtype, new AffineRowWork(epsilon, input, factors, terms, result, count));
        first?.Release();
        second?.Release();
        return result;
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
                if (HalfPrecision.Is(result.Dtype))
                {
                    var wide = new NormalizeRow<float>(epsilon, (float*)by + weight.Offset, (float*)plus + bias.Offset);
                    RowLoop.RunHalves(result.Dtype.IsBFloat16, (ushort*)from + source.Offset, (ushort*)to, rows, count, wide);
                }
                else
                {
                    bool stream = RowScale.Streams((T*)to, rows, count, result.IsCold);
                    T* factor = (T*)by + weight.Offset, term = (T*)plus + bias.Offset;
                    new NormalizeLoop<T>(epsilon, (T*)from + source.Offset, (T*)to, count, stream, factor, term).Run(rows);
                }
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(factors);
            GC.KeepAlive(terms);
            GC.KeepAlive(result);
        }
    }

    /// <inheritdoc/>
    public Buffer RowsPullback(RowKernel kernel, View point, View cotangent)
    {
        View wide = HalfPrecision.Widen(point, out CpuBuffer? first);
        View wideCotangent = HalfPrecision.Widen(cotangent, out CpuBuffer? second);
        var result = new CpuBuffer(wide.Dtype, ShapeModule.count(point.Shape));
        int count = point.Shape.Length == 0 ? 1 : point.Shape[^1];
        using var input = RowMajor.Of(wide);
        using var cotangents = RowMajor.Of(wideCotangent);
        string name = kernel.IsNormalizeRow ? "layer_norm_backward" : "softmax_backward";
        Elements.InvokeFloating(name, wide.Dtype, new PullbackWork(kernel, input, cotangents, result, count));
        first?.Release();
        second?.Release();
        return HalfPrecision.Narrow(result, point.Dtype);
    }

    /// <summary>The pullback of a row kernel once its element type is known.</summary>
    private readonly struct PullbackWork(RowKernel kernel, RowMajor point, RowMajor cotangent, CpuBuffer result, int count) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer points = point.Buffer, cotangents = cotangent.Buffer;
            long rows = count == 0 ? 0 : result.Length / count;
            fixed (byte* from = points, along = cotangents, to = result)
            {
                T* start = (T*)from + point.Offset;
                var place = new RowCotangent<T>(start, (T*)along + cotangent.Offset);
                if (kernel.IsSoftmax)
                    RowLoop.Run(start, (T*)to, rows, count, new SoftmaxPullback<T>(place));
                else if (kernel.IsLogSoftmax)
                    RowLoop.Run(start, (T*)to, rows, count, new LogSoftmaxPullback<T>(place));
                else
                    RowLoop.Run(start, (T*)to, rows, count, new NormalizePullback<T>(kernel.epsilon, place, RowScale.Streams((T*)to, rows, count, result.IsCold)));
            }
            GC.KeepAlive(points);
            GC.KeepAlive(cotangents);
            GC.KeepAlive(result);
        }
    }

    /// <inheritdoc/>
    public Buffer[] NormalizeRowsPullback(View source, double epsilon, View weight, View cotangent)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? first);
        View wideWeight = HalfPrecision.Widen(weight, out CpuBuffer? second);
        View wideCotangent = HalfPrecision.Widen(cotangent, out CpuBuffer? third);
        int count = source.Shape.Length == 0 ? 1 : source.Shape[^1];
        CpuBuffer[] results = [new(wide.Dtype, ShapeModule.count(source.Shape)), new(wide.Dtype, count), new(wide.Dtype, count)];
        using var input = RowMajor.Of(wide);
        using var factors = RowMajor.Of(wideWeight);
        using var cotangents = RowMajor.Of(wideCotangent);
        Elements.InvokeFloating("layer_norm_backward", wide.Dtype, new AffinePullbackWork(epsilon, input, factors, cotangents, results));
        first?.Release();
        second?.Release();
        third?.Release();
        return Array.ConvertAll(results, result => (Buffer)HalfPrecision.Narrow(result, source.Dtype));
    }

    /// <summary>The pullback of layer norm once its element type is known.</summary>
    private readonly struct AffinePullbackWork(
        double epsilon, RowMajor source, RowMajor weight, RowMajor cotangent, CpuBuffer[] results) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer points = source.Buffer, factors = weight.Buffer, cotangents = cotangent.Buffer;
            fixed (byte* from = points, by = factors, along = cotangents, to = results[0], toWeight = results[1], toBias = results[2])
            {
                int count = results[1].Length;
                long rows = count == 0 ? 0 : results[0].Length / count;
                Widest.Invoke<T, AffinePullback<T>>(new AffinePullback<T>(
                    epsilon,
                    (T*)from + source.Offset,
                    (T*)by + weight.Offset,
                    (T*)along + cotangent.Offset,
                    (T*)to,
                    (T*)toWeight,
                    (T*)toBias,
                    rows,
                    count));
            }
            GC.KeepAlive(points);
            GC.KeepAlive(factors);
            GC.KeepAlive(cotangents);
            GC.KeepAlive(results);
        }
    }
}

using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer NormalizeGroups(View source, int groups, double epsilon, View weight, View bias)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? first);
        View wideWeight = HalfPrecision.Widen(weight, out CpuBuffer? second);
        View wideBias = HalfPrecision.Widen(bias, out CpuBuffer? third);
        var result = new CpuBuffer(wide.Dtype, ShapeModule.count(source.Shape));
        using var input = RowMajor.Of(wide);
        using var factors = RowMajor.Of(wideWeight);
        using var terms = RowMajor.Of(wideBias);
        if (result.Length > 0)
        {
            GroupShape shape = Shape(source, groups);
            Elements.InvokeFloating("group_norm", wide.Dtype, new GroupWork(epsilon, shape, input, factors, terms, result));
        }
        first?.Release();
        second?.Release();
        third?.Release();
        return HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <inheritdoc/>
    public Buffer[] NormalizeGroupsPullback(View source, int groups, double epsilon, View weight, View cotangent)
    {
        View wide = HalfPrecision.Widen(source, out CpuBuffer? first);
        View wideWeight = HalfPrecision.Widen(weight, out CpuBuffer? second);
        View wideCotangent = HalfPrecision.Widen(cotangent, out CpuBuffer? third);
        int channels = source.Shape[1];
        CpuBuffer[] results = [new(wide.Dtype, ShapeModule.count(source.Shape)), new(wide.Dtype, channels), new(wide.Dtype, channels)];
        using var input = RowMajor.Of(wide);
        using var factors = RowMajor.Of(wideWeight);
        using var cotangents = RowMajor.Of(wideCotangent);
        GroupShape shape = Shape(source, groups);
        Elements.InvokeFloating(
            "group_norm_backward", wide.Dtype, new GroupPullbackWork(epsilon, shape, input, factors, cotangents, results));
        first?.Release();
        second?.Release();
        third?.Release();
        return Array.ConvertAll(results, result => (Buffer)HalfPrecision.Narrow(result, source.Dtype));
    }

    private static GroupShape Shape(in View source, int groups) =>
        new((long)source.Shape[0] * groups, groups, source.Shape[1] / groups, source.Shape[2]);

    /// <summary>Group norm once its element type is known.</summary>
    private readonly struct GroupWork(
        double epsilon, GroupShape shape, RowMajor source, RowMajor weight, RowMajor bias, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer, factors = weight.Buffer, terms = bias.Buffer;
            fixed (byte* from = buffer, by = factors, plus = terms, to = result)
            {
                Widest.Invoke<T, GroupRows<T>>(new GroupRows<T>(
                    epsilon,
                    shape,
                    (T*)from + source.Offset,
                    (T*)by + weight.Offset,
                    (T*)plus + bias.Offset,
                    (T*)to,
                    result.IsCold));
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(factors);
            GC.KeepAlive(terms);
            GC.KeepAlive(result);
        }
    }

    /// <summary>The pullback of group norm once its element type is known.</summary>
    private readonly struct GroupPullbackWork(
        double epsilon, GroupShape shape, RowMajor source, RowMajor weight, RowMajor cotangent, CpuBuffer[] results) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer points = source.Buffer, factors = weight.Buffer, cotangents = cotangent.Buffer;
            fixed (byte* from = points, by = factors, along = cotangents, to = results[0], toWeight = results[1], toBias = results[2])
            {
                Widest.Invoke<T, GroupPullback<T>>(new GroupPullback<T>(
                    epsilon,
                    shape,
                    (T*)from + source.Offset,
                    (T*)by + weight.Offset,
                    (T*)along + cotangent.Offset,
                    (T*)to,
                    (T*)toWeight,
                    (T*)toBias,
                    results[0].IsCold));
            }
            GC.KeepAlive(points);
            GC.KeepAlive(factors);
            GC.KeepAlive(cotangents);
            GC.KeepAlive(results);
        }
    }
}

using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    // Shorter runs are better folded side by side, as columns.
    private const int ShortestRun = 16;

    /// <inheritdoc/>
    public Buffer[] ChannelMoments(View source)
    {
        if (source.Shape[2] < ShortestRun)
            return ChannelComposition.moments(this, source)!;
        View wide = HalfPrecision.Widen(source, out CpuBuffer? temporary);
        int channels = source.Shape[1];
        CpuBuffer[] results = [new(wide.Dtype, channels), new(wide.Dtype, channels)];
        using (var input = RowMajor.Of(wide))
            Elements.InvokeFloating("batch_norm", wide.Dtype, new ChannelMomentsWork(input, ChannelImages.Of(source), results));
        temporary?.Release();
        return Array.ConvertAll<CpuBuffer, Buffer>(results, result => HalfPrecision.Narrow(result, source.Dtype));
    }

    /// <summary>The moments of channels once their element type is known.</summary>
    private readonly struct ChannelMomentsWork(RowMajor source, ChannelImages images, CpuBuffer[] results) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer;
            fixed (byte* from = buffer, means = results[0], variances = results[1])
                Widest.Invoke<T, ChannelMoments<T>>(new((T*)from + source.Offset, (T*)means, (T*)variances, images));
            GC.KeepAlive(buffer);
            GC.KeepAlive(results);
        }
    }

    /// <inheritdoc/>
    public Buffer[] NormalizeChannelsPullback(View source, View mean, View variance, double epsilon, View weight, View cotangent)
    {
        if (source.Shape[2] < ShortestRun)
            return ChannelComposition.pullback(this, source, mean, variance, epsilon, weight, cotangent)!;
        View[] views = [source, mean, variance, weight, cotangent];
        var temporaries = new CpuBuffer?[views.Length];
        for (int i = 0; i < views.Length; i++)
            views[i] = HalfPrecision.Widen(views[i], out temporaries[i]);
        int channels = source.Shape[1];
        Dtype dtype = views[0].Dtype;
        CpuBuffer[] results = [new(dtype, ShapeModule.count(source.Shape)), new(dtype, channels), new(dtype, channels)];
        var inputs = Array.ConvertAll(views, view => RowMajor.Of(view));
        Elements.InvokeFloating("batch_norm_backward", dtype, new ChannelPullbackWork(epsilon, inputs, ChannelImages.Of(source), results));
        foreach (RowMajor input in inputs)
            input.Dispose();
        foreach (CpuBuffer? temporary in temporaries)
            temporary?.Release();
        return Array.ConvertAll<CpuBuffer, Buffer>(results, result => HalfPrecision.Narrow(result, source.Dtype));
    }

    /// <summary>The pullback of batch norm once its element type is known.</summary>
    private readonly struct ChannelPullbackWork(double epsilon, RowMajor[] inputs, ChannelImages images, CpuBuffer[] results) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer source = inputs[0].Buffer, mean = inputs[1].Buffer, variance = inputs[2].Buffer;
            CpuBuffer weight = inputs[3].Buffer, cotangent = inputs[4].Buffer;
            fixed (byte* x = source, m = mean, v = variance, w = weight, c = cotangent)
            fixed (byte* to = results[0], toWeight = results[1], toBias = results[2])
            {
                var operands = new ChannelOperands<T>(
                    (T*)x + inputs[0].Offset, (T*)m + inputs[1].Offset, (T*)v + inputs[2].Offset, (T*)w + inputs[3].Offset,
                    (T*)c + inputs[4].Offset, (T*)to, (T*)toWeight, (T*)toBias);
                Widest.Invoke<T, ChannelPullback<T>>(new(epsilon, operands, images));
            }
            GC.KeepAlive(inputs);
            GC.KeepAlive(results);
        }
    }
}

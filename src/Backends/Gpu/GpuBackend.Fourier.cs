using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    private readonly ConcurrentDictionary<(int Length, bool IsDouble), GpuBuffer> roots = new();

    /// <inheritdoc/>
    public Buffer Fourier(View source, int axis, bool inverse)
    {
        if (source.Dtype.IsComplex64)
            return Fourier<float>(source, axis, inverse);
        if (source.Dtype.IsComplex128)
            return Fourier<double>(source, axis, inverse);
        throw ElementTypes.Missing("fft", source.Dtype);
    }

    private GpuBuffer Fourier<T>(View source, int axis, bool inverse)
        where T : unmanaged, INumber<T>
    {
        View input = RowMajor(source);
        int count = ShapeModule.count(source.Shape), length = source.Shape[axis], done = 1;
        int inner = ShapeModule.count(source.Shape[(axis + 1)..]);
        View from = input;
        foreach (int radix in Radices(length))
        {
            GpuBuffer to = New(source.Dtype, count);
            if (count > 0)
            {
                Kernels.Launch("fft", count, new FourierPass<T>
                {
                    Source = Elements<DevicePair<T>>(from),
                    Offset = from.Offset,
                    Result = to.As<DevicePair<T>>(),
                    Roots = Roots<T>(length, source.Dtype).As<DevicePair<T>>(),
                    Count = count,
                    Inner = new(inner),
                    Length = new(length),
                    Done = new(done),
                    Radix = new(radix),
                    IsInverse = inverse ? 1 : 0,
                });
            }
            Finished(to, source, from);
            (from, done) = (ViewModule.contiguous(source.Shape, to), done * radix);
        }
        return Own(from.Buffer);
    }

    /// <summary>The factors of a length, fours first; a single 1 for a length without any, so that there is a pass. A prime is summed as
    /// it is defined, in time of its own size for each element.</summary>
    private static IEnumerable<int> Radices(int length)
    {
        if (length <= 1)
            yield return 1;
        int rest = length;
        for (; rest > 0 && rest % 4 == 0; rest /= 4)
            yield return 4;
        for (int factor = 2; rest > 1; factor++)
        {
            if ((long)factor * factor > rest)
                factor = rest;
            for (; rest % factor == 0; rest /= factor)
                yield return factor;
        }
    }

    /// <summary>exp(-2 pi i j / n) for every j, in double precision before they are rounded; made once for each length.</summary>
    private GpuBuffer Roots<T>(int length, Dtype dtype)
        where T : unmanaged, INumber<T> =>
        roots.GetOrAdd((length, dtype.IsComplex128), key =>
        {
            var values = new DevicePair<T>[key.Length];
            for (int j = 0; j < values.Length; j++)
            {
                (double sine, double cosine) = Math.SinCos(-2.0 * Math.PI * j / values.Length);
                values[j] = new(T.CreateChecked(cosine), T.CreateChecked(sine));
            }
            GpuBuffer buffer = New(dtype, key.Length);
            Upload(MemoryMarshal.AsBytes(values.AsSpan()), buffer);
            return buffer;
        });
}

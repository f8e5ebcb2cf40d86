using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    private const string AttentionName = "scaled_dot_product_attention";

    /// <inheritdoc/>
    public Buffer Attend(AttentionOperands operands)
    {
        using var wide = new WideAttention(operands);
        var result = new CpuBuffer(wide.Query.Dtype, wide.Batch * wide.Query.Shape[^2] * wide.Values.Shape[^1]);
        Elements.InvokeFloating(AttentionName, wide.Query.Dtype, new AttentionWork(wide, result));
        return HalfPrecision.Narrow(result, operands.Query.Dtype);
    }

    /// <inheritdoc/>
    public Buffer[] AttendPullback(AttentionOperands operands, View result, View cotangent)
    {
        using var wide = new WideAttention(operands);
        View wideResult = HalfPrecision.Widen(result, out CpuBuffer? first), wideCotangent = HalfPrecision.Widen(cotangent, out CpuBuffer? second);
        using var value = RowMajor.Of(wideResult);
        using var along = RowMajor.Of(wideCotangent);
        View[] shapes = [wide.Query, wide.Key, wide.Values];
        CpuBuffer[] results = [.. shapes.Select(view => new CpuBuffer(view.Dtype, ShapeModule.count(view.Shape)))];
        Elements.InvokeFloating(AttentionName, wide.Query.Dtype, new AttentionPullbackWork(wide, value, along, results));
        first?.Release();
        second?.Release();
        return [.. results.Select(buffer => HalfPrecision.Narrow(buffer, operands.Query.Dtype))];
    }

    /// <summary>The operands, widened from half precision.</summary>
    private sealed class WideAttention : IDisposable
    {
        private readonly CpuBuffer?[] temporaries = new CpuBuffer?[4];

        public WideAttention(AttentionOperands operands)
        {
            Query = HalfPrecision.Widen(operands.Query, out temporaries[0]);
            Key = HalfPrecision.Widen(operands.Key, out temporaries[1]);
            Values = HalfPrecision.Widen(operands.Values, out temporaries[2]);
            Mask = operands.Mask.IsSome ? HalfPrecision.Widen(operands.Mask.Value, out temporaries[3]) : null;
            (IsCausal, Scale) = (operands.IsCausal, operands.Scale);
            Batch = 1;
            foreach (int size in Query.Shape.AsSpan(0, Query.Shape.Length - 2))
                Batch *= size;
        }

        public View Query { get; }
        public View Key { get; }
        public View Values { get; }
        public View? Mask { get; }
        public bool IsCausal { get; }
        public double Scale { get; }

        /// <summary>The number of attentions.</summary>
        public int Batch { get; }

        public AttentionBatch<T> Matrices<T>(byte* query, byte* key, byte* values, byte* mask)
            where T : unmanaged, INumber<T>
        {
            nint* offsets = ThreadScratch.Rent<nint>(ScratchUse.Offsets, 4 * (nint)Batch);
            Offsets(Query, offsets);
            Offsets(Key, offsets + 1);
            Offsets(Values, offsets + 2);
            if (Mask is { } own)
                Offsets(own, offsets + 3);
            var first = new AttentionMatrices<T>(
                Query.Shape[^2], Key.Shape[^2], Query.Shape[^1], Values.Shape[^1], Matrix<T>(Query, query), Matrix<T>(Key, key), Matrix<T>(Values, values),
                Mask is { } added ? Matrix<T>(added, mask) : default, IsCausal, T.CreateTruncating(Scale));
            return new(Batch, first, offsets);
        }

        private static Strided<T> Matrix<T>(View view, byte* data)
            where T : unmanaged => new((T*)data + view.Offset, view.Strides[^2], view.Strides[^1]);

        /// <summary>Where the matrices of a view begin, relative to the first; every fourth place is its own.</summary>
        private static void Offsets(View view, nint* offsets)
        {
            int count = 1;
            foreach (int size in view.Shape.AsSpan(0, view.Shape.Length - 2))
                count *= size;
            for (int index = 0; index < count; index++)
            {
                nint offset = 0;
                int rest = index;
                for (int d = view.Shape.Length - 3; d >= 0; d--)
                {
                    (rest, int position) = Math.DivRem(rest, view.Shape[d]);
                    offset += (nint)position * view.Strides[d];
                }
                offsets[4 * index] = offset;
            }
        }

        public void Dispose()
        {
            foreach (CpuBuffer? temporary in temporaries)
                temporary?.Release();
        }
    }

    /// <summary>An attention once its element type is known.</summary>
    private readonly struct AttentionWork(WideAttention wide, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer queries = CpuBuffer.Of(wide.Query), keys = CpuBuffer.Of(wide.Key), picked = CpuBuffer.Of(wide.Values);
            CpuBuffer? added = wide.Mask is { } mask ? CpuBuffer.Of(mask) : null;
            fixed (byte* query = queries, key = keys, values = picked, terms = added ?? queries, to = result)
                Widest.Invoke<T, AttentionForward<T>>(new(wide.Matrices<T>(query, key, values, terms), (T*)to));
            GC.KeepAlive(queries);
            GC.KeepAlive(keys);
            GC.KeepAlive(picked);
            GC.KeepAlive(added);
            GC.KeepAlive(result);
        }
    }

    /// <summary>Its cotangents once the element type is known.</summary>
    private readonly struct AttentionPullbackWork(WideAttention wide, RowMajor result, RowMajor cotangent, CpuBuffer[] results) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer queries = CpuBuffer.Of(wide.Query), keys = CpuBuffer.Of(wide.Key), picked = CpuBuffer.Of(wide.Values);
            CpuBuffer? added = wide.Mask is { } mask ? CpuBuffer.Of(mask) : null;
            CpuBuffer value = result.Buffer, along = cotangent.Buffer;
            fixed (byte* query = queries, key = keys, values = picked, terms = added ?? queries, of = value, from = along)
            fixed (byte* toQuery = results[0], toKey = results[1], toValues = results[2])
            {
                AttentionBatch<T> batch = wide.Matrices<T>(query, key, values, terms);
                Widest.Invoke<T, AttentionBackward<T>>(
                    new(batch, (T*)of + result.Offset, (T*)from + cotangent.Offset, (T*)toQuery, (T*)toKey, (T*)toValues));
            }
            GC.KeepAlive(queries);
            GC.KeepAlive(keys);
            GC.KeepAlive(picked);
            GC.KeepAlive(added);
            GC.KeepAlive(value);
            GC.KeepAlive(along);
            GC.KeepAlive(results);
        }
    }
}

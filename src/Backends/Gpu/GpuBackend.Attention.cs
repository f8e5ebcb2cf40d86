using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Attend(AttentionOperands operands)
    {
        View values = operands.Values;
        GpuBuffer result = New(values.Dtype, ShapeModule.count([.. operands.Query.Shape[..^1], values.Shape[^1]]));
        if (result.Length > 0)
            ElementTypes.Real("attention", values.Dtype, new Attention(this, operands, result));
        KeepAlive(operands);
        GC.KeepAlive(result);
        return result;
    }

    /// <inheritdoc/>
    public Buffer[] AttendPullback(AttentionOperands operands, View result, View cotangent)
    {
        View value = RowMajor(result), slopes = RowMajor(cotangent);
        GpuBuffer[] results = [.. ((View[])[operands.Query, operands.Key, operands.Values]).Select(view => New(view.Dtype, ShapeModule.count(view.Shape)))];
        ElementTypes.Real("attention_backward", cotangent.Dtype, new AttentionPullback(this, operands, value, slopes, results));
        Finished(results[0], result, value);
        Finished(results[0], cotangent, slopes);
        KeepAlive(operands);
        GC.KeepAlive(results);
        return results;
    }

    private static void KeepAlive(AttentionOperands operands)
    {
        GC.KeepAlive(operands.Query.Buffer);
        GC.KeepAlive(operands.Key.Buffer);
        GC.KeepAlive(operands.Values.Buffer);
        if (operands.Mask.IsSome)
            GC.KeepAlive(operands.Mask.Value.Buffer);
    }

    private AttentionShape<TStored> Shape<TStored>(AttentionOperands operands)
        where TStored : unmanaged
    {
        // Where there is no mask, some memory has to stand in its place.
        View mask = operands.Mask.IsSome ? operands.Mask.Value : operands.Query;
        return new()
        {
            Queries = operands.Query.Shape[^2],
            Keys = operands.Key.Shape[^2],
            Width = operands.Query.Shape[^1],
            Scale = operands.Scale,
            IsCausal = operands.IsCausal ? 1 : 0,
            HasMask = operands.Mask.IsSome ? 1 : 0,
            Mask = Elements<TStored>(mask),
            MaskBatch = StridedView.Of(new View(mask.Buffer, mask.Offset, mask.Shape[..^2], mask.Strides[..^2]), "attention"),
            MaskRow = mask.Strides[^2],
            MaskColumn = mask.Strides[^1],
        };
    }

    private StridedOperand<TStored, TValue, TElement> Operand<TStored, TValue, TElement>(View view, bool isByColumn)
        where TStored : unmanaged
        where TValue : unmanaged
        where TElement : struct, IElement<TStored, TValue> =>
        StridedOperand<TStored, TValue, TElement>.Of(Elements<TStored>(view), view, isByColumn);

    /// <summary>Attention once its element type is known.</summary>
    private readonly struct Attention(GpuBackend backend, AttentionOperands operands, GpuBuffer result) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            AttentionShape<TStored> shape = backend.Shape<TStored>(operands);
            int columns = operands.Values.Shape[^1], batch = result.Length / (shape.Queries * columns);
            if (shape.Keys == 0)
            {
                // A sum of nothing.
                backend.Clear(result);
                return;
            }
            int groups = checked(batch * shape.QueryTiles * ((columns + Strips.Side - 1) / Strips.Side));
            backend.Kernels.Launch("attention", new KernelConfig(groups, Strips.Threads), new AttentionForward<TStored, TValue, TElement>
            {
                Shape = shape,
                Query = backend.Operand<TStored, TValue, TElement>(operands.Query, false),
                Key = backend.Operand<TStored, TValue, TElement>(operands.Key, false),
                Values = backend.Operand<TStored, TValue, TElement>(operands.Values, true),
                Result = new(result.As<TStored>(), shape.Queries, columns),
                Statistics = result.As<TValue>(),
                Measured = 0,
            });
        }
    }

    /// <summary>The cotangents of query, key and values once the element type is known.</summary>
    private readonly struct AttentionPullback(
        GpuBackend backend, AttentionOperands operands, View result, View cotangent, GpuBuffer[] results) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            AttentionShape<TStored> shape = backend.Shape<TStored>(operands);
            int queries = ShapeModule.count(operands.Query.Shape[..^1]);
            if (queries == 0 || shape.Keys == 0)
            {
                foreach (GpuBuffer buffer in results.Where(buffer => buffer.Length > 0))
                    backend.Clear(buffer);
                return;
            }
            int batch = queries / shape.Queries;
            Dtype compute = DtypeModule.compute(cotangent.Dtype);
            GpuBuffer statistics = backend.New(compute, 2 * queries), means = backend.New(compute, queries);
            backend.Kernels.Launch("attention_backward", new KernelConfig(batch * shape.QueryTiles, Strips.Threads), new AttentionForward<TStored, TValue, TElement>
            {
                Shape = shape,
                Query = backend.Operand<TStored, TValue, TElement>(operands.Query, false),
                Key = backend.Operand<TStored, TValue, TElement>(operands.Key, false),
                Values = backend.Operand<TStored, TValue, TElement>(operands.Values, true),
                Result = new(statistics.As<TStored>(), shape.Queries, 0),
                Statistics = statistics.As<TValue>(),
                Measured = queries,
            });
            RowShape rows = RowShape.Of(queries, cotangent.Shape[^1]);
            backend.Kernels.Launch("attention_backward", new KernelConfig(rows.Groups, RowShape.Threads), new RowDot<TStored, TValue, TElement>
            {
                Left = backend.Elements<TStored>(result),
                LeftOffset = result.Offset,
                Right = backend.Elements<TStored>(cotangent),
                RightOffset = cotangent.Offset,
                Result = means.As<TValue>(),
                Shape = rows,
            });
            ReadOnlySpan<View> factors = [operands.Key, operands.Query, cotangent];
            for (int side = AttentionSide.Query; side <= AttentionSide.Values; side++)
            {
                int columns = factors[side].Shape[^1];
                int tiles = (side == AttentionSide.Query ? shape.QueryTiles : shape.KeyTiles) * ((columns + Strips.Side - 1) / Strips.Side);
                if (columns == 0)
                    continue;
                backend.Kernels.Launch("attention_backward", new KernelConfig(checked(batch * tiles), Strips.Threads), new AttentionBackward<TStored, TValue, TElement>
                {
                    Shape = shape,
                    Query = backend.Operand<TStored, TValue, TElement>(operands.Query, false),
                    Key = backend.Operand<TStored, TValue, TElement>(operands.Key, false),
                    Values = backend.Operand<TStored, TValue, TElement>(operands.Values, false),
                    Slopes = backend.Operand<TStored, TValue, TElement>(cotangent, false),
                    Factors = backend.Operand<TStored, TValue, TElement>(factors[side], true),
                    Result = new(results[side].As<TStored>(), side == AttentionSide.Query ? shape.Queries : shape.Keys, columns),
                    Statistics = statistics.As<TValue>(),
                    Measured = queries,
                    Means = means.As<TValue>(),
                    Side = side,
                });
            }
            statistics.Release();
            means.Release();
        }
    }
}

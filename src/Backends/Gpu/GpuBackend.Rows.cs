using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Rows(RowKernel kernel, View source)
    {
        View input = RowMajor(source);
        GpuBuffer result = New(source.Dtype, ShapeModule.count(source.Shape));
        string name = kernel.IsNormalizeRow ? "layer_norm" : "softmax";
        ElementTypes.Real(name, source.Dtype, new RowWork(this, kernel, input, input, input, result));
        return Finished(result, source, input);
    }

    /// <inheritdoc/>
    public Buffer NormalizeRows(View source, double epsilon, View weight, View bias)
    {
        int count = RowLength(source);
        if (ShapeModule.count(weight.Shape) != count || ShapeModule.count(bias.Shape) != count)
        {
            throw new ShapeException(
                $"Expected weight to be of same shape as normalized_shape, but got weight of shape {ShapeModule.format(weight.Shape)}, "
                + $"bias of shape {ShapeModule.format(bias.Shape)} and normalized_shape = [{count}]");
        }
        View input = RowMajor(source), factors = RowMajor(weight), terms = RowMajor(bias);
        GpuBuffer result = New(source.Dtype, ShapeModule.count(source.Shape));
        ElementTypes.Real("layer_norm", source.Dtype, new RowWork(this, RowKernel.NewNormalizeRow(epsilon), input, factors, terms, result, true));
        Finished(result, weight, factors);
        Finished(result, bias, terms);
        return Finished(result, source, input);
    }

    /// <inheritdoc/>
    public Buffer RowsPullback(RowKernel kernel, View point, View cotangent)
    {
        View input = RowMajor(point), slopes = RowMajor(cotangent);
        GpuBuffer result = New(point.Dtype, ShapeModule.count(point.Shape));
        string name = kernel.IsNormalizeRow ? "layer_norm_backward" : "softmax_backward";
        ElementTypes.Real(name, point.Dtype, new RowPullbackWork(this, kernel, input, slopes, result));
        Finished(result, cotangent, slopes);
        return Finished(result, point, input);
    }

    /// <inheritdoc/>
    public Buffer[] NormalizeRowsPullback(View source, double epsilon, View weight, View cotangent)
    {
        View input = RowMajor(source), factors = RowMajor(weight), slopes = RowMajor(cotangent);
        int columns = ShapeModule.count(weight.Shape);
        GpuBuffer[] results = [New(source.Dtype, ShapeModule.count(source.Shape)), New(source.Dtype, columns), New(source.Dtype, columns)];
        ElementTypes.Real("layer_norm_backward", source.Dtype, new AffinePullbackWork(this, epsilon, input, factors, slopes, results));
        Finished(results[0], source, input);
        Finished(results[0], weight, factors);
        Finished(results[0], cotangent, slopes);
        GC.KeepAlive(results);
        return results;
    }

    /// <inheritdoc/>
    public Buffer NormalizeGroups(View source, int groups, double epsilon, View weight, View bias) =>
        GroupComposition.normalize(this, source, groups, epsilon, weight, bias)!;

    /// <inheritdoc/>
    public Buffer[] NormalizeGroupsPullback(View source, int groups, double epsilon, View weight, View cotangent) =>
        GroupComposition.pullback(this, source, groups, epsilon, weight, cotangent)!;

    private static int RowLength(View source) => source.Shape.Length == 0 ? 1 : source.Shape[^1];

    /// <summary>Lets go of a copy that <see cref="RowMajor"/> made of a view: what reads it stands in the stream already.</summary>
    private static GpuBuffer Finished(GpuBuffer result, View source, View copy)
    {
        if (!ReferenceEquals(source.Buffer, copy.Buffer))
            copy.Buffer?.Release();
        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(result);
        return result;
    }

    /// <summary>A row kernel once its element type is known.</summary>
    private readonly struct RowWork(
        GpuBackend backend, RowKernel kernel, View source, View weight, View bias, GpuBuffer result, bool isAffine = false) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            if (result.Length == 0)
                return;
            int count = RowLength(source);
            RowShape shape = RowShape.Of(result.Length / count, count);
            var groups = new KernelConfig(shape.Groups, RowShape.Threads);
            if (kernel.IsNormalizeRow)
            {
                backend.Kernels.Launch("layer_norm", groups, new NormalizeKernel<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Weight = backend.Elements<TStored>(weight),
                    WeightOffset = weight.Offset,
                    Bias = backend.Elements<TStored>(bias),
                    BiasOffset = bias.Offset,
                    IsAffine = isAffine ? 1 : 0,
                    Result = result.As<TStored>(),
                    Shape = shape,
                    Epsilon = kernel.epsilon,
                });
            }
            else
            {
                backend.Kernels.Launch("softmax", groups, new SoftmaxKernel<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Result = result.As<TStored>(),
                    Shape = shape,
                    IsLogarithm = kernel.IsLogSoftmax ? 1 : 0,
                });
            }
        }
    }

    /// <summary>The pullback of a row kernel once its element type is known.</summary>
    private readonly struct RowPullbackWork(GpuBackend backend, RowKernel kernel, View point, View cotangent, GpuBuffer result) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            if (result.Length == 0)
                return;
            if (kernel.IsNormalizeRow)
            {
                backend.PullNormalized<TStored, TValue, TElement>(kernel.epsilon, point, null, cotangent, result, null);
                return;
            }
            int count = RowLength(point);
            RowShape shape = RowShape.Of(result.Length / count, count);
            backend.Kernels.Launch("softmax_backward", new KernelConfig(shape.Groups, RowShape.Threads), new SoftmaxPullback<TStored, TValue, TElement>
            {
                Point = backend.Elements<TStored>(point),
                PointOffset = point.Offset,
                Cotangent = backend.Elements<TStored>(cotangent),
                CotangentOffset = cotangent.Offset,
                Result = result.As<TStored>(),
                Shape = shape,
                IsLogarithm = kernel.IsLogSoftmax ? 1 : 0,
            });
        }
    }

    /// <summary>The three cotangents of layer norm once the element type is known.</summary>
    private readonly struct AffinePullbackWork(
        GpuBackend backend, double epsilon, View source, View weight, View cotangent, GpuBuffer[] results) : IRealAction
    {
        /// <summary>Rows that one thread sums, if there are enough of them.</summary>
        private const int Chunk = 32;

        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            int columns = results[1].Length, rows = columns == 0 ? 0 : results[0].Length / columns;
            if (columns == 0)
                return;
            if (rows == 0)
            {
                backend.Clear(results[1]);
                backend.Clear(results[2]);
                return;
            }
            Dtype compute = DtypeModule.compute(source.Dtype);
            GpuBuffer moments = backend.New(compute, 3 * rows);
            backend.PullNormalized<TStored, TValue, TElement>(epsilon, source, weight, cotangent, results[0], moments);
            int chunk = Math.Max(Chunk, (rows + EnoughGroups - 1) / EnoughGroups), chunks = (rows + chunk - 1) / chunk;
            GpuBuffer ofWeight = backend.New(compute, chunks * columns), ofBias = backend.New(compute, chunks * columns);
            backend.Kernels.Launch("layer_norm_backward", (long)chunks * columns, new NormalizeColumns<TStored, TValue, TElement>
            {
                Source = backend.Elements<TStored>(source),
                Offset = source.Offset,
                Cotangent = backend.Elements<TStored>(cotangent),
                CotangentOffset = cotangent.Offset,
                Moments = moments.As<TValue>(),
                Weight = ofWeight.As<TValue>(),
                Bias = ofBias.As<TValue>(),
                Rows = rows,
                Columns = columns,
                Chunk = chunk,
            });
            backend.SumParts<TStored, TValue, TElement>("layer_norm_backward", ofWeight, results[1], chunks);
            backend.SumParts<TStored, TValue, TElement>("layer_norm_backward", ofBias, results[2], chunks);
            moments.Release();
        }
    }

    /// <summary>The cotangent of a normalization's source; each row's moments are left in `moments`, if there is such memory.</summary>
    private void PullNormalized<TStored, TValue, TElement>(
        double epsilon, View point, View? weight, View cotangent, GpuBuffer result, GpuBuffer? moments)
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IRealElement<TStored, TValue>
    {
        int count = RowLength(point);
        RowShape shape = RowShape.Of(result.Length / count, count);
        View factors = weight ?? cotangent;
        Kernels.Launch("layer_norm_backward", new KernelConfig(shape.Groups, RowShape.Threads), new NormalizePullback<TStored, TValue, TElement>
        {
            Point = Elements<TStored>(point),
            PointOffset = point.Offset,
            Weight = Elements<TStored>(factors),
            WeightOffset = factors.Offset,
            IsWeighted = weight is null ? 0 : 1,
            Cotangent = Elements<TStored>(cotangent),
            CotangentOffset = cotangent.Offset,
            Result = result.As<TStored>(),
            Moments = (moments ?? result).As<TValue>(),
            LeavesMoments = moments is null ? 0 : 1,
            Shape = shape,
            Epsilon = epsilon,
        });
    }

    /// <summary>The memory that a view looks into.</summary>
    private ArrayView<T> Elements<T>(View view)
        where T : unmanaged =>
        Own(view.Buffer).As<T>();
}

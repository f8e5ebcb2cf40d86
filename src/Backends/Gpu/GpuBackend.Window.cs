using System.Numerics;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Window(WindowKind kind, WindowGeometry? geometry, View source)
    {
        int spatial = geometry!.Kernel.Length;
        int[] size = kind.IsWindowSumTranspose ? geometry.Input : geometry.Output;
        View input = RowMajor(source);
        GpuBuffer result = New(kind.IsWindowArgMaximum ? Dtype.Int64 : source.Dtype, ShapeModule.count([.. source.Shape[..^spatial], .. size]));
        if (kind.IsWindowArgMaximum)
            ElementTypes.Number("max_pool", source.Dtype, new WindowPositions(this, WindowShape.Of(geometry), input, result));
        else
            ElementTypes.Sum("avg_pool", source.Dtype, new WindowSums(this, kind.IsWindowSumTranspose, WindowShape.Of(geometry), input, result));
        return Finished(result, source, input);
    }

    private void Fold<TStored, TValue, TElement, TSide, TFold, TKept, TResult>(string operation, WindowShape shape, View source, GpuBuffer result)
        where TStored : unmanaged
        where TValue : unmanaged
        where TElement : struct, IElement<TStored, TValue>
        where TSide : struct, IWindowSide
        where TFold : struct, IWindowFold<TValue, TKept, TResult>
        where TKept : unmanaged
        where TResult : unmanaged =>
        Kernels.Launch(operation, result.Length, new WindowKernel<TStored, TValue, TElement, TSide, TFold, TKept, TResult>
        {
            Source = Elements<TStored>(source),
            Offset = source.Offset,
            Result = result.As<TResult>(),
            Count = result.Length,
            Shape = shape,
        });

    /// <summary>Positions of maxima once the element type is known.</summary>
    private readonly struct WindowPositions(GpuBackend backend, WindowShape shape, View source, GpuBuffer result) : INumberAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IElement<TStored, TValue> =>
            backend.Fold<TStored, TValue, TElement, OutputsSeeInputs, WindowArgMaximum<TValue>, Placed<TValue>, long>("max_pool", shape, source, result);
    }

    /// <summary>Sums or their transpose once the element type is known.</summary>
    private readonly struct WindowSums(GpuBackend backend, bool isTranspose, WindowShape shape, View source, GpuBuffer result) : ISumAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
            where TElement : struct, IElement<TStored, TValue>
        {
            if (isTranspose)
                backend.Fold<TStored, TValue, TElement, InputsSeeOutputs, WindowSum<TStored, TValue, TElement>, TValue, TStored>("avg_pool", shape, source, result);
            else
                backend.Fold<TStored, TValue, TElement, OutputsSeeInputs, WindowSum<TStored, TValue, TElement>, TValue, TStored>("avg_pool", shape, source, result);
        }
    }
}

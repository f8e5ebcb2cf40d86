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
        {
            ElementTypes.Number("max_pool", source.Dtype, new WindowPositions(this, WindowShape.Of(geometry), input, result));
            result.IndexRange = HasElements(geometry) ? (0, ShapeModule.count(geometry.Input) - 1) : null;
        }
        else
            ElementTypes.Sum("avg_pool", source.Dtype, new WindowSums(this, kind.IsWindowSumTranspose, WindowShape.Of(geometry), input, result));
        return Finished(result, source, input);
    }

    /// <summary>Whether every window surely holds an element: then positions are never -1.</summary>
    private static bool HasElements(WindowGeometry geometry)
    {
        for (int d = 0; d < geometry.Kernel.Length; d++)
        {
            int last = (geometry.Output[d] - 1) * geometry.Stride[d] - geometry.Padding[d];
            if (geometry.Dilation[d] != 1 || geometry.Padding[d] >= geometry.Kernel[d] || last >= geometry.Input[d])
                return false;
        }
        return true;
    }

    /// <summary>Positions of maxima once the element type is known.</summary>
    private readonly struct WindowPositions(GpuBackend backend, WindowShape shape, View source, GpuBuffer result) : INumberAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IElement<TStored, TValue> =>
            backend.Kernels.Launch("max_pool", result.Length, new WindowArgMaximumKernel<TStored, TValue, TElement>
            {
                Source = backend.Elements<TStored>(source),
                Offset = source.Offset,
                Result = result.As<long>(),
                Count = result.Length,
                Shape = shape,
            });
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
            {
                backend.Kernels.Launch("avg_pool", result.Length, new WindowSumTransposeKernel<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Result = result.As<TStored>(),
                    Count = result.Length,
                    Shape = shape,
                });
            }
            else
            {
                backend.Kernels.Launch("avg_pool", result.Length, new WindowSumKernel<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Result = result.As<TStored>(),
                    Count = result.Length,
                    Shape = shape,
                });
            }
        }
    }
}

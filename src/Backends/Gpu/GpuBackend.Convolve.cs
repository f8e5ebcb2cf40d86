using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Convolve(ConvolutionPass pass, ConvolutionGeometry? geometry, View a, View b)
    {
        int[] shape = pass.IsForward ? geometry!.Output : pass.IsInputGradient ? geometry!.Input : geometry!.Weight;
        View first = RowMajor(a), second = RowMajor(b);
        GpuBuffer result = New(a.Dtype, ShapeModule.count(shape));
        if (result.Length > 0 && !(dnn.Value is { } library && library.TryConvolve(pass, geometry, first, second, result)))
            ElementTypes.Sum("convolution", a.Dtype, new ConvolutionWork(this, pass, ConvolutionShape.Of(geometry), first, second, result));
        Finished(result, a, first);
        return Finished(result, b, second);
    }

    /// <summary>A convolution as a product of matrices that are never stored (implicit GEMM), once its element type is known.</summary>
    private readonly struct ConvolutionWork(
        GpuBackend backend, ConvolutionPass pass, ConvolutionShape shape, View a, View b, GpuBuffer result) : ISumAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
            where TElement : struct, IElement<TStored, TValue>
        {
            ArrayView<TStored> first = backend.Elements<TStored>(a), second = backend.Elements<TStored>(b);
            if (pass.IsForward)
            {
                var filters = new StridedOperand<TStored, TValue, TElement>
                {
                    Data = second,
                    Batch = Groups(b, shape.Groups, shape.Outputs * shape.FilterSize),
                    Lines = shape.Outputs,
                    LineStride = shape.FilterSize,
                    Depth = shape.FilterSize,
                    DepthStride = 1,
                };
                backend.Launch<TValue, StridedOperand<TStored, TValue, TElement>, int, PatchOperand<TStored, TValue, TElement, PixelPart, TapPart>, PixelLine, ImageResult<TStored, TValue, TElement>>(
                    "convolution",
                    filters,
                    new(first, a.Offset, shape),
                    new(result.As<TStored>(), shape.Groups, shape.Outputs, shape.Output.Count),
                    Whole(shape.Outputs, shape.Images * shape.Output.Count, shape.FilterSize, false, true),
                    shape.Groups);
            }
            else if (pass.IsInputGradient)
            {
                backend.Launch<TValue, FilterOperand<TStored, TValue, TElement>, int, InputGradientOperand<TStored, TValue, TElement>, PixelLine, ImageResult<TStored, TValue, TElement>>(
                    "convolution",
                    new(first, a.Offset, shape),
                    new(second, b.Offset, shape),
                    new(result.As<TStored>(), shape.Groups, shape.Channels, shape.Input.Count),
                    Whole(shape.Channels, shape.Images * shape.Input.Count, shape.Outputs * shape.Kernel.Count, false, true),
                    shape.Groups);
            }
            else
            {
                backend.Multiply<TStored, TValue, TElement, OutputGradientOperand<TStored, TValue, TElement>, int, PatchOperand<TStored, TValue, TElement, TapPart, PixelPart>, PixelLine>(
                    "convolution",
                    new(second, b.Offset, shape),
                    new(first, a.Offset, shape),
                    result,
                    shape.Outputs,
                    shape.FilterSize,
                    shape.Images * shape.Output.Count,
                    false,
                    false);
            }
        }

        /// <summary>Where the filters of each group begin.</summary>
        private static StridedView Groups(View filters, int groups, int step) =>
            StridedView.Of(new View(filters.Buffer, filters.Offset, [groups], [step]), "convolution");
    }
}

using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Convolve(ConvolutionPass pass, ConvolutionGeometry geometry, View a, View b)
    {
        if (a.Dtype.IsBool)
            throw Elements.Missing("convolution", a.Dtype);
        View first = HalfPrecision.Widen(a, out CpuBuffer? widenedFirst);
        View second = HalfPrecision.Widen(b, out CpuBuffer? widenedSecond);
        int[] shape = pass.IsForward ? geometry.Output : pass.IsInputGradient ? geometry.Input : geometry.Weight;
        var result = new CpuBuffer(first.Dtype, ShapeModule.count(shape));
        Elements.Invoke("convolution", first.Dtype, new ConvolveWork(pass, ConvolutionShape.Of(geometry), first, second, result));
        widenedFirst?.Release();
        widenedSecond?.Release();
        return HalfPrecision.Narrow(result, a.Dtype);
    }

    /// <summary>A convolution once its element type is known. Images are read where they lie, the other operand row-major.</summary>
    private readonly struct ConvolveWork(ConvolutionPass pass, ConvolutionShape shape, View a, View b, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            var (images, other) = pass.IsInputGradient ? (b, a) : (a, b);
            using var packed = RowMajor.Of(other);
            CpuBuffer imageBuffer = CpuBuffer.Of(images), otherBuffer = packed.Buffer;
            fixed (byte* imageData = imageBuffer, otherData = otherBuffer, target = result)
            {
                T* image = (T*)imageData + images.Offset;
                T* matrix = (T*)otherData + packed.Offset;
                var strides = ImageStrides.Of(images.Strides);
                if (pass.IsForward)
                    ChosenConvolution<T>.Forward(shape, image, strides, matrix, (T*)target, result.IsCold);
                else if (pass.IsInputGradient)
                    ChosenConvolution<T>.ByInput(shape, matrix, image, strides, (T*)target);
                else
                    ChosenConvolution<T>.ByWeight(shape, image, strides, matrix, (T*)target);
            }
            GC.KeepAlive(imageBuffer);
            GC.KeepAlive(otherBuffer);
            GC.KeepAlive(result);
        }
    }
}

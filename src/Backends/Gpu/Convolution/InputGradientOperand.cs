using ILGPU;

namespace Functional.Gpu;

/// <summary>Filters [G O, C, taps] with lines for input channels and a depth of output channels times taps.</summary>
internal struct FilterOperand<TStored, TValue, TElement>(ArrayView<TStored> data, int offset, ConvolutionShape shape) : IOperand<TValue, int>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Offset = offset;
    public ConvolutionShape Shape = shape;
    public FastDivisor Taps = new(shape.Kernel.Count);

    public readonly int Line(int batch, int line) =>
        line < Shape.Channels ? Offset + (batch * Shape.Outputs * Shape.Channels + line) * Taps.Divisor : -1;

    public readonly TValue At(int line, int depth)
    {
        int output = Taps.Quotient(depth);
        if (line < 0 || output >= Shape.Outputs)
            return default;
        int tap = depth - output * Taps.Divisor;
        return TElement.Widen(Data[line + output * Shape.Channels * Taps.Divisor + tap]);
    }
}

/// <summary>Row-major output gradients [N, G O, pixels] with a line for every input pixel of every image: what the outputs that
/// saw the pixel through a tap have sent back.</summary>
internal struct InputGradientOperand<TStored, TValue, TElement> : IOperand<TValue, PixelLine>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data;
    public int Offset;
    public ConvolutionShape Shape;
    public FastDivisor InputPixels;
    public BoxPositions InputPositions;
    public FastDivisor Taps;
    public BoxPositions TapPositions;
    public FastDivisor StrideDepth;
    public FastDivisor StrideHeight;
    public FastDivisor StrideWidth;

    public InputGradientOperand(ArrayView<TStored> data, int offset, ConvolutionShape shape)
    {
        (Data, Offset, Shape) = (data, offset, shape);
        (InputPixels, InputPositions) = (new(shape.Input.Count), new(shape.Input));
        (Taps, TapPositions) = (new(shape.Kernel.Count), new(shape.Kernel));
        (StrideDepth, StrideHeight, StrideWidth) = (new(shape.Stride.Depth), new(shape.Stride.Height), new(shape.Stride.Width));
    }

    public readonly PixelLine Line(int batch, int line)
    {
        int image = InputPixels.Quotient(line);
        if (image >= Shape.Images)
            return new(-1, default);
        Triple pixel = InputPositions.At(line - image * InputPixels.Divisor);
        int start = Offset + (image * Shape.Groups + batch) * Shape.Outputs * Shape.Output.Count;
        return new(start, new(
            pixel.Depth + Shape.Padding.Depth, pixel.Height + Shape.Padding.Height, pixel.Width + Shape.Padding.Width));
    }

    public readonly TValue At(PixelLine line, int depth)
    {
        int output = Taps.Quotient(depth);
        if (line.Start < 0 || output >= Shape.Outputs)
            return default;
        Triple tap = TapPositions.At(depth - output * Taps.Divisor);
        int z = line.Corner.Depth - tap.Depth * Shape.Dilation.Depth;
        int y = line.Corner.Height - tap.Height * Shape.Dilation.Height;
        int x = line.Corner.Width - tap.Width * Shape.Dilation.Width;
        if (z < 0 || y < 0 || x < 0)
            return default;
        int depthAt = StrideDepth.Quotient(z), row = StrideHeight.Quotient(y), column = StrideWidth.Quotient(x);
        bool isSeen = depthAt * Shape.Stride.Depth == z && row * Shape.Stride.Height == y && column * Shape.Stride.Width == x
            && depthAt < Shape.Output.Depth && row < Shape.Output.Height && column < Shape.Output.Width;
        if (!isSeen)
            return default;
        return TElement.Widen(Data[line.Start + ((output * Shape.Output.Depth + depthAt) * Shape.Output.Height + row) * Shape.Output.Width + column]);
    }
}

using ILGPU;

namespace Functional.Gpu;

/// <summary>Row-major output gradients [N, G O, pixels] with a line for every output channel of a group and a depth of all
/// images' pixels.</summary>
internal struct OutputGradientOperand<TStored, TValue, TElement>(ArrayView<TStored> data, int offset, ConvolutionShape shape)
    : IOperand<TValue, int>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Offset = offset;
    public ConvolutionShape Shape = shape;
    public FastDivisor Pixels = new(shape.Output.Count);

    public readonly int Line(int batch, int line) => line < Shape.Outputs ? Offset + (batch * Shape.Outputs + line) * Pixels.Divisor : -1;

    public readonly TValue At(int line, int depth)
    {
        int image = Pixels.Quotient(depth);
        if (line < 0 || image >= Shape.Images)
            return default;
        int pixel = depth - image * Pixels.Divisor;
        return TElement.Widen(Data[line + image * Shape.Groups * Shape.Outputs * Pixels.Divisor + pixel]);
    }
}

/// <summary>Row-major images [N, G C, D, H, W] with a line for every channel of a group and tap, and a depth of all images'
/// output pixels: what each of them sees through that tap.</summary>
internal struct TapOperand<TStored, TValue, TElement> : IOperand<TValue, PixelLine>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data;
    public int Offset;
    public ConvolutionShape Shape;
    public FastDivisor Taps;
    public BoxPositions TapPositions;
    public FastDivisor OutputPixels;
    public BoxPositions OutputPositions;

    public TapOperand(ArrayView<TStored> data, int offset, ConvolutionShape shape)
    {
        (Data, Offset, Shape) = (data, offset, shape);
        (OutputPixels, OutputPositions) = (new(shape.Output.Count), new(shape.Output));
        (Taps, TapPositions) = (new(shape.Kernel.Count), new(shape.Kernel));
    }

    public readonly PixelLine Line(int batch, int line)
    {
        int channel = Taps.Quotient(line);
        if (channel >= Shape.Channels)
            return new(-1, default);
        Triple tap = TapPositions.At(line - channel * Taps.Divisor);
        int start = Offset + (batch * Shape.Channels + channel) * Shape.Input.Count;
        return new(start, new(
            tap.Depth * Shape.Dilation.Depth - Shape.Padding.Depth,
            tap.Height * Shape.Dilation.Height - Shape.Padding.Height,
            tap.Width * Shape.Dilation.Width - Shape.Padding.Width));
    }

    public readonly TValue At(PixelLine line, int depth)
    {
        int image = OutputPixels.Quotient(depth);
        if (line.Start < 0 || image >= Shape.Images)
            return default;
        Triple pixel = OutputPositions.At(depth - image * OutputPixels.Divisor);
        int z = line.Corner.Depth + pixel.Depth * Shape.Stride.Depth;
        int y = line.Corner.Height + pixel.Height * Shape.Stride.Height;
        int x = line.Corner.Width + pixel.Width * Shape.Stride.Width;
        if (!Shape.IsInside(z, y, x))
            return default;
        int plane = image * Shape.Groups * Shape.Channels * Shape.Input.Count;
        return TElement.Widen(Data[line.Start + plane + (z * Shape.Input.Height + y) * Shape.Input.Width + x]);
    }
}

/// <summary>Weight gradients [G O, filter], or as many of them as the depth has splits.</summary>
internal struct SplitResult<TStored, TValue, TElement>(ArrayView<TStored> data, int batches, int splits, int rows, int columns) : IProductResult<TValue>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Batches = batches;
    public int Splits = splits;
    public int Rows = rows;
    public int Columns = columns;

    public readonly void Store(int batch, int row, int column, TValue value)
    {
        int split = batch % Splits, product = batch / Splits;
        Data[((split * Batches + product) * Rows + row) * Columns + column] = TElement.Narrow(value);
    }
}

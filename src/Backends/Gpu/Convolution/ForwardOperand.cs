using ILGPU;

namespace Functional.Gpu;

/// <summary>What an output pixel's window looks at: where its image's group begins, and its corner.</summary>
internal readonly struct PixelLine(int start, Triple corner)
{
    /// <summary>Negative where there is no such pixel.</summary>
    public readonly int Start = start;
    public readonly Triple Corner = corner;
}

/// <summary>Row-major images [N, G C, D, H, W] as the matrix of a convolution: a column for every output pixel of every image,
/// a row for every channel of the group and position in the kernel. Nothing of it is ever stored.</summary>
internal struct ForwardOperand<TStored, TValue, TElement> : IOperand<TValue, PixelLine>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data;
    public int Offset;
    public ConvolutionShape Shape;
    public FastDivisor OutputPixels;
    public BoxPositions OutputPositions;
    public FastDivisor Taps;
    public BoxPositions TapPositions;

    public ForwardOperand(ArrayView<TStored> data, int offset, ConvolutionShape shape)
    {
        (Data, Offset, Shape) = (data, offset, shape);
        (OutputPixels, OutputPositions) = (new(shape.Output.Count), new(shape.Output));
        (Taps, TapPositions) = (new(shape.Kernel.Count), new(shape.Kernel));
    }

    public readonly PixelLine Line(int batch, int line)
    {
        int image = OutputPixels.Quotient(line);
        if (image >= Shape.Images)
            return new(-1, default);
        Triple pixel = OutputPositions.At(line - image * OutputPixels.Divisor);
        int start = Offset + (image * Shape.Groups + batch) * Shape.Channels * Shape.Input.Count;
        return new(start, new(
            pixel.Depth * Shape.Stride.Depth - Shape.Padding.Depth,
            pixel.Height * Shape.Stride.Height - Shape.Padding.Height,
            pixel.Width * Shape.Stride.Width - Shape.Padding.Width));
    }

    public readonly TValue At(PixelLine line, int depth)
    {
        int channel = Taps.Quotient(depth);
        if (line.Start < 0 || channel >= Shape.Channels)
            return default;
        Triple tap = TapPositions.At(depth - channel * Taps.Divisor);
        int z = line.Corner.Depth + tap.Depth * Shape.Dilation.Depth;
        int y = line.Corner.Height + tap.Height * Shape.Dilation.Height;
        int x = line.Corner.Width + tap.Width * Shape.Dilation.Width;
        if (!Shape.IsInside(z, y, x))
            return default;
        return TElement.Widen(Data[line.Start + ((channel * Shape.Input.Depth + z) * Shape.Input.Height + y) * Shape.Input.Width + x]);
    }
}

/// <summary>A product's columns as the pixels of images [N, G R, pixels], R being the product's rows.</summary>
internal struct ImageResult<TStored, TValue, TElement>(ArrayView<TStored> data, int groups, int rows, int pixels) : IProductResult<TValue>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Groups = groups;
    public int Rows = rows;
    public FastDivisor Pixels = new(pixels);

    public readonly void Store(int batch, int row, int column, TValue value)
    {
        int image = Pixels.Quotient(column);
        int pixel = column - image * Pixels.Divisor;
        Data[((image * Groups + batch) * Rows + row) * Pixels.Divisor + pixel] = TElement.Narrow(value);
    }
}

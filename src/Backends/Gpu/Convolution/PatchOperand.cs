using ILGPU;

namespace Functional.Gpu;

/// <summary>A part of where a convolution reads its input: an offset from a plane's beginning, and a position that may lie outside.</summary>
internal readonly struct PixelLine(int start, Triple corner)
{
    /// <summary>Negative where there is no such part.</summary>
    public readonly int Start = start;
    public readonly Triple Corner = corner;
}

/// <summary>A convolution's geometry with what turns numbers of pixels and taps into positions.</summary>
internal struct PatchShape(ConvolutionShape shape)
{
    public ConvolutionShape Convolution = shape;
    public FastDivisor OutputPixels = new(shape.Output.Count);
    public BoxPositions OutputPositions = new(shape.Output);
    public FastDivisor Taps = new(shape.Kernel.Count);
    public BoxPositions TapPositions = new(shape.Kernel);
}

/// <summary>One of the two parts that an element of the input is found by.</summary>
internal interface IPatchPart
{
    static abstract PixelLine Of(PatchShape shape, int number);
}

/// <summary>An output pixel of an image, counted through all images: its image, and its window's corner.</summary>
internal readonly struct PixelPart : IPatchPart
{
    public static PixelLine Of(PatchShape shape, int number)
    {
        ConvolutionShape convolution = shape.Convolution;
        int image = shape.OutputPixels.Quotient(number);
        if (image >= convolution.Images)
            return new(-1, default);
        Triple pixel = shape.OutputPositions.At(number - image * shape.OutputPixels.Divisor);
        return new(image * convolution.Groups * convolution.Channels * convolution.Input.Count, new(
            pixel.Depth * convolution.Stride.Depth - convolution.Padding.Depth,
            pixel.Height * convolution.Stride.Height - convolution.Padding.Height,
            pixel.Width * convolution.Stride.Width - convolution.Padding.Width));
    }
}

/// <summary>A channel of the group and a tap of the kernel: how far behind the corner it looks.</summary>
internal readonly struct TapPart : IPatchPart
{
    public static PixelLine Of(PatchShape shape, int number)
    {
        ConvolutionShape convolution = shape.Convolution;
        int channel = shape.Taps.Quotient(number);
        if (channel >= convolution.Channels)
            return new(-1, default);
        Triple tap = shape.TapPositions.At(number - channel * shape.Taps.Divisor);
        return new(channel * convolution.Input.Count, new(
            tap.Depth * convolution.Dilation.Depth, tap.Height * convolution.Dilation.Height, tap.Width * convolution.Dilation.Width));
    }
}

/// <summary>Row-major images [N, G C, D, H, W] as the matrix of a convolution, pixels by taps or taps by pixels: what each output pixel
/// sees through each tap. Nothing of it is ever stored.</summary>
internal struct PatchOperand<TStored, TValue, TElement, TLines, TDepths>(ArrayView<TStored> data, int offset, ConvolutionShape shape) : IOperand<TValue, PixelLine>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
    where TLines : struct, IPatchPart
    where TDepths : struct, IPatchPart
{
    public ArrayView<TStored> Data = data;
    public int Offset = offset;
    public PatchShape Shape = new(shape);

    public readonly PixelLine Line(int batch, int line)
    {
        PixelLine part = TLines.Of(Shape, line);
        int group = batch * Shape.Convolution.Channels * Shape.Convolution.Input.Count;
        return part.Start < 0 ? part : new(Offset + group + part.Start, part.Corner);
    }

    public readonly TValue At(PixelLine line, int depth)
    {
        PixelLine part = TDepths.Of(Shape, depth);
        ConvolutionShape convolution = Shape.Convolution;
        int z = line.Corner.Depth + part.Corner.Depth, y = line.Corner.Height + part.Corner.Height, x = line.Corner.Width + part.Corner.Width;
        if (line.Start < 0 || part.Start < 0 || !convolution.IsInside(z, y, x))
            return default;
        return TElement.Widen(Data[line.Start + part.Start + (z * convolution.Input.Height + y) * convolution.Input.Width + x]);
    }
}

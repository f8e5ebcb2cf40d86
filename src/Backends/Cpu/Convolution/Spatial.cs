namespace Functional.Cpu;

/// <summary>A number for each spatial dimension. There are always three; those that a convolution lacks have size 1.</summary>
internal readonly record struct Spatial(int Depth, int Height, int Width)
{
    public int Count => Depth * Height * Width;

    /// <summary>The last three of the numbers, filled up at the front.</summary>
    public static Spatial Of(ReadOnlySpan<int> values, int missing) =>
        new(values.Length > 2 ? values[^3] : missing, values.Length > 1 ? values[^2] : missing, values[^1]);
}

/// <summary>Where the three spatial dimensions, channels and images of a tensor lie, in elements.</summary>
internal readonly record struct ImageStrides(nint Image, nint Channel, nint Plane, nint Line, nint Pixel)
{
    public static ImageStrides Contiguous(int channels, Spatial size) =>
        new((nint)channels * size.Count, size.Count, (nint)size.Height * size.Width, size.Width, 1);

    /// <summary>Those of a tensor of three to five dimensions: images, channels, one to three spatial ones.</summary>
    public static ImageStrides Of(ReadOnlySpan<int> strides) =>
        new(strides[0], strides[1], strides.Length > 4 ? strides[2] : 0, strides.Length > 3 ? strides[^2] : 0, strides[^1]);

    /// <summary>Whether pixels lie evenly apart through lines and planes.</summary>
    public bool AreEven(Spatial size) =>
        (size.Height == 1 || Line == Pixel * size.Width) && (size.Depth == 1 || Plane == Pixel * size.Width * size.Height);
}

/// <summary>A convolution: its sizes, and how output positions relate to input positions.</summary>
internal readonly record struct ConvolutionShape(
    int Batch, int Channels, int Filters, int Groups,
    Spatial Input, Spatial Kernel, Spatial Output, Spatial Stride, Spatial Padding, Spatial Dilation)
{
    public int GroupChannels => Channels / Groups;

    public int GroupFilters => Filters / Groups;

    /// <summary>Products that are added up for one element of the output.</summary>
    public int Depth => GroupChannels * Kernel.Count;

    /// <summary>The same convolution where a dimension that the kernel only samples is one that has nothing but the samples.</summary>
    public ConvolutionShape Sampled(ref ImageStrides strides)
    {
        var sampled = this;
        if (Kernel.Width == 1 && Padding.Width == 0)
        {
            strides = strides with { Pixel = strides.Pixel * Stride.Width };
            sampled = sampled with { Input = sampled.Input with { Width = Output.Width }, Stride = sampled.Stride with { Width = 1 } };
        }
        if (Kernel.Height == 1 && Padding.Height == 0)
        {
            strides = strides with { Line = strides.Line * Stride.Height };
            sampled = sampled with { Input = sampled.Input with { Height = Output.Height }, Stride = sampled.Stride with { Height = 1 } };
        }
        if (Kernel.Depth == 1 && Padding.Depth == 0)
        {
            strides = strides with { Plane = strides.Plane * Stride.Depth };
            sampled = sampled with { Input = sampled.Input with { Depth = Output.Depth }, Stride = sampled.Stride with { Depth = 1 } };
        }
        return sampled;
    }

    /// <summary>Whether every output pixel reads one input pixel: then a convolution is a matrix product for each image.</summary>
    public bool IsPointwise => Kernel.Count == 1 && Padding == default && Stride == new Spatial(1, 1, 1);

    public static ConvolutionShape Of(ConvolutionGeometry geometry) =>
        new(
            geometry.Input[0], geometry.Input[1], geometry.Weight[0], geometry.Groups,
            Spatial.Of(geometry.Input.AsSpan(2), 1), Spatial.Of(geometry.Weight.AsSpan(2), 1), Spatial.Of(geometry.Output.AsSpan(2), 1),
            Spatial.Of(geometry.Stride, 1), Spatial.Of(geometry.Padding, 0), Spatial.Of(geometry.Dilation, 1));
}

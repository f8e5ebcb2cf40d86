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

    public static ConvolutionShape Of(ConvolutionGeometry geometry) =>
        new(
            geometry.Input[0], geometry.Input[1], geometry.Weight[0], geometry.Groups,
            Spatial.Of(geometry.Input.AsSpan(2), 1), Spatial.Of(geometry.Weight.AsSpan(2), 1), Spatial.Of(geometry.Output.AsSpan(2), 1),
            Spatial.Of(geometry.Stride, 1), Spatial.Of(geometry.Padding, 0), Spatial.Of(geometry.Dilation, 1));
}

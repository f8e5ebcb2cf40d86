namespace Functional.Gpu;

/// <summary>A convolution's geometry as kernels see it: three spatial dimensions, channels counted within a group.</summary>
internal struct ConvolutionShape
{
    public int Images;
    public int Groups;
    public int Channels;
    public int Outputs;
    public Triple Input;
    public Triple Output;
    public Triple Kernel;
    public Triple Stride;
    public Triple Padding;
    public Triple Dilation;

    public static ConvolutionShape Of(ConvolutionGeometry geometry) => new()
    {
        Images = geometry.Input[0],
        Groups = geometry.Groups,
        Channels = geometry.Weight[1],
        Outputs = geometry.Weight[0] / geometry.Groups,
        Input = Triple.Of(geometry.Input.AsSpan(2), 1),
        Output = Triple.Of(geometry.Output.AsSpan(2), 1),
        Kernel = Triple.Of(geometry.Weight.AsSpan(2), 1),
        Stride = Triple.Of(geometry.Stride, 1),
        Padding = Triple.Of(geometry.Padding, 0),
        Dilation = Triple.Of(geometry.Dilation, 1),
    };

    /// <summary>Elements of a filter of one output channel.</summary>
    public readonly int FilterSize => Channels * Kernel.Count;

    /// <summary>Whether a position lies in the input.</summary>
    public readonly bool IsInside(int depth, int height, int width) =>
        depth >= 0 && depth < Input.Depth && height >= 0 && height < Input.Height && width >= 0 && width < Input.Width;
}

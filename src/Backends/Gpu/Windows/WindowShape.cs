namespace Functional.Gpu;

/// <summary>A window's geometry over three spatial dimensions.</summary>
internal struct WindowShape
{
    public Triple Input;
    public Triple Output;
    public Triple Kernel;
    public Triple Stride;
    public Triple Padding;
    public Triple Dilation;
    public FastDivisor InputPixels;
    public BoxPositions InputPositions;
    public FastDivisor OutputPixels;
    public BoxPositions OutputPositions;

    public static WindowShape Of(WindowGeometry geometry)
    {
        Triple input = Triple.Of(geometry.Input, 1), output = Triple.Of(geometry.Output, 1);
        return new()
        {
            Input = input,
            Output = output,
            Kernel = Triple.Of(geometry.Kernel, 1),
            Stride = Triple.Of(geometry.Stride, 1),
            Padding = Triple.Of(geometry.Padding, 0),
            Dilation = Triple.Of(geometry.Dilation, 1),
            InputPixels = new(input.Count),
            InputPositions = new(input),
            OutputPixels = new(output.Count),
            OutputPositions = new(output),
        };
    }

    /// <summary>Where the window of an output begins in the input; it may lie outside.</summary>
    public readonly Triple Corner(int output)
    {
        Triple pixel = OutputPositions.At(output);
        return new(
            pixel.Depth * Stride.Depth - Padding.Depth, pixel.Height * Stride.Height - Padding.Height, pixel.Width * Stride.Width - Padding.Width);
    }

    public readonly bool IsInside(int depth, int height, int width) =>
        depth >= 0 && depth < Input.Depth && height >= 0 && height < Input.Height && width >= 0 && width < Input.Width;

    /// <summary>The output whose window begins so far behind the padding's first element, or -1.</summary>
    public readonly int OutputAt(int depth, int height, int width)
    {
        if (depth < 0 || height < 0 || width < 0)
            return -1;
        int z = depth / Stride.Depth, y = height / Stride.Height, x = width / Stride.Width;
        bool isOutput = z * Stride.Depth == depth && y * Stride.Height == height && x * Stride.Width == width
            && z < Output.Depth && y < Output.Height && x < Output.Width;
        return isOutput ? (z * Output.Height + y) * Output.Width + x : -1;
    }
}

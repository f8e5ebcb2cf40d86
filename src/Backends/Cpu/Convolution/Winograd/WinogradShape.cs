using System.Numerics;

namespace Functional.Cpu;

/// <summary>A convolution of stride 1 by filters of 3 x 3, cut into tiles of 4 x 4 results.</summary>
internal readonly record struct WinogradShape(
    int Batch, int Channels, int Filters, int Height, int Width, int OutputHeight, int OutputWidth, int PaddingHeight, int PaddingWidth)
{
    public const int Tile = 4;
    public const int Reach = 6;
    public const int Products = Reach * Reach;
    public const int Taps = 9;

    // Products of channels and filters up to which all points stay in a core's outer cache, or nearly.
    private const long LargestFilters = 1 << 14;

    private const double LargestWaste = 1.34;

    // Small convolutions do not pay for the transformation of their filters.
    private const long SmallestWork = 1 << 24;
    private const int SmallestTiles = 96;

    public int TileRows => Partition.Parts(OutputHeight, Tile);

    public int TileColumns => Partition.Parts(OutputWidth, Tile);

    /// <summary>Whether this is the way to compute a convolution, and its shape then.</summary>
    public static bool Takes<T>(in ConvolutionShape shape, out WinogradShape result)
        where T : unmanaged, INumberBase<T>
    {
        result = new(
            shape.Batch, shape.Channels, shape.Filters, shape.Input.Height, shape.Input.Width,
            shape.Output.Height, shape.Output.Width, shape.Padding.Height, shape.Padding.Width);
        bool plain = (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            && shape.Groups == 1 && shape.Kernel == new Spatial(1, 3, 3) && shape.Stride == new Spatial(1, 1, 1)
            && shape.Dilation == new Spatial(1, 1, 1) && shape.Padding.Depth == 0 && shape.Input.Depth == 1
            && shape.Padding.Height < 3 && shape.Padding.Width < 3;
        return plain && Fits<T>(shape.Channels) && Fits<T>(shape.Filters) && result.Waste < LargestWaste
            && (long)shape.Batch * shape.Output.Count * shape.Filters * shape.Depth >= SmallestWork
            && (long)result.Batch * result.TileRows * result.TileColumns >= SmallestTiles;
    }

    /// <summary>Whether the filters at the points are few enough to stay in a core's outer cache.</summary>
    public bool IsSmall => (long)Channels * Filters <= LargestFilters;

    /// <summary>The transpose in the input: from the output's gradient to the input's, by the filters turned around.</summary>
    public WinogradShape Transposed =>
        new(Batch, Filters, Channels, OutputHeight, OutputWidth, Height, Width, 2 - PaddingHeight, 2 - PaddingWidth);

    /// <summary>How many results are computed for each that is wanted.</summary>
    private double Waste => (double)(TileRows * Tile * TileColumns * Tile) / (OutputHeight * OutputWidth);

    /// <summary>Whether channels fill registers well.</summary>
    private static bool Fits<T>(int channels)
        where T : unmanaged, INumberBase<T>
    {
        int lanes = KernelSet<T>.Best.Lanes;
        return channels >= 16 && Partition.RoundUp(channels, lanes) <= channels * 5 / 4;
    }
}

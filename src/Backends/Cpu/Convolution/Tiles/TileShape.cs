using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Functional.Cpu;

/// <summary>
/// A convolution by filters of four rows and columns to a phase of the stride, cut into tiles of four by four results that take 49
/// products each rather than 256.
/// </summary>
/// <remarks>
/// With a stride s filters and images fall into s x s phases: the taps (s * i + p, s * j + q) of a filter meet pixels of the same phase
/// alone, as a convolution of stride 1. Phases are summed at the points, as channels are.
/// </remarks>
internal readonly record struct TileShape(ConvolutionShape Whole, int Stride)
{
    /// <summary>Points along a dimension.</summary>
    public const int Points = 7;

    /// <summary>Results of a tile along a dimension, and taps of a phase.</summary>
    public const int Results = 4;

    // Products less deep than the transformations are long gain nothing, and deeper ones have other ways.
    private const int SmallestDepth = 8;
    private const int LargestDepth = 36;
    private const int SmallestFilters = 16;

    // So many results of a filter pay for its transformation.
    private const int SmallestResults = 1 << 13;

    /// <summary>The most results, of those that belong to no image too, for each that is asked for.</summary>
    private const double LargestWaste = 1.2;

    public int Depth => Stride * Stride * Whole.Channels;

    public int TileRows => Partition.Parts(Whole.Output.Height, Results);

    /// <summary>Rows of tiles in all images.</summary>
    public int AllRows => Whole.Batch * TileRows;

    /// <summary>Tiles of a row, so many that the results of a register of tiles are whole registers of one row.</summary>
    public int TileColumns(int lanes) => Partition.RoundUp(Partition.Parts(Whole.Output.Width, Results), Math.Max(1, lanes / Results));

    /// <summary>Results that the tiles of an image cover.</summary>
    private double Computed(int lanes) => (double)TileRows * Results * TileColumns(lanes) * Results;

    /// <summary>Whether this is the way to compute a convolution, and its shape then. It needs products and sums in one instruction.</summary>
    public static bool Takes<T>(in ConvolutionShape shape, out TileShape result)
        where T : unmanaged, INumber<T>
    {
        int stride = shape.Stride.Height;
        result = new(shape, stride);
        return (Vector256.IsHardwareAccelerated || AdvSimd.IsSupported) && (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            && stride is 1 or 2 && shape.Groups == 1 && shape.Kernel.Depth == 1 && shape.Input.Depth == 1 && shape.Padding.Depth == 0
            && shape.Dilation.Height == 1 && shape.Dilation.Width == 1 && shape.Stride.Width == stride
            && Taps(shape.Kernel.Height, stride, 0) == Results && Taps(shape.Kernel.Width, stride, 0) == Results
            && result.Depth is >= SmallestDepth and <= LargestDepth && shape.Filters >= SmallestFilters
            && (long)shape.Batch * shape.Output.Count >= SmallestResults
            && result.Computed(KernelSet<T>.Best.Lanes) <= LargestWaste * shape.Output.Count;
    }

    /// <summary>Of the phases along the height those that have a value at a point: at infinity a filter is its fourth tap.</summary>
    public int RowPhases(int point) => Phases(Whole.Kernel.Height, point);

    /// <summary>The same along the width.</summary>
    public int ColumnPhases(int point) => Phases(Whole.Kernel.Width, point);

    public static int Taps(int kernel, int stride, int phase) => Partition.Parts(kernel - phase, stride);

    private int Phases(int kernel, int point)
    {
        int phases = Stride;
        while (point == Points - 1 && Taps(kernel, Stride, phases - 1) < Results)
            phases--;
        return phases;
    }
}

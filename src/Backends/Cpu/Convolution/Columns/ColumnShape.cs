using System.Numerics;

namespace Functional.Cpu;

/// <summary>A convolution by filters of several rows, cut along the height into tiles of results that take eight products each.</summary>
/// <remarks>
/// With a stride s along the height, filters and images fall into s phases: rows s * i + phase of a filter meet rows of the same
/// phase alone, as a convolution of stride 1. Phases are summed at the points.
/// </remarks>
internal readonly record struct ColumnShape(ConvolutionShape Whole, int Taps)
{
    /// <summary>Products for each tile of results.</summary>
    public const int Points = 8;

    /// <summary>The least saving of multiplications that pays for the transformations.</summary>
    private const double SmallestGain = 1.5;

    /// <summary>The least number of multiplications that each number of the weight must save to pay for its own transformation.</summary>
    private const int SmallestSaving = 1000;

    private const long SmallestWork = 1 << 22;
    private const int SmallestDepth = 16;
    private const int SmallestRows = 16;
    private const int SmallestTransposedFilters = 5;
    private const int SmallestTransposedRows = 40;
    private const int LargestWidth = 64;

    public int Phases => Whole.Stride.Height;

    /// <summary>Results of a tile.</summary>
    public int Results => Points + 1 - Taps;

    public int TileRows => Partition.Parts(Whole.Output.Height, Results);

    /// <summary>Rows of tiles in all images.</summary>
    public int AllRows => Whole.Batch * TileRows;

    /// <summary>Rows of tiles that are worked on at once, about so many pixels. Only the cut of the work depends on it, never a bit of the result.</summary>
    public int RowsFor(int pixels)
    {
        int most = WorkerPool.Threads == 1 ? AllRows : Partition.Parts(AllRows, 3 * WorkerPool.Threads);
        return Partition.Even(AllRows, Math.Max(1, Math.Min(most, pixels / Whole.Output.Width)), 1);
    }

    /// <summary>Values of a phase that one result sums up at a point.</summary>
    public int PhaseDepth => Whole.Channels * Whole.Kernel.Width;

    public int Depth => Phases * PhaseDepth;

    /// <summary>The same at one point: at infinity a filter is its last tap, which a shorter phase does not have.</summary>
    public int DepthAt(int point)
    {
        if (point < Points - 1)
            return Depth;
        int longest = 0;
        while (longest < Phases && TapsOf(longest) == Taps)
            longest++;
        return longest * PhaseDepth;
    }

    /// <summary>Rows of a filter that are in a phase.</summary>
    public int TapsOf(int phase) => Partition.Parts(Whole.Kernel.Height - phase, Phases);

    /// <summary>Whether this is the way to compute a convolution, and its shape then.</summary>
    public static bool Takes<T>(in ConvolutionShape shape, out ColumnShape result)
        where T : unmanaged, INumberBase<T>
    {
        result = new(shape, Partition.Parts(shape.Kernel.Height, shape.Stride.Height));
        return IsPlain<T>(shape) && result.Phases <= shape.Kernel.Height && result.Taps is > 2 and < Points
            && shape.Filters >= SmallestRows && result.PhaseDepth >= SmallestDepth && shape.Output.Width >= KernelSet<T>.Best.Lanes / 2
            && IsWorth(shape, result.Gain);
    }

    /// <summary>
    /// Whether the transpose of a convolution in its input is best computed this way, and what convolution of the gradient it is then:
    /// its filters are channels of the input, for each residue of the height's stride.
    /// </summary>
    public static bool TakesTransposed<T>(in ConvolutionShape shape, in Residues height, in Residues width, out ColumnShape result)
        where T : unmanaged, INumberBase<T>
    {
        result = default;
        if (!IsPlain<T>(shape) || height.Count(0) == 0 || width.Count(width.Stride - 1) == 0)
            return false;
        int reach = 0;
        double direct = 0;
        for (int residue = 0; residue < height.Stride; residue++)
        {
            int taps = height.Taps(residue);
            if (taps == 0)
                return false;
            direct += (double)taps * height.Count(residue);
            for (int tap = 0; tap < shape.Kernel.Height; tap++)
                if (height.Reaches(residue, tap, out int shift))
                    reach = Math.Max(reach, shift + height.Before + 1);
        }
        for (int residue = 0; residue < width.Stride; residue++)
            if (width.Taps(residue) == 0)
                return false;
        var whole = new ConvolutionShape(
            shape.Batch, shape.Filters, height.Stride * shape.Channels, 1, shape.Output, new(1, reach, width.Size - width.Count(0) + 1),
            new(1, height.Count(0), width.Count(0)), new(1, 1, 1), new(0, height.Before, width.Before), new(1, 1, 1));
        result = new(whole, reach);
        return reach is > 2 and < Points && whole.Filters * shape.Kernel.Width >= SmallestTransposedRows
            && whole.Filters >= SmallestTransposedFilters && shape.Filters >= SmallestDepth && width.Count(width.Stride - 1) >= KernelSet<T>.Best.Lanes / 2
            && IsWorth(shape, direct / (Points * result.TileRows * height.Stride));
    }

    private static bool IsWorth(in ConvolutionShape shape, double gain) =>
        gain >= SmallestGain && (1 - 1 / gain) * shape.Kernel.Height * shape.Batch * shape.Output.Count >= SmallestSaving;

    private static bool IsPlain<T>(in ConvolutionShape shape)
        where T : unmanaged, INumberBase<T> =>
        (typeof(T) == typeof(float) || typeof(T) == typeof(double))
        && shape.Groups == 1 && shape.Kernel.Width <= LargestWidth && shape.Kernel.Depth == 1 && shape.Input.Depth == 1 && shape.Padding.Depth == 0 && shape.Dilation.Height == 1
        && (long)shape.Batch * shape.Output.Count * shape.Filters * shape.Depth >= SmallestWork;

    /// <summary>How many times fewer multiplications there are.</summary>
    private double Gain
    {
        get
        {
            double direct = (double)Whole.Kernel.Height * Whole.Output.Height;
            double points = (double)((Points - 1) * Depth + DepthAt(Points - 1)) / PhaseDepth * TileRows;
            return direct / points;
        }
    }
}

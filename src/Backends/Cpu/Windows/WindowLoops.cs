namespace Functional.Cpu;

/// <summary>One spatial dimension of a sliding window.</summary>
internal readonly record struct WindowDimension(int Input, int Output, int Kernel, int Stride, int Padding, int Dilation)
{
    /// <summary>A dimension that is not there.</summary>
    public static WindowDimension None => new(1, 1, 1, 1, 0, 1);

    /// <summary>Whether every window is one element, in order.</summary>
    public bool IsTrivial => Kernel == 1 && Stride == 1 && Padding == 0 && Input == Output;

    /// <summary>The input position of tap 0, outside the input where padding is.</summary>
    public int Origin(int output) => output * Stride - Padding;

    /// <summary>The first input position inside a window, and how many there are, <see cref="Dilation"/> apart.</summary>
    public (int First, int Count) Inside(int output)
    {
        int origin = Origin(output);
        int skipped = origin >= 0 ? 0 : (-origin + Dilation - 1) / Dilation;
        int reachable = origin >= Input ? 0 : (Input - 1 - origin) / Dilation + 1;
        return (origin + skipped * Dilation, Math.Max(0, Math.Min(Kernel, reachable) - skipped));
    }
}

/// <summary>The window of a geometry over depth, height and width; dimensions that are not there count one.</summary>
internal readonly record struct WindowLoops(WindowDimension Depth, WindowDimension Height, WindowDimension Width)
{
    /// <summary>What lies along the width in the transpose of sums of float32, where registers serve it.</summary>
    public LineMixing? Lines { get; private init; }

    public int InputSize => Depth.Input * Height.Input * Width.Input;

    public int OutputSize => Depth.Output * Height.Output * Width.Output;

    public int KernelSize => Depth.Kernel * Height.Kernel * Width.Kernel;

    /// <summary>The same loops, ready for the transpose of sums of float32.</summary>
    public WindowLoops ForTranspose()
    {
        var places = new List<int>[Width.Input];
        for (int x = 0; x < Width.Input; x++)
            places[x] = [];
        for (int y = 0; y < Width.Output; y++)
        {
            var (first, count) = Width.Inside(y);
            for (int k = 0; k < count; k++)
                places[first + k * Width.Dilation].Add(y);
        }
        int[] starts = new int[Width.Input + 1];
        for (int x = 0; x < Width.Input; x++)
            starts[x + 1] = starts[x] + places[x].Count;
        double[] ones = new double[starts[^1]];
        Array.Fill(ones, 1);
        var matrix = new SparseMatrix(Width.Output, starts, [.. places.SelectMany(p => p)], ones);
        return this with { Lines = LineMixing.Of(matrix, typeof(float)) };
    }

    /// <exception cref="UnsupportedException">There are more than three spatial dimensions.</exception>
    public static WindowLoops Of(WindowGeometry geometry)
    {
        int rank = geometry.Kernel.Length;
        if (rank > 3)
            throw new UnsupportedException("pooling", "cpu", $"{rank} spatial dimensions; one to three are known");
        return new WindowLoops(At(0), At(1), At(2));

        WindowDimension At(int place)
        {
            int d = place - (3 - rank);
            return d < 0
                ? WindowDimension.None
                : new WindowDimension(
                    geometry.Input[d],
                    geometry.Output[d],
                    geometry.Kernel[d],
                    geometry.Stride[d],
                    geometry.Padding[d],
                    geometry.Dilation[d]);
        }
    }
}

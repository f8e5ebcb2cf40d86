namespace Functional.Gpu;

/// <summary>A number for each of three spatial dimensions; fewer dimensions stand at the end, behind sizes of 1.</summary>
internal readonly struct Triple(int depth, int height, int width)
{
    public readonly int Depth = depth;
    public readonly int Height = height;
    public readonly int Width = width;

    public static Triple Of(ReadOnlySpan<int> values, int missing) => new(
        values.Length > 2 ? values[^3] : missing, values.Length > 1 ? values[^2] : missing, values.Length > 0 ? values[^1] : missing);

    public int Count => Depth * Height * Width;
}

/// <summary>Positions of a box of three dimensions from their row-major numbers.</summary>
internal readonly struct BoxPositions(Triple size)
{
    private readonly FastDivisor height = new(size.Height);
    private readonly FastDivisor width = new(size.Width);

    public readonly Triple At(int number)
    {
        int line = width.Quotient(number), plane = height.Quotient(line);
        return new(plane, line - plane * height.Divisor, number - line * width.Divisor);
    }
}

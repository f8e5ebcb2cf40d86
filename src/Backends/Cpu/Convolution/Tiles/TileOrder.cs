namespace Functional.Cpu;

/// <summary>
/// In which order a result's values lie: those of a column of points after the other, and of a point those of row phases, column phases and
/// channels. Worked out once for a convolution, since it is looked up for every row of tiles.
/// </summary>
internal readonly unsafe struct TileOrder
{
    private const int Points = TileShape.Points;

    private readonly int* begins, places;

    /// <summary>Of a convolution. Lives in the thread's scratch memory.</summary>
    public TileOrder(in TileShape shape)
    {
        begins = ThreadScratch.Rent<int>(ScratchUse.Passes, Points * Points * (shape.Depth + 1) + 1);
        places = begins + Points * Points + 1;
        int begin = 0;
        for (int column = 0, point = 0; column < Points; column++)
            for (int row = 0; row < Points; row++, point++)
            {
                begins[point] = begin;
                int rows = shape.RowPhases(row), columns = shape.ColumnPhases(column);
                for (int value = 0; value < shape.Depth; value++)
                {
                    (int phase, int channel) = Math.DivRem(value, shape.Whole.Channels);
                    (int y, int x) = Math.DivRem(phase, shape.Stride);
                    places[value * Points * Points + point] = y < rows && x < columns ? begin++ : -1;
                }
            }
        begins[Points * Points] = begin;
    }

    /// <summary>Values of all points.</summary>
    public int Count => begins[Points * Points];

    /// <summary>Values at a point: fewer at infinity, where a filter is its fourth tap, for a phase that has no such tap.</summary>
    public int Depth(int point) => begins[point + 1] - begins[point];

    /// <summary>For every point, columns of them after each other, where the value of a phase and channel lies, or -1.</summary>
    public int* Of(int value) => places + value * Points * Points;
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Copies where the source is contiguous along one dimension and the target along another.</summary>
internal static unsafe class Transpose
{
    // A tile of 4-byte elements is 4 KB on either side: both stay in the first-level cache.
    private const int Tile = 32;

    /// <summary>
    /// Runs a nest whose innermost dimension is contiguous in the target (operand 1) while dimension
    /// <paramref name="across"/> is contiguous in the source (operand 0).
    /// </summary>
    public static void Run<T>(T* source, T* target, in LoopNest nest, int across)
        where T : unmanaged
    {
        LoopNest rest = nest.Outer().Without(across);
        var plane = new Plane(
            nest.InnerSize,
            nest.InnerStride(0),
            nest.Sizes[across],
            nest.Strides[1][across]);
        long strips = (plane.Rows + Tile - 1) / Tile;
        Ranges.Run(rest.Count * strips, (long)Tile * plane.Columns, new Strips<T>(source, target, rest, plane, strips));
    }

    /// <summary>Rows run along the source, columns along the target.</summary>
    private readonly record struct Plane(int Columns, nint ColumnStride, int Rows, nint RowStride);

    private readonly struct Strips<T>(T* source, T* target, LoopNest rest, Plane plane, long strips) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            var outer = new Odometer(rest, start / strips);
            for (long i = start; i < end; i++)
            {
                int row = (int)(i % strips) * Tile;
                int rows = Math.Min(Tile, plane.Rows - row);
                for (int column = 0; column < plane.Columns; column += Tile)
                {
                    Block(
                        source + outer[0] + row + column * plane.ColumnStride,
                        plane.ColumnStride,
                        target + outer[1] + row * plane.RowStride + column,
                        plane.RowStride,
                        rows,
                        Math.Min(Tile, plane.Columns - column));
                }
                if ((i + 1) % strips == 0)
                    outer.Next();
            }
        }
    }

    /// <summary>target[r, c] = source[c, r].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<T>(T* source, nint sourceStride, T* target, nint targetStride, int rows, int columns)
        where T : unmanaged
    {
        for (int r = 0; r < rows; r++)
        {
            T* from = source + r;
            T* to = target + r * targetStride;
            for (int c = 0; c < columns; c++)
                to[c] = from[c * sourceStride];
        }
    }
}

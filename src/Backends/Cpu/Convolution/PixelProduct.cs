using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// A matrix times the matrix (tap, pixel) that padded images stand for: what the forward pass and the input gradient of
/// a convolution are. Pixels of all images form one dimension, so small images waste nothing.
/// </summary>
internal unsafe struct PixelProduct<T>
    where T : unmanaged, INumberBase<T>
{
    private const int LargestDepth = 384;
    private const int LargestRows = 260;

    /// <summary>The matrix: Rows x Depth.</summary>
    public Strided<T> Left;

    public int Rows;

    /// <summary>Whether the whole matrix has so few rows, of which these may be a part, that <see cref="NarrowProduct{T}"/> is better.</summary>
    public bool IsNarrow;

    /// <summary>How many taps there are, and how far from a pixel's own place each reads.</summary>
    public int Depth;
    public int* Taps;

    /// <summary>The padded images, and where in them the lines of pixels begin.</summary>
    public T* Image;
    public nint* Lines;
    public int LineLength;
    public int LineCount;

    /// <summary>The result: row i of pixel x of a run lies at Target + Runs[run] + i * TargetRow + x * TargetStep.</summary>
    public T* Target;
    public nint TargetRow;
    public nint TargetStep;
    public nint* Runs;
    public int RunLength;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run()
    {
        if (IsNarrow)
        {
            NarrowProduct<T>.Run(this);
            return;
        }
        var kernels = KernelSet<T>.Best;
        int pixels = LineCount * LineLength;
        int depth = Partition.Even(Depth, LargestDepth, 8);
        int rows = Partition.Even(Rows, LargestRows, kernels.Rows);
        // Rows that fall on the same cache sets are copied apart, others read where they lie.
        int uses = Left.Row * sizeof(T) % 4096 == 0 ? pixels : 0;
        T* panel = ThreadScratch.Rent<T>(ScratchUse.Right, (nint)kernels.Columns * depth);
        for (int i = 0; i < Rows; i += rows)
        {
            int mBlock = Math.Min(rows, Rows - i);
            for (int p = 0; p < Depth; p += depth)
            {
                int kBlock = Math.Min(depth, Depth - p);
                var left = LeftBlock<T>.Of(kernels, mBlock, kBlock, Left.From(i, p), uses);
                // A panel is multiplied while it is still in the inner cache.
                for (int j = 0; j < pixels; j += kernels.Columns)
                {
                    int width = Math.Min(kernels.Columns, pixels - j);
                    kernels.PackPixels(kBlock, Taps + p, Image, Lines, LineLength, j, width, panel);
                    Tiles(kernels, left, panel, i, mBlock, j, width, kBlock, p > 0);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private readonly void Tiles(
        KernelSet<T> kernels, LeftBlock<T> left, T* b, int firstRow, int m, int firstPixel, int width, int k, bool accumulate)
    {
        int panels = Partition.Parts(m, kernels.Rows);
        T* edge = stackalloc T[kernels.Rows * kernels.Columns];
        int vectors = width > kernels.Lanes ? 2 : 1;
        int padded = vectors * kernels.Lanes;
        var tiles = kernels.Tiles(vectors);
        (int run, int x) = Math.DivRem(firstPixel, RunLength);
        bool whole = width == padded && x + width <= RunLength && TargetStep == 1;
        T* place = Target + Runs[run] + x * TargetStep + firstRow * TargetRow;
        for (int panel = 0, i = 0; panel < panels; panel++)
        {
            int height = left.Height(panel);
            T* a = left.Panel(i, height, out nint aRow, out nint aStep);
            if (whole)
            {
                Prefetching.Tile(place + i * TargetRow, TargetRow, height, kernels.Lanes);
                tiles[height - 1](k, a, aRow, aStep, b, padded, place + i * TargetRow, TargetRow, accumulate);
            }
            else
            {
                tiles[height - 1](k, a, aRow, aStep, b, padded, edge, padded, false);
                Scatter(edge, padded, height, width, firstRow + i, run, x, accumulate);
            }
            i += height;
        }
    }

    /// <summary>Writes a tile whose pixels end with a run, or do not lie side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Scatter(T* edge, int edgeRow, int height, int width, int row, int run, int x, bool accumulate)
    {
        for (int q = 0; q < width; run++, x = 0)
        {
            int count = Math.Min(width - q, RunLength - x);
            T* to = Target + Runs[run] + x * TargetStep + row * TargetRow;
            T* from = edge + q;
            nint step = TargetStep;
            for (int i = 0; i < height; i++, to += TargetRow, from += edgeRow)
            {
                if (accumulate)
                    for (int e = 0; e < count; e++)
                        to[e * step] += from[e];
                else
                    for (int e = 0; e < count; e++)
                        to[e * step] = from[e];
            }
            q += count;
        }
    }
}

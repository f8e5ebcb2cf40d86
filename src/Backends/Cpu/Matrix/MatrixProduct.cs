using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>C = A B or C += A B on the calling thread, for operands with any strides and C with contiguous rows.</summary>
/// <remarks>
/// The loops are those of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): a block of B
/// in the outer cache, a block of A in the middle one, a panel of B in the inner one. The kernel broadcasts
/// from the left operand, so that may lie as it likes; where it is used often enough it is copied into panels. Depth is cut by k alone, so every element
/// of C has the same bits however rows and columns are divided among calls.
/// </remarks>
internal static unsafe class MatrixProduct<T>
    where T : unmanaged, INumberBase<T>
{
    private const int LargestDepth = 384;
    private const int LargestRows = 260;
    private const int LargestColumns = 1024;

    /// <summary>Up to so many rows of C a panel of B is used too seldom to be worth copying.</summary>
    private const int RowsWithoutPackingRight = 26;

    /// <summary>A matrix B this small (in bytes) stays in the inner caches as it is.</summary>
    private const int BytesWithoutPackingRight = 32 * 1024;

    public static void Run(int m, int n, int k, Strided<T> a, Strided<T> b, T* c, nint cRow, bool accumulate) =>
        Run(KernelSet<T>.Best, m, n, k, a, b, c, cRow, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(KernelSet<T> kernels, int m, int n, int k, Strided<T> a, Strided<T> b, T* c, nint cRow, bool accumulate)
    {
        if (k == 0 && !accumulate)
            for (int i = 0; i < m; i++)
                new Span<T>(c + i * cRow, n).Clear();
        if (m == 0 || n == 0 || k == 0)
            return;
        int depth = Partition.Even(k, LargestDepth, 8);
        int rows = Partition.Even(m, LargestRows, kernels.Rows);
        int columns = Partition.Even(n, LargestColumns, kernels.Columns);
        bool packRight = b.Column != 1 || (m > RowsWithoutPackingRight && (long)k * n * sizeof(T) > BytesWithoutPackingRight);
        int packedColumns = packRight ? Partition.RoundUp(columns, kernels.Lanes) : kernels.Columns;
        T* rightScratch = ThreadScratch.Rent<T>(ScratchUse.Right, (nint)packedColumns * depth);
        for (int j = 0; j < n; j += columns)
        {
            int nBlock = Math.Min(columns, n - j);
            for (int p = 0; p < k; p += depth)
            {
                int kBlock = Math.Min(depth, k - p);
                var right = RightBlock<T>.Of(kernels, kBlock, nBlock, b.From(p, j), rightScratch, packRight);
                for (int i = 0; i < m; i += rows)
                {
                    int mBlock = Math.Min(rows, m - i);
                    var left = LeftBlock<T>.Of(kernels, mBlock, kBlock, a.From(i, p), nBlock);
                    Tiles(kernels, mBlock, nBlock, kBlock, left, right, c + i * cRow + j, cRow, accumulate || p > 0);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Tiles(
        KernelSet<T> kernels, int m, int n, int k, LeftBlock<T> left, RightBlock<T> right, T* c, nint cRow, bool accumulate)
    {
        int lanes = kernels.Lanes;
        T* edge = stackalloc T[kernels.Rows * kernels.Columns];
        for (int j = 0; j < n; j += kernels.Columns)
        {
            int width = Math.Min(kernels.Columns, n - j);
            int vectors = width > lanes ? 2 : 1;
            var tiles = kernels.Tiles(vectors);
            T* b = right.Panel(j, width, out nint bStep);
            int panels = Partition.Parts(m, kernels.Rows);
            for (int panel = 0, i = 0; panel < panels; panel++)
            {
                int height = left.Height(panel);
                T* target = c + i * cRow + j;
                T* from = left.Panel(i, height, out nint aRow, out nint aStep);
                if (k >= Prefetching.SmallestDepth)
                    Prefetching.Tile(target, cRow, height, lanes);
                if (width == vectors * lanes)
                    tiles[height - 1](k, from, aRow, aStep, b, bStep, target, cRow, accumulate);
                else
                {
                    tiles[height - 1](k, from, aRow, aStep, b, bStep, edge, vectors * lanes, false);
                    CopyEdge(edge, vectors * lanes, height, width, target, cRow, accumulate);
                }
                i += height;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyEdge(T* edge, int edgeRow, int height, int width, T* target, nint cRow, bool accumulate)
    {
        for (int i = 0; i < height; i++, edge += edgeRow, target += cRow)
        {
            if (accumulate)
                for (int j = 0; j < width; j++)
                    target[j] += edge[j];
            else
                for (int j = 0; j < width; j++)
                    target[j] = edge[j];
        }
    }
}

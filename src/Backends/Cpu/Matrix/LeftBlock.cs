using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// A block of the left operand: where it lies, copied row by row so that a tile's rows share no cache set and few pages, or, where many
/// columns of C use it, in panels that a tile walks from one pointer.
/// </summary>
internal readonly unsafe struct LeftBlock<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Up to so many columns of C each element is used too seldom to be worth copying.</summary>
    private const int ColumnsWithoutPacking = 64;

    /// <summary>From so many columns on it is worth the shuffles that make rows into panels.</summary>
    private const int ColumnsWithPanels = 256;

    /// <summary>Rows this close (in bytes) share no cache set with many others.</summary>
    private const int BytesWithoutPacking = 1024;

    private readonly T* data;
    private readonly nint row;
    private readonly nint step;
    private readonly int panels;
    private readonly int height;
    private readonly int taller;
    private readonly int depth;
    private readonly bool packed;

    private LeftBlock(int rows, int depth, int largestPanel, T* data, nint row, nint step, bool packed = false)
    {
        this.data = data;
        (this.row, this.step, this.depth, this.packed) = (row, step, depth, packed);
        // Equal heights: 14 rows are 7 + 7, since a tile of a single row could not keep the multipliers busy.
        panels = Partition.Parts(rows, largestPanel);
        height = rows / panels;
        taller = rows % panels;
    }

    /// <summary>Rows of panel number <paramref name="panel"/>.</summary>
    public int Height(int panel) => panel < taller ? height + 1 : height;

    /// <summary>Where the panel that begins at row <paramref name="i"/> lies, and how a kernel walks it.</summary>
    public T* Panel(int i, int rows, out nint panelRow, out nint panelStep)
    {
        // Packed panels follow one another, each depth after depth.
        (panelRow, panelStep) = packed ? (1, rows) : (row, step);
        return packed ? data + (nint)i * depth : data + i * row;
    }

    public static LeftBlock<T> Of(KernelSet<T> kernels, int rows, int depth, Strided<T> a, int columns)
    {
        bool isPanels = a.Row == 1 || (a.Column == 1 && columns >= ColumnsWithPanels);
        bool isClose = !isPanels && a.Column == 1 && a.Row * sizeof(T) <= BytesWithoutPacking;
        if (columns <= ColumnsWithoutPacking || isClose)
            return new(rows, depth, kernels.Rows, a.Data, a.Row, a.Column);
        // A pitch off the powers of two spreads the rows over the sets of the inner cache.
        nint pitch = Partition.RoundUp(depth, kernels.Lanes) + kernels.Lanes;
        T* scratch = ThreadScratch.Rent<T>(ScratchUse.Left, rows * pitch);
        if (isPanels)
        {
            var block = new LeftBlock<T>(rows, depth, kernels.Rows, scratch, 1, 0, packed: true);
            block.CopyPanels(kernels, rows, a);
            return block;
        }
        CopyRows(rows, depth, a, scratch, pitch);
        return new(rows, depth, kernels.Rows, scratch, pitch, 1);
    }

    /// <summary>Rows of the matrix (tap, pixel) that padded images stand for, from pixel <paramref name="first"/> on.</summary>
    public static LeftBlock<T> OfPixels(KernelSet<T> kernels, int rows, int depth, int* taps, T* image, nint* lines, int length, int first)
    {
        nint pitch = Partition.RoundUp(depth, kernels.Lanes) + kernels.Lanes;
        T* scratch = ThreadScratch.Rent<T>(ScratchUse.Left, rows * pitch);
        kernels.PackLines(rows, depth, taps, image, lines, length, first, scratch, pitch);
        return new(rows, depth, kernels.Rows, scratch, pitch, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(int rows, int depth, Strided<T> a, T* target, nint pitch)
    {
        for (int i = 0; i < rows; i++, target += pitch)
        {
            T* from = a.At(i, 0);
            if (a.Column == 1)
                new ReadOnlySpan<T>(from, depth).CopyTo(new Span<T>(target, depth));
            else
                for (int p = 0; p < depth; p++, from += a.Column)
                    target[p] = *from;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyPanels(KernelSet<T> kernels, int rows, Strided<T> a)
    {
        T* target = data;
        for (int panel = 0, i = 0; panel < panels; panel++)
        {
            int height = Height(panel);
            if (a.Column == 1)
                kernels.PackLeftRows(depth, height, a.At(i, 0), a.Row, target);
            // Whole vectors may only be read where the block has that many rows left.
            else if (i + Partition.RoundUp(height, kernels.Lanes) <= rows)
                kernels.PackLeftPanel(depth, height, a.At(i, 0), a.Column, target);
            else
                for (int p = 0; p < depth; p++)
                    for (int r = 0; r < height; r++)
                        target[p * height + r] = *a.At(i + r, p);
            target += height * depth;
            i += height;
        }
    }
}

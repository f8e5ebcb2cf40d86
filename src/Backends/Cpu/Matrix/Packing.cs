using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Copies blocks of the right operand into panels, so that a tile kernel reads them as one stream.</summary>
/// <remarks>
/// A panel holds two vectors of columns, depth after depth; the last one holds a single vector if that is enough. Columns
/// past the end are zeros. Panel j begins at j * Columns * depth.
/// </remarks>
internal static unsafe class Packing<T, TVector, TLanes>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
{
    /// <summary>From memory where each depth is a row: element (p, j) lies at source + p * stride + j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(int depth, int columns, T* source, nint stride, T* target)
    {
        int lanes = TLanes.Count;
        int j = 0;
        for (; j + 2 * lanes <= columns; j += 2 * lanes)
        {
            T* from = source + j;
            for (int p = 0; p < depth; p++, from += stride, target += 2 * lanes)
            {
                TLanes.Store(target, TLanes.Load(from));
                TLanes.Store(target + lanes, TLanes.Load(from + lanes));
            }
        }
        int rest = columns - j;
        if (rest > 0)
        {
            int width = rest > lanes ? 2 * lanes : lanes;
            new Span<T>(target, depth * width).Clear();
            for (int p = 0; p < depth; p++)
                for (int q = 0; q < rest; q++)
                    target[p * width + q] = source[p * stride + j + q];
        }
    }

    /// <summary>From memory where each column is a row: element (p, j) lies at source + p + j * stride.</summary>
    public static void Columns(int depth, int columns, T* source, nint stride, T* target) =>
        ColumnsPart(depth, columns, source, stride, target, depth, 0);

    /// <summary>The same for a part of the depth of a block: panels are <paramref name="panelDepth"/> deep and filled from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ColumnsPart(int depth, int columns, T* source, nint stride, T* target, int panelDepth, int first)
    {
        int lanes = TLanes.Count;
        for (int j = 0; j < columns; j += 2 * lanes)
        {
            int width = columns - j > lanes ? 2 * lanes : lanes;
            T* to = target + (nint)j * panelDepth + first * width;
            for (int half = 0; half < width; half += lanes)
                Vectors(depth, Math.Min(lanes, columns - j - half), source + (j + half) * stride, stride, to + half, width);
        }
    }

    /// <summary>A panel of the left operand: <paramref name="rows"/> neighbours of each depth, one depth after the other.</summary>
    /// <remarks>Whole vectors are read and written; what one writes too much the next one, or the next panel, writes again.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LeftPanel(int depth, int rows, T* source, nint stride, T* target)
    {
        int lanes = TLanes.Count;
        for (int p = 0; p < depth; p++, source += stride, target += rows)
            for (int r = 0; r < rows; r += lanes)
                TLanes.Store(target + r, TLanes.Load(source + r));
    }

    /// <summary>The same from memory where each row is contiguous: <paramref name="stride"/> lies between rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LeftRows(int depth, int rows, T* source, nint stride, T* target)
    {
        int lanes = TLanes.Count;
        // From the last rows to the first: what a vector writes past the end of a depth are the first rows of the next.
        for (int r = (rows - 1) / lanes * lanes; r >= 0; r -= lanes)
            Vectors(depth, Math.Min(lanes, rows - r), source + r * stride, stride, target + r, rows);
    }

    /// <summary>Element (j, i) of the target is element (i, j) of the source; rows are contiguous in both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(int rows, int columns, T* source, nint sourceRow, T* target, nint targetRow)
    {
        int lanes = TLanes.Count;
        if (rows < lanes)
        {
            for (int j = 0; j < columns; j++)
                for (int i = 0; i < rows; i++)
                    target[j * targetRow + i] = source[i * sourceRow + j];
            return;
        }
        // The last vector overlaps the one before it rather than the end of the rows.
        for (int i = 0; i < rows; i += lanes)
        {
            int row = Math.Min(i, rows - lanes);
            Vectors(columns, lanes, source + row * sourceRow, sourceRow, target + row, targetRow);
        }
    }

    /// <summary>One vector of columns, each contiguous in memory, written depth after depth with the given step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors(int depth, int columns, T* source, nint stride, T* target, nint step)
    {
        int lanes = TLanes.Count;
        int p = 0;
        if (TLanes.CanInterleave)
        {
            for (; p + lanes <= depth; p += lanes)
                TransposeSquare(columns, source + p, stride, target + p * step, step);
        }
        for (; p < depth; p++)
        {
            T* to = target + p * step;
            for (int q = 0; q < lanes; q++)
                to[q] = q < columns ? source[q * stride + p] : default;
        }
    }

    /// <summary>A square of 4 or 8 vectors, by perfect shuffles: each rotates the binary digits of (row, column) by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void TransposeSquare(int columns, T* source, nint stride, T* target, nint step)
    {
        int lanes = TLanes.Count;
        if (lanes == 16 && sizeof(T) == sizeof(float) && SquareOf16.IsSupported)
        {
            SquareOf16.Transpose(columns, (float*)source, stride, (float*)target, step);
            return;
        }
        if (lanes == 4)
        {
            ShuffleTwice(columns, source, stride, target, step);
            return;
        }
        T* half = stackalloc T[lanes * lanes];
        ShuffleTwice(columns, source, stride, half, lanes);
        Shuffle(half, target, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shuffle(T* source, T* target, nint step)
    {
        int half = TLanes.Count / 2;
        for (int q = 0; q < half; q++)
        {
            TVector low = TLanes.Load(source + q * TLanes.Count);
            TVector high = TLanes.Load(source + (q + half) * TLanes.Count);
            TLanes.Interleave(ref low, ref high);
            TLanes.Store(target + 2 * q * step, low);
            TLanes.Store(target + (2 * q + 1) * step, high);
        }
    }

    /// <summary>Two shuffles in registers; rows past the end are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShuffleTwice(int rows, T* source, nint stride, T* target, nint step)
    {
        int quarter = TLanes.Count / 4;
        for (int q = 0; q < quarter; q++, source += stride)
        {
            TVector a = q < rows ? TLanes.Load(source) : default;
            TVector b = q + quarter < rows ? TLanes.Load(source + quarter * stride) : default;
            TVector c = q + 2 * quarter < rows ? TLanes.Load(source + 2 * quarter * stride) : default;
            TVector d = q + 3 * quarter < rows ? TLanes.Load(source + 3 * quarter * stride) : default;
            TLanes.Interleave(ref a, ref c);
            TLanes.Interleave(ref b, ref d);
            TLanes.Interleave(ref a, ref b);
            TLanes.Interleave(ref c, ref d);
            T* to = target + 4 * q * step;
            TLanes.Store(to, a);
            TLanes.Store(to + step, b);
            TLanes.Store(to + 2 * step, c);
            TLanes.Store(to + 3 * step, d);
        }
    }
}

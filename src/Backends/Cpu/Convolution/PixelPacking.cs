using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Packs panels of the matrix (tap, pixel) straight from padded images, without ever writing that matrix out.</summary>
/// <remarks>
/// Pixels are numbered line after line; a vector of them that crosses the end of a line is put together from shifted
/// loads, one for each line it touches. Loads may begin a vector before the images and end a vector behind them.
/// </remarks>
internal static unsafe class PixelPacking<T, TVector, TLanes>
    where T : unmanaged, INumberBase<T>
    where TVector : struct
    where TLanes : ITileLanes<TVector, T>
{
    private const int MaximalPieces = 4;

    /// <summary>The lines that a vector of pixels touches: its lanes from First[i] on are read at Offset[i].</summary>
    private struct Pieces
    {
        public int Count;
        public fixed int First[MaximalPieces];
        public fixed long Offset[MaximalPieces];
    }

    /// <summary>Element (p, j) is <c>image[taps[p] + lines[(first + j) / length] + (first + j) % length]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(int depth, int* taps, T* image, nint* lines, int length, int first, int count, T* target)
    {
        int lanes = TLanes.Count;
        Pieces low, high;
        for (int j = 0; j < count; j += 2 * lanes)
        {
            int pixel = first + j;
            Cut(lines, length, pixel, Math.Min(lanes, count - j), &low);
            if (count - j <= lanes)
            {
                if (low.Count <= MaximalPieces)
                    Panel<One, Four>(depth, taps, image, &low, &low, target);
                else
                    Gather(depth, taps, image, lines, length, pixel, count - j, lanes, target);
                return;
            }
            Cut(lines, length, pixel + lanes, Math.Min(lanes, count - j - lanes), &high);
            int pieces = Math.Max(low.Count, high.Count);
            if (pieces == 1)
                Panel<Two, One>(depth, taps, image, &low, &high, target);
            else if (pieces == 2)
                Panel<Two, Two>(depth, taps, image, &low, &high, target);
            else if (pieces <= MaximalPieces)
                Panel<Two, Four>(depth, taps, image, &low, &high, target);
            else
                Gather(depth, taps, image, lines, length, pixel, Math.Min(2 * lanes, count - j), 2 * lanes, target);
            target += (nint)depth * 2 * lanes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cut(nint* lines, int length, int pixel, int count, Pieces* pieces)
    {
        (int line, int x) = Math.DivRem(pixel, length);
        int lane = 0, piece = 0;
        while (lane < count)
        {
            if (piece < MaximalPieces)
            {
                pieces->First[piece] = lane;
                pieces->Offset[piece] = lines[line] + x - lane;
            }
            piece++;
            line++;
            lane += length - x;
            x = 0;
        }
        pieces->Count = piece;
        for (; piece < MaximalPieces; piece++)
        {
            pieces->First[piece] = TLanes.Count;
            pieces->Offset[piece] = pieces->Offset[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<TVectors, TPieces>(int depth, int* taps, T* image, Pieces* low, Pieces* high, T* target)
        where TVectors : unmanaged, ICount
        where TPieces : unmanaged, ICount
    {
        int lanes = TLanes.Count;
        TVector m1 = TLanes.From(low->First[1]), m2 = TLanes.From(low->First[2]), m3 = TLanes.From(low->First[3]);
        TVector n1 = TLanes.From(high->First[1]), n2 = TLanes.From(high->First[2]), n3 = TLanes.From(high->First[3]);
        nint a0 = (nint)low->Offset[0], a1 = (nint)low->Offset[1], a2 = (nint)low->Offset[2], a3 = (nint)low->Offset[3];
        nint b0 = (nint)high->Offset[0], b1 = (nint)high->Offset[1], b2 = (nint)high->Offset[2], b3 = (nint)high->Offset[3];
        for (int p = 0; p < depth; p++)
        {
            T* from = image + taps[p];
            TVector v = TLanes.Load(from + a0);
            if (sizeof(TPieces) > 1)
                v = TLanes.Select(m1, TLanes.Load(from + a1), v);
            if (sizeof(TPieces) > 2)
            {
                v = TLanes.Select(m2, TLanes.Load(from + a2), v);
                v = TLanes.Select(m3, TLanes.Load(from + a3), v);
            }
            TLanes.Store(target, v);
            target += lanes;
            if (sizeof(TVectors) > 1)
            {
                v = TLanes.Load(from + b0);
                if (sizeof(TPieces) > 1)
                    v = TLanes.Select(n1, TLanes.Load(from + b1), v);
                if (sizeof(TPieces) > 2)
                {
                    v = TLanes.Select(n2, TLanes.Load(from + b2), v);
                    v = TLanes.Select(n3, TLanes.Load(from + b3), v);
                }
                TLanes.Store(target, v);
                target += lanes;
            }
        }
    }

    /// <summary>Short lines: one pixel at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(int depth, int* taps, T* image, nint* lines, int length, int pixel, int count, int width, T* target)
    {
        (int line, int x) = Math.DivRem(pixel, length);
        for (int q = 0; q < width; q++)
        {
            // Columns past the end hold something, and nobody reads what becomes of it.
            T* from = image + (q < count ? lines[line] + x : 0);
            for (int p = 0; p < depth; p++)
                target[p * width + q] = from[taps[p]];
            if (++x == length)
                (line, x) = (line + 1, 0);
        }
    }

    /// <summary>Row i of the target holds tap i of the pixels from <paramref name="first"/> on, side by side.</summary>
    /// <remarks>Whole vectors are written in ascending order; what one writes too much the next one, or nobody, reads.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLines(int rows, int count, int* taps, T* image, nint* lines, int length, int first, T* target, nint pitch)
    {
        int lanes = TLanes.Count;
        (int firstLine, int firstX) = Math.DivRem(first, length);
        for (int i = 0; i < rows; i++, target += pitch)
        {
            T* from = image + taps[i];
            int x = firstX;
            nint* line = lines + firstLine;
            for (int q = 0; q < count; x = 0)
            {
                int piece = Math.Min(length - x, count - q);
                T* source = from + *line++ + x;
                T* to = target + q;
                for (int e = 0; e < piece; e += lanes)
                    TLanes.Store(to + e, TLanes.Load(source + e));
                q += piece;
            }
        }
    }

    /// <summary>Lines with zeros around them: <paramref name="before"/> in front, as many behind as reach <paramref name="size"/>.</summary>
    /// <remarks>Nothing beyond a source line is read; zeros behind a target line may spill into the next, which is written later.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PadLines(int count, T* source, nint stride, int width, int before, int size, T* target)
    {
        int lanes = TLanes.Count;
        for (int line = 0; line < count; line++, source += stride, target += size)
        {
            for (int x = 0; x < before; x += lanes)
                TLanes.Store(target + x, default);
            T* to = target + before;
            if (width < lanes)
                for (int x = 0; x < width; x++)
                    to[x] = source[x];
            else
            {
                for (int x = 0; x < width - lanes; x += lanes)
                    TLanes.Store(to + x, TLanes.Load(source + x));
                TLanes.Store(to + width - lanes, TLanes.Load(source + width - lanes));
            }
            for (int x = before + width; x < size; x += lanes)
                TLanes.Store(target + x, default);
        }
    }

    /// <summary>Swaps the outer two dimensions of [outer][inner][count], where inner positions are strides apart in the target.</summary>
    /// <remarks>Short runs are copied as whole vectors: what one writes too much the next one of the same row writes again.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwapRuns(int outer, int inner, int count, T* source, nint stride, T* target, nint row)
    {
        int lanes = TLanes.Count;
        int whole = count <= lanes ? Math.Max(0, outer - (lanes + count - 1) / count) : 0;
        int i = 0;
        for (; i < whole; i++, source += stride, target += count)
            for (int j = 0; j < inner; j++)
                TLanes.Store(target + j * row, TLanes.Load(source + j * count));
        for (; i < outer; i++, source += stride, target += count)
            for (int j = 0; j < inner; j++)
                for (int e = 0; e < count; e++)
                    target[j * row + e] = source[j * count + e];
    }
}

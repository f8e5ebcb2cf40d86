using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A <see cref="PixelProduct{T}"/> with so few rows that pixels are better read where they lie than packed.</summary>
/// <remarks>
/// Lines are cut into vectors; the last of a line overlaps the one before it and computes the same bits again. A block of
/// vectors meets a block of taps at a time, so that the lines which those taps read stay in the inner cache.
/// </remarks>
internal static unsafe class NarrowProduct<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>The most rows whose sums, four vectors each, stay in registers.</summary>
    public const int LargestRows = 6;

    private const int LargestDepth = 112;
    private const int BlockVectors = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Run(in PixelProduct<T> product)
    {
        var kernels = KernelSet<T>.Best;
        int lanes = kernels.Lanes, group = kernels.NarrowVectors, length = product.LineLength, width = Math.Min(lanes, length);
        int depth = Partition.Even(product.Depth, LargestDepth, 1);
        // Whole vectors of a single block of taps go straight to the target.
        bool direct = length >= lanes && product.TargetStep == 1 && depth == product.Depth;
        nint* pixels = stackalloc nint[BlockVectors];
        nint* places = stackalloc nint[BlockVectors];
        nint* targets = stackalloc nint[BlockVectors];
        T* edge = ThreadScratch.Rent<T>(ScratchUse.Product, BlockVectors * LargestRows * lanes);
        int vectors = Partition.Parts(length, lanes);
        int total = product.LineCount * vectors;
        var kernel = kernels.Narrow(product.Rows);
        nint targetRow = direct ? product.TargetRow : BlockVectors * lanes;
        for (int first = 0; first < total; first += BlockVectors)
        {
            int count = Math.Min(BlockVectors, total - first);
            int padded = Partition.RoundUp(count, group);
            for (int v = 0; v < padded; v++)
            {
                (int line, int vector) = Math.DivRem(Math.Min(first + v, total - 1), vectors);
                int x = Math.Min(vector * lanes, length - width);
                (int run, int place) = Math.DivRem(line * length + x, product.RunLength);
                pixels[v] = product.Lines[line] + x;
                places[v] = product.Runs[run] + place * product.TargetStep;
                targets[v] = direct ? places[v] : v * lanes;
            }
            T* target = direct ? product.Target : edge;
            for (int p = 0; p < product.Depth; p += depth)
                for (int v = 0; v < padded; v += group)
                    kernel(
                        Math.Min(depth, product.Depth - p), product.Taps + p, product.Image, pixels + v,
                        product.Left.Data + p, product.Left.Row, target, targetRow, targets + v, p > 0);
            if (!direct)
                CopyOut(product, edge, targetRow, count, lanes, width, places);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyOut(in PixelProduct<T> product, T* edge, nint edgeRow, int count, int lanes, int width, nint* places)
    {
        nint step = product.TargetStep;
        for (int row = 0; row < product.Rows; row++)
            for (int v = 0; v < count; v++)
            {
                T* from = edge + row * edgeRow + v * lanes;
                T* to = product.Target + row * product.TargetRow + places[v];
                if (step == 1)
                    new ReadOnlySpan<T>(from, width).CopyTo(new Span<T>(to, width));
                else
                    for (int e = 0; e < width; e++)
                        to[e * step] = from[e];
            }
    }
}

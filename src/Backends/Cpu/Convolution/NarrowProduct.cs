using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A <see cref="PixelProduct{T}"/> with so few rows that pixels are better read where they lie than packed.</summary>
internal static unsafe class NarrowProduct<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>The most rows whose sums, four vectors each, stay in registers.</summary>
    public const int LargestRows = 6;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Run(in PixelProduct<T> product)
    {
        var kernels = KernelSet<T>.Best;
        int lanes = kernels.Lanes, group = kernels.NarrowVectors;
        int length = product.LineLength, width = Math.Min(lanes, length);
        // Whole vectors go straight to the target. The last of a line overlaps the one before: it gives the same bits again.
        bool whole = length >= lanes && product.TargetStep == 1;
        T* edge = stackalloc T[LargestRows * 4 * lanes];
        nint* pixels = stackalloc nint[4];
        nint* targets = stackalloc nint[4];
        nint* places = stackalloc nint[4];
        int vectors = Partition.Parts(length, lanes);
        int total = product.LineCount * vectors;
        var kernel = kernels.Narrow(product.Rows);
        for (int first = 0; first < total; first += group)
        {
            for (int v = 0; v < group; v++)
            {
                (int line, int vector) = Math.DivRem(Math.Min(first + v, total - 1), vectors);
                int x = Math.Min(vector * lanes, length - width);
                (int run, int place) = Math.DivRem(line * length + x, product.RunLength);
                pixels[v] = product.Lines[line] + x;
                places[v] = product.Runs[run] + place * product.TargetStep;
                targets[v] = whole ? places[v] : v * lanes;
            }
            T* target = whole ? product.Target : edge;
            nint targetRow = whole ? product.TargetRow : group * lanes;
            kernel(product.Depth, product.Taps, product.Image, pixels, product.Left.Data, product.Left.Row, target, targetRow, targets);
            if (whole)
                continue;
            for (int row = 0; row < product.Rows; row++)
                for (int v = 0; v < group; v++)
                {
                    T* from = edge + row * targetRow + v * lanes;
                    T* to = product.Target + row * product.TargetRow + places[v];
                    for (int e = 0; e < width; e++)
                        to[e * product.TargetStep] = from[e];
                }
        }
    }
}

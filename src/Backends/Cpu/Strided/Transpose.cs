using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Copies where the source is contiguous along one dimension and the target along another.</summary>
internal static unsafe class Transpose
{
    // Tiles of whole cache lines on both sides: with strides of a power of two larger ones fall out of the first-level cache.
    public const int Tile = 16;

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
                Strip(source + outer[0] + row, plane.ColumnStride, target + outer[1] + row * plane.RowStride, plane.RowStride, rows, plane.Columns, isAhead: false);
                if ((i + 1) % strips == 0)
                    outer.Next();
            }
        }
    }

    /// <summary>
    /// target[r, c] = source[c, r] for up to 16 rows r and so many columns: rows are contiguous in the target, columns in the source,
    /// and the strides are those of the other dimension. Columns <paramref name="isAhead">ahead</paramref> are asked for where the target
    /// is near: they come from all over memory, where nothing else foresees them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<T>(T* from, nint columnStride, T* to, nint rowStride, int rows, int columns, bool isAhead)
        where T : unmanaged
    {
        int column = 0;
        if (rows == Tile && Avx.IsSupported && sizeof(T) == sizeof(float))
        {
            for (; column <= columns - Tile; column += Tile)
            {
                float* block = (float*)(from + column * columnStride);
                float* place = (float*)(to + column);
                if (isAhead && column <= columns - 2 * Tile)
                {
                    for (int ahead = Tile; ahead < 2 * Tile; ahead++)
                        Sse.Prefetch0(block + ahead * columnStride);
                }
                Block8(block, columnStride, place, rowStride);
                Block8(block + 8 * columnStride, columnStride, place + 8, rowStride);
                Block8(block + 8, columnStride, place + 8 * rowStride, rowStride);
                Block8(block + 8 + 8 * columnStride, columnStride, place + 8 + 8 * rowStride, rowStride);
            }
        }
        for (; column < columns; column += Tile)
            Block(from + column * columnStride, columnStride, to + column, rowStride, rows, Math.Min(Tile, columns - column));
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
            for (int c = 0; c < columns; c++, from += sourceStride)
                to[c] = *from;
        }
    }

    /// <summary>Eight by eight elements of 32 bits in registers: pairs, then pairs of pairs, then halves change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector256<float> a = Vector256.Load(source);
        Vector256<float> b = Vector256.Load(source + sourceStride);
        Vector256<float> c = Vector256.Load(source + 2 * sourceStride);
        Vector256<float> d = Vector256.Load(source + 3 * sourceStride);
        Vector256<float> e = Vector256.Load(source + 4 * sourceStride);
        Vector256<float> f = Vector256.Load(source + 5 * sourceStride);
        Vector256<float> g = Vector256.Load(source + 6 * sourceStride);
        Vector256<float> h = Vector256.Load(source + 7 * sourceStride);

        Vector256<double> ab = Avx.UnpackLow(a, b).AsDouble(), ab2 = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> cd = Avx.UnpackLow(c, d).AsDouble(), cd2 = Avx.UnpackHigh(c, d).AsDouble();
        Vector256<double> ef = Avx.UnpackLow(e, f).AsDouble(), ef2 = Avx.UnpackHigh(e, f).AsDouble();
        Vector256<double> gh = Avx.UnpackLow(g, h).AsDouble(), gh2 = Avx.UnpackHigh(g, h).AsDouble();

        Halves(Avx.UnpackLow(ab, cd), Avx.UnpackLow(ef, gh), target, target + 4 * targetStride);
        Halves(Avx.UnpackHigh(ab, cd), Avx.UnpackHigh(ef, gh), target + targetStride, target + 5 * targetStride);
        Halves(Avx.UnpackLow(ab2, cd2), Avx.UnpackLow(ef2, gh2), target + 2 * targetStride, target + 6 * targetStride);
        Halves(Avx.UnpackHigh(ab2, cd2), Avx.UnpackHigh(ef2, gh2), target + 3 * targetStride, target + 7 * targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector256<double> first, Vector256<double> second, float* low, float* high)
    {
        Avx.Permute2x128(first, second, 0x20).AsSingle().Store(low);
        Avx.Permute2x128(first, second, 0x31).AsSingle().Store(high);
    }
}

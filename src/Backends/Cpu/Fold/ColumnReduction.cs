using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Every result is one column of rows that are folded together: sums over a batch, over the middle of a shape.</summary>
/// <remarks>
/// A strip of columns is folded in blocks of 32 rows. Blocks are put together like the digits of a binary counter, so a sum
/// over n rows rounds about 32 + log n times at most, whatever n is.
/// </remarks>
internal static unsafe class ColumnReduction
{
    private const int BlockRows = 32;
    private const int StripColumns = 2048;

    // Rows of at least a page are read as streams.
    private const int StreamBytes = 4096;

    // About this many elements make a chunk of rows.
    private const int ChunkElements = 1 << 16;

    public static void Run<S, V, T, TFold>(T* source, T* result, in ReductionPlan plan)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int width = plan.Kept.InnerSize;
        LoopNest outer = plan.Kept.Outer();
        long rows = plan.Folded.Count;
        int strips = (width + StripColumns - 1) / StripColumns;
        long chunkRows = Math.Max(BlockRows, ChunkElements / Math.Min(width, StripColumns) / BlockRows * BlockRows);
        int chunks = (int)((rows + chunkRows - 1) / chunkRows);
        long results = outer.Count * width;

        using var room = new Scratch<T>(chunks > 1 ? results * chunks : 1);
        T* partials = chunks > 1 ? room.Pointer : result;
        Ranges.Run(
            outer.Count * strips * chunks,
            Math.Min(rows, chunkRows) * Math.Min(width, StripColumns),
            new Units<S, V, T, TFold>(source, partials, plan, outer, strips, chunks, chunkRows));

        // Partials of one outer index lie chunk by chunk; neighbours are folded until one is left.
        for (long i = 0; chunks > 1 && i < outer.Count; i++)
        {
            T* mine = partials + i * width * chunks;
            for (int count = chunks; count > 1; count = (count + 1) / 2)
            {
                for (int pair = 0; pair < (count + 1) / 2; pair++)
                {
                    T* to = mine + (long)pair * width;
                    T* from = mine + 2L * pair * width;
                    new ReadOnlySpan<T>(from, width).CopyTo(new Span<T>(to, width));
                    if (2 * pair + 1 < count)
                        RowMerge.Run<S, V, T, TFold>(from + width, to, width);
                }
            }
            new ReadOnlySpan<T>(mine, width).CopyTo(new Span<T>(result + i * width, width));
        }
    }

    /// <summary>A unit is a chunk of rows of a strip of columns at one outer index.</summary>
    private readonly struct Units<S, V, T, TFold>(
        T* source, T* partials, ReductionPlan plan, LoopNest outer, int strips, int chunks, long chunkRows) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        public void Invoke(long start, long end)
        {
            int width = plan.Kept.InnerSize;
            long rows = plan.Folded.Count;
            using var cascade = new Cascade<S, V, T, TFold>(Math.Min(width, StripColumns), chunkRows);
            for (long unit = start; unit < end; unit++)
            {
                int chunk = (int)(unit % chunks);
                int strip = (int)(unit / chunks % strips) * StripColumns;
                long index = unit / chunks / strips;
                nint offset = new Odometer(outer, index)[0] + strip;
                long row = chunk * chunkRows;
                T* target = partials + (index * chunks + chunk) * width + strip;
                cascade.Fold(
                    source + offset,
                    plan.Folded,
                    row,
                    Math.Min(chunkRows, rows - row),
                    Math.Min(StripColumns, width - strip),
                    target);
            }
        }
    }

    /// <summary>The slots of the binary counter: slot k holds the fold of 2^k blocks, or nothing.</summary>
    private readonly ref struct Cascade<S, V, T, TFold> : IDisposable
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        private readonly Scratch<T> room;
        private readonly int stride;

        public Cascade(int width, long rows)
        {
            stride = width;
            int levels = BitOperations.Log2((ulong)(rows / BlockRows + 1)) + 2;
            room = new Scratch<T>((long)levels * width);
        }

        public void Dispose() => room.Dispose();

        public void Fold(T* source, in LoopNest folded, long first, long rows, int width, T* target)
        {
            var odometer = new Odometer(folded.Outer(), first / folded.InnerSize);
            int inner = (int)(first % folded.InnerSize);
            nint step = folded.InnerStride(0);
            uint blocks = 0;
            while (rows > 0)
            {
                int slot = BitOperations.TrailingZeroCount(~blocks);
                T* block = room.Pointer + (long)slot * stride;
                int left = (int)Math.Min(BlockRows, rows);
                rows -= left;
                for (bool fresh = true; left > 0; fresh = false)
                {
                    int count = Math.Min(left, folded.InnerSize - inner);
                    FoldBlock<S, V, T, TFold>(source + odometer[0] + inner * step, step, count, block, width, fresh);
                    left -= count;
                    inner += count;
                    if (inner == folded.InnerSize)
                    {
                        inner = 0;
                        odometer.Next();
                    }
                }
                for (int lower = slot - 1; lower >= 0; lower--)
                    RowMerge.Run<S, V, T, TFold>(room.Pointer + (long)lower * stride, block, width);
                blocks++;
            }

            bool empty = true;
            for (int slot = 0; blocks >> slot != 0; slot++)
            {
                if ((blocks >> slot & 1) == 0)
                    continue;
                T* block = room.Pointer + (long)slot * stride;
                if (empty)
                    new ReadOnlySpan<T>(block, width).CopyTo(new Span<T>(target, width));
                else
                    RowMerge.Run<S, V, T, TFold>(block, target, width);
                empty = false;
            }
        }
    }

    /// <summary>Folds a few rows into one, starting afresh or going on with what the target holds.</summary>
    private static void FoldBlock<S, V, T, TFold>(T* source, nint step, int rows, T* target, int width, bool fresh)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        if (width * sizeof(T) < StreamBytes)
            FoldInRegisters<S, V, T, TFold>(source, step, rows, target, width, fresh);
        else
            FoldInStreams<S, V, T, TFold>(source, step, rows, target, width, fresh);
    }

    /// <summary>Narrow rows: the strip's columns stay in registers from row to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldInRegisters<S, V, T, TFold>(T* source, nint step, int rows, T* target, int width, bool fresh)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int j = 0;
        V identity = S.Create(TFold.Identity);
        for (; j <= width - 8 * S.Count; j += 8 * S.Count)
        {
            T* t = target + j;
            V a = fresh ? identity : S.Load(t);
            V b = fresh ? identity : S.Load(t + S.Count);
            V c = fresh ? identity : S.Load(t + 2 * S.Count);
            V d = fresh ? identity : S.Load(t + 3 * S.Count);
            V e = fresh ? identity : S.Load(t + 4 * S.Count);
            V f = fresh ? identity : S.Load(t + 5 * S.Count);
            V g = fresh ? identity : S.Load(t + 6 * S.Count);
            V h = fresh ? identity : S.Load(t + 7 * S.Count);
            T* p = source + j;
            for (int r = 0; r < rows; r++, p += step)
            {
                a = TFold.Combine<S, V>(a, S.Load(p));
                b = TFold.Combine<S, V>(b, S.Load(p + S.Count));
                c = TFold.Combine<S, V>(c, S.Load(p + 2 * S.Count));
                d = TFold.Combine<S, V>(d, S.Load(p + 3 * S.Count));
                e = TFold.Combine<S, V>(e, S.Load(p + 4 * S.Count));
                f = TFold.Combine<S, V>(f, S.Load(p + 5 * S.Count));
                g = TFold.Combine<S, V>(g, S.Load(p + 6 * S.Count));
                h = TFold.Combine<S, V>(h, S.Load(p + 7 * S.Count));
            }
            S.Store(a, t);
            S.Store(b, t + S.Count);
            S.Store(c, t + 2 * S.Count);
            S.Store(d, t + 3 * S.Count);
            S.Store(e, t + 4 * S.Count);
            S.Store(f, t + 5 * S.Count);
            S.Store(g, t + 6 * S.Count);
            S.Store(h, t + 7 * S.Count);
        }
        for (; j <= width - S.Count; j += S.Count)
        {
            V a = fresh ? identity : S.Load(target + j);
            T* p = source + j;
            for (int r = 0; r < rows; r++, p += step)
                a = TFold.Combine<S, V>(a, S.Load(p));
            S.Store(a, target + j);
        }
        for (; j < width; j++)
        {
            T a = fresh ? TFold.Identity : target[j];
            T* p = source + j;
            for (int r = 0; r < rows; r++, p += step)
                a = TFold.Combine(a, *p);
            target[j] = a;
        }
    }

    /// <summary>Wide rows: four at a time run through their whole width, as many streams as the hardware likes to fetch ahead.</summary>
    private static void FoldInStreams<S, V, T, TFold>(T* source, nint step, int rows, T* target, int width, bool fresh)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int row = 0;
        for (; row <= rows - 4; row += 4)
        {
            FoldFour<S, V, T, TFold>(source + row * step, step, target, width, fresh);
            fresh = false;
        }
        for (; row < rows; row++)
        {
            if (fresh)
                new ReadOnlySpan<T>(source + row * step, width).CopyTo(new Span<T>(target, width));
            else
                RowMerge.Run<S, V, T, TFold>(source + row * step, target, width);
            fresh = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldFour<S, V, T, TFold>(T* a, nint step, T* target, int width, bool fresh)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        T* b = a + step;
        T* c = b + step;
        T* d = c + step;
        int j = 0;
        for (; j <= width - S.Count; j += S.Count)
        {
            V low = TFold.Combine<S, V>(S.Load(a + j), S.Load(b + j));
            V high = TFold.Combine<S, V>(S.Load(c + j), S.Load(d + j));
            V four = TFold.Combine<S, V>(low, high);
            S.Store(fresh ? four : TFold.Combine<S, V>(S.Load(target + j), four), target + j);
        }
        for (; j < width; j++)
        {
            T four = TFold.Combine(TFold.Combine(a[j], b[j]), TFold.Combine(c[j], d[j]));
            target[j] = fresh ? four : TFold.Combine(target[j], four);
        }
    }
}

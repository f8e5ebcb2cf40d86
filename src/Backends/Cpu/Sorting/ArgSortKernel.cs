using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>
/// Stable sorting of keys that carry their position: insertion for short lines, radix for others, and where only the first few
/// are asked for, insertion among those.
/// </summary>
internal static unsafe class ArgSortKernel
{
    private const int InsertionLimit = 48;

    // This many at most, and few of a line, are found without sorting the rest.
    private const int SelectionLimit = 32;
    private const int SelectionShare = 8;

    // More than these are not sorted by insertion.
    private const int MostReaching = 96;

    private const int Digits = 256;

    /// <summary>A key and where it stood.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry<TKey>
        where TKey : unmanaged
    {
        public TKey Key;
        public int Position;
    }

    /// <summary>The first positions that sort every line along an axis of stride <paramref name="step"/>; the nest walks the lines.</summary>
    public static void Run<T, TKey>(
        T* source, nint step, long* result, nint resultStep, in LoopNest lines, int size, int count, bool descending)
        where T : unmanaged, INumber<T>
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        if (size > 0 && count > 0)
            Ranges.Run(lines.Count, 8L * size, new Lines<T, TKey>(source, step, result, resultStep, lines, size, count, descending));
    }

    private readonly struct Lines<T, TKey>(
        T* source, nint step, long* result, nint resultStep, LoopNest lines, int size, int count, bool descending) : IRangeAction
        where T : unmanaged, INumber<T>
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        public void Invoke(long start, long end)
        {
            using var room = new Scratch<Entry<TKey>>(2L * size);
            Entry<TKey>* entries = room.Pointer;
            Entry<TKey>* spare = entries + size;
            var odometer = new Odometer(lines, start);
            for (; start < end; start++, odometer.Next())
            {
                Entry<TKey>* sorted = entries;
                if (count <= SelectionLimit && count <= size / SelectionShare)
                {
                    if (!SelectAbove(source + odometer[0], entries))
                        Select(source + odometer[0], entries);
                }
                else
                {
                    Load(source + odometer[0], entries, size);
                    if (size <= InsertionLimit)
                        Insert(entries, size);
                    else
                        sorted = Radix(entries, spare, size, Unsafe.SizeOf<T>());
                }
                long* to = result + odometer[1];
                for (int i = 0; i < count; i++)
                    to[i * resultStep] = sorted[i].Position;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Load(T* line, Entry<TKey>* entries, int loaded)
        {
            // The complement turns the order round and leaves equal keys equal, so sorting stays stable.
            TKey flip = descending ? ~TKey.Zero : TKey.Zero;
            for (int i = 0; i < loaded; i++)
            {
                entries[i].Key = SortKey.Of<T, TKey>(line[i * step]) ^ flip;
                entries[i].Position = i;
            }
        }

        /// <summary>
        /// Sorts only what reaches a bound that enough elements reach: the last asked for among the best of each of the register's
        /// lanes. False where that is no help: nan, or too many reach it.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private bool SelectAbove(T* line, Entry<TKey>* entries)
        {
            int lanes = Vector512<T>.Count;
            if (!Vector512.IsHardwareAccelerated || step != 1 || count > lanes || size < 8 * lanes)
                return false;
            Vector512<T> best = Vector512.Load(line);
            for (int i = lanes; i <= size - lanes; i += lanes)
                best = descending ? Vector512.Max(best, Vector512.Load(line + i)) : Vector512.Min(best, Vector512.Load(line + i));
            T* bests = stackalloc T[lanes];
            best.Store(bests);
            Load(bests, entries, lanes);
            Insert(entries, lanes);
            Vector512<T> bound = Vector512.Create(bests[entries[count - 1].Position]);
            if (!Vector512.EqualsAll(best, best) || !Vector512.EqualsAll(bound, bound))
                return false;

            TKey flip = descending ? ~TKey.Zero : TKey.Zero;
            int found = 0;
            for (int i = 0; i < size; i += lanes)
            {
                // The last register ends with the line; what it shares with the one before has been looked at.
                int from = Math.Min(i, size - lanes);
                Vector512<T> some = Vector512.Load(line + from);
                Vector512<T> behind = descending ? Vector512.LessThan(some, bound) : Vector512.GreaterThan(some, bound);
                ulong reaching = ~behind.ExtractMostSignificantBits() & ulong.MaxValue >> (64 - lanes) & ulong.MaxValue << (i - from);
                for (; reaching != 0; reaching &= reaching - 1)
                {
                    if (found == MostReaching)
                        return false;
                    int position = from + BitOperations.TrailingZeroCount(reaching);
                    entries[found].Key = SortKey.Of<T, TKey>(line[position]) ^ flip;
                    entries[found++].Position = position;
                }
            }
            Insert(entries, found);
            return true;
        }

        /// <summary>Keeps the first few of what came so far sorted; whatever comes later has to beat the last of them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Select(T* line, Entry<TKey>* entries)
        {
            TKey flip = descending ? ~TKey.Zero : TKey.Zero;
            Load(line, entries, count);
            Insert(entries, count);
            int i = count;
            while (i < size)
            {
                int stop = i + 1;
                if (step == 1 && i <= size - Vector<T>.Count)
                {
                    stop = i + Vector<T>.Count;
                    if (NoneBeats(line + i, line[entries[count - 1].Position]))
                        i = stop;
                }
                for (; i < stop; i++)
                {
                    TKey key = SortKey.Of<T, TKey>(line[i * step]) ^ flip;
                    if (key < entries[count - 1].Key)
                        Admit(entries, key, i);
                }
            }
        }

        /// <summary>Whether no element of a register comes before the worst of those kept; a nan among them says no.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool NoneBeats(T* elements, T worst)
        {
            Vector<T> some = *(Vector<T>*)elements, bound = new(worst);
            return descending ? Vector.LessThanOrEqualAll(some, bound) : Vector.GreaterThanOrEqualAll(some, bound);
        }

        private void Admit(Entry<TKey>* entries, TKey key, int position)
        {
            int at = count - 1;
            for (; at > 0 && entries[at - 1].Key > key; at--)
                entries[at] = entries[at - 1];
            entries[at].Key = key;
            entries[at].Position = position;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Insert<TKey>(Entry<TKey>* entries, int size)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        for (int i = 1; i < size; i++)
        {
            Entry<TKey> moved = entries[i];
            int at = i;
            for (; at > 0 && entries[at - 1].Key > moved.Key; at--)
                entries[at] = entries[at - 1];
            entries[at] = moved;
        }
    }

    /// <summary>Least significant digit first; passes in which all keys share a digit are left out. Returns where the result lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Entry<TKey>* Radix<TKey>(Entry<TKey>* from, Entry<TKey>* to, int size, int passes)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        int* counts = stackalloc int[Digits * sizeof(ulong)];
        new Span<int>(counts, Digits * passes).Clear();
        for (int i = 0; i < size; i++)
        {
            TKey key = from[i].Key;
            for (int pass = 0; pass < passes; pass++)
                counts[Digits * pass + (int)(byte.CreateTruncating(key >>> (8 * pass)))]++;
        }
        for (int pass = 0; pass < passes; pass++)
        {
            int* count = counts + Digits * pass;
            int shift = 8 * pass;
            if (count[byte.CreateTruncating(from[0].Key >>> shift)] == size)
                continue;
            int sum = 0;
            for (int digit = 0; digit < Digits; digit++)
            {
                int n = count[digit];
                count[digit] = sum;
                sum += n;
            }
            for (int i = 0; i < size; i++)
                to[count[byte.CreateTruncating(from[i].Key >>> shift)]++] = from[i];
            Entry<TKey>* sorted = to;
            to = from;
            from = sorted;
        }
        return from;
    }
}

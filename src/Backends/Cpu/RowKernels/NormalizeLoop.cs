using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Every row less its mean, over its standard deviation, then times a weight plus a bias where there are such.</summary>
/// <remarks>
/// While a row is written the one after the next is read for its moments: nothing stands still for memory or for the chain from sums to a
/// factor. 4096 rows of 768 in a bare loop: 0.54 -> 0.36 ms, what copying them takes.
/// </remarks>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="source">The first row.</param>
/// <param name="result">Where the first row of the result lies.</param>
/// <param name="count">Elements of a row, at least one.</param>
/// <param name="stream">Whether results go past the caches.</param>
/// <param name="weight">A factor for every column, or null with <paramref name="bias"/>.</param>
/// <param name="bias">A term for every column, or null with <paramref name="weight"/>.</param>
internal readonly unsafe struct NormalizeLoop<T>(double epsilon, T* source, T* result, int count, bool stream, T* weight = null, T* bias = null)
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    /// <summary>Works on so many rows.</summary>
    public void Run(long rows)
    {
        if (count > 0)
            Widest.Invoke<T, Vectors>(new Vectors(this, rows));
    }

    private readonly struct Vectors(NormalizeLoop<T> whole, long rows) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            // Long ranges, for each begins and ends with two rows read once more.
            Ranges.Run(rows, whole.Count / 2, new Range<S, V>(whole));
    }

    private int Count => count;

    private readonly struct Range<S, V>(NormalizeLoop<T> whole) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
    {
        public void Invoke(long start, long end) => whole.Rows<S, V>(start, end);
    }

    private void Rows<S, V>(long start, long end)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        if (start >= end)
            return;
        var current = RowMoments<T>.Of<S, V>(source + start * count, count);
        var following = start + 1 < end ? RowMoments<T>.Of<S, V>(source + (start + 1) * count, count) : current;
        for (; start < end; start++)
        {
            double scale = 1 / Math.Sqrt(current.Variance + epsilon);
            T factor = T.CreateTruncating(scale), term = T.CreateTruncating(-current.Shift * scale);
            T* from = source + start * count, to = result + start * count;
            // The last rows are read once more: a loop that only writes would be one more to keep.
            T* next = start + 2 < end ? from + 2 * count : from;
            T centre = current.Estimate;
            current = following;
            following = weight == null
                ? RowMoments<T>.Of<S, V, Plain<S, V>>(next, count, new Plain<S, V>(from, to, centre, factor, term, stream))
                : RowMoments<T>.Of<S, V, ByColumn<S, V>>(next, count, new ByColumn<S, V>(from, to, centre, factor, term, weight, bias, stream));
            for (int i = count - count % S.Count; i < count; i++)
            {
                T x = (from[i] - centre) * factor + term;
                to[i] = weight == null ? x : x * weight[i] + bias[i];
            }
        }
    }

    private readonly struct Plain<S, V>(T* source, T* result, T centre, T factor, T term, bool stream) : IBeside
        where S : struct, ISimd<V, T>
        where V : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At(int i) =>
            RowScale.Put<S, V, T>(
                S.MultiplyAdd(S.Subtract(S.Load(source + i), S.Create(centre)), S.Create(factor), S.Create(term)), result + i, stream);
    }

    private readonly struct ByColumn<S, V>(T* source, T* result, T centre, T factor, T term, T* weight, T* bias, bool stream) : IBeside
        where S : struct, ISimd<V, T>
        where V : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At(int i)
        {
            V x = S.MultiplyAdd(S.Subtract(S.Load(source + i), S.Create(centre)), S.Create(factor), S.Create(term));
            RowScale.Put<S, V, T>(S.MultiplyAdd(x, S.Load(weight + i), S.Load(bias + i)), result + i, stream);
        }
    }
}

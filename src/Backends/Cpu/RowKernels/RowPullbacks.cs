using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Where the cotangent of the row at hand lies: rows of the point and of the cotangent have one order.</summary>
internal readonly unsafe struct RowCotangent<T>(T* firstPoint, T* firstCotangent)
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Of(T* point) => firstCotangent + (point - firstPoint);
}

/// <summary>y (c - sum(y c)), where y is a row of a softmax.</summary>
internal readonly unsafe struct SoftmaxPullback<T>(RowCotangent<T> cotangents) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        T inner = T.CreateTruncating(RowSums<S, V, T>.Products(point, cotangent, count));
        RowMap.Run<S, V, T, Map<S, V>>(result, count, new Map<S, V>(point, cotangent, inner));
    }

    private readonly struct Map<S, V>(T* point, T* cotangent, T inner) : IRowMap<S, V, T>
        where S : struct, ISimd<V, T>
        where V : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Vector(int i) => S.Multiply(S.Load(point + i), S.Subtract(S.Load(cotangent + i), S.Create(inner)));

        public T Scalar(int i) => point[i] * (cotangent[i] - inner);
    }
}

/// <summary>c - e^y sum(c), where y is a row of a logarithmic softmax.</summary>
internal readonly unsafe struct LogSoftmaxPullback<T>(RowCotangent<T> cotangents) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        T total = T.CreateTruncating(RowSums<S, V, T>.Of(cotangent, count));
        if (count < S.Count)
            ShiftedExponentials<S, V, T>.Sum(point, result, count, T.Zero);
        RowMap.Run<S, V, T, Map<S, V>>(result, count, new Map<S, V>(point, cotangent, result, total));
    }

    private readonly struct Map<S, V>(T* point, T* cotangent, T* exponentials, T total) : IRowMap<S, V, T>
        where S : struct, ISimd<V, T>
        where V : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Vector(int i) => S.MultiplyAdd(S.Exp(S.Load(point + i)), S.Create(-total), S.Load(cotangent + i));

        public T Scalar(int i) => cotangent[i] - exponentials[i] * total;
    }
}

/// <summary>
/// What the cotangent of a normalized row comes to, c being the cotangent times the weight and y the normalized row:
/// (c - mean(c) - y mean(y c)) / sqrt(variance + epsilon). With d = x - estimate this is Factor c + Bend d + Term.
/// </summary>
internal readonly unsafe struct NormalizeSlope<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public readonly T Estimate, Factor, Bend, Term;

    /// <summary>y is Factor d + Offset.</summary>
    public readonly T Offset;

    private NormalizeSlope(in RowMoments<T> row, double scale, double sum, double along, int count, double weight)
    {
        double mean = sum / count;
        double slope = scale * (along / count - row.Shift * mean);
        Estimate = row.Estimate;
        Factor = T.CreateTruncating(scale * weight);
        Bend = T.CreateTruncating(-scale * scale * slope);
        Term = T.CreateTruncating(scale * scale * slope * row.Shift - scale * mean);
        Offset = T.CreateTruncating(-row.Shift * scale);
    }

    /// <summary>Looks at a row and its cotangent; the weight may be null.</summary>
    public static NormalizeSlope<T> Of<S, V>(T* point, T* cotangent, T* weight, double epsilon, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        var row = RowMoments<T>.Of<S, V>(point, count);
        var (sum, along) = RowSums<S, V, T>.Weighted(cotangent, weight, point, row.Estimate, count);
        return new NormalizeSlope<T>(row, 1 / Math.Sqrt(row.Variance + epsilon), sum, along, count, 1);
    }

    /// <summary>Of a row that was looked at: what its weighted cotangent sums to, also times d; and the weight of some of its columns.</summary>
    public static NormalizeSlope<T> Of(in RowMoments<T> row, double scale, double sum, double along, int count, double weight) =>
        new(row, scale, sum, along, count, weight);

    /// <summary>Writes what the cotangent of some columns comes to, the weight being in the factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write<S, V>(T* point, T* cotangent, T* result, int count, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V middle = S.Create(Estimate), a = S.Create(Factor), b = S.Create(Bend), e = S.Create(Term);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            RowScale.Ahead(point + count + i, cotangent + count + i, stream);
            V d = S.Subtract(S.Load(point + i), middle);
            RowScale.Put<S, V, T>(S.MultiplyAdd(S.Load(cotangent + i), a, S.MultiplyAdd(d, b, e)), result + i, stream);
        }
        for (; i < count; i++)
            result[i] = cotangent[i] * Factor + ((point[i] - Estimate) * Bend + Term);
    }
}

/// <summary>The cotangent of a row that was normalized.</summary>
internal readonly unsafe struct NormalizePullback<T>(double epsilon, RowCotangent<T> cotangents, bool stream) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        NormalizeSlope<T>.Of<S, V>(point, cotangent, null, epsilon, count).Write<S, V>(point, cotangent, result, count, stream);
    }
}

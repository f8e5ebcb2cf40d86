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
internal readonly unsafe struct SoftmaxPullback<T>(RowCotangent<T> cotangents, bool stream) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        T inner = T.CreateTruncating(RowSums<S, V, T>.Products(point, cotangent, count));
        V middle = S.Create(inner);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            RowScale.Ahead(point + count + i, cotangent + count + i, stream);
            RowScale.Put<S, V, T>(S.Multiply(S.Load(point + i), S.Subtract(S.Load(cotangent + i), middle)), result + i, stream);
        }
        for (; i < count; i++)
            result[i] = point[i] * (cotangent[i] - inner);
    }
}

/// <summary>c - e^y sum(c), where y is a row of a logarithmic softmax.</summary>
internal readonly unsafe struct LogSoftmaxPullback<T>(RowCotangent<T> cotangents) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        ShiftedExponentials<S, V, T>.Sum(point, result, count, T.Zero);
        T total = T.CreateTruncating(RowSums<S, V, T>.Of(cotangent, count));
        V minus = S.Create(-total);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
            S.Store(S.MultiplyAdd(S.Load(result + i), minus, S.Load(cotangent + i)), result + i);
        for (; i < count; i++)
            result[i] = cotangent[i] - result[i] * total;
    }
}

/// <summary>
/// (c - mean(c) - y mean(y c)) / sqrt(variance + epsilon), where y is the normalized row and c the cotangent times the weight.
/// With d = x - estimate this is a c + b d + e for three numbers of the row.
/// </summary>
internal readonly unsafe struct NormalizePullback<T>(double epsilon, T* weight, RowCotangent<T> cotangents, bool stream) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row<S, V>(T* point, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* cotangent = cotangents.Of(point);
        var row = RowMoments<T>.Of<S, V>(point, count);
        double scale = 1 / Math.Sqrt(row.Variance + epsilon);
        var (sum, along) = RowSums<S, V, T>.Weighted(cotangent, weight, point, row.Estimate, count);
        double mean = sum / count;
        double slope = scale * (along / count - row.Shift * mean);
        T factor = T.CreateTruncating(scale);
        T bend = T.CreateTruncating(-scale * scale * slope);
        T term = T.CreateTruncating(scale * scale * slope * row.Shift - scale * mean);
        V middle = S.Create(row.Estimate), a = S.Create(factor), b = S.Create(bend), e = S.Create(term);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            RowScale.Ahead(point + count + i, cotangent + count + i, stream);
            V c = S.Load(cotangent + i);
            if (weight != null)
                c = S.Multiply(c, S.Load(weight + i));
            V d = S.Subtract(S.Load(point + i), middle);
            RowScale.Put<S, V, T>(S.MultiplyAdd(c, a, S.MultiplyAdd(d, b, e)), result + i, stream);
        }
        for (; i < count; i++)
        {
            T c = weight != null ? cotangent[i] * weight[i] : cotangent[i];
            result[i] = c * factor + ((point[i] - row.Estimate) * bend + term);
        }
    }
}

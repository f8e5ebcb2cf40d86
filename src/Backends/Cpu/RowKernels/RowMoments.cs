using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A row's mean, as an estimate and how far the mean lies from that, and its variance; nan for a row with a nan.</summary>
/// <remarks>
/// One pass sums the deviations from an estimate of the mean, the average of the row's beginning, and their squares.
/// Should the estimate turn out so far off that squares cancel, a second pass goes by the mean that the first one found.
/// </remarks>
internal readonly record struct RowMoments<T>(T Estimate, double Shift, double Variance)
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    // Summed in registers for a block, blocks in double precision.
    private const int Block = 4096;

    // A squared distance of the estimate from the mean, in variances, that costs no more than two bits.
    private const double Tolerable = 4;

    public static unsafe RowMoments<T> Of<S, V>(T* source, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int beginning = Math.Min(count, 4 * S.Count);
        T estimate = T.CreateTruncating(double.CreateTruncating(RunFold<S, V, T, SumFold<T>>.Fold(source, beginning)) / beginning);
        var (shift, variance) = Moments<S, V>(source, count, estimate);
        if (shift * shift > Tolerable * variance)
        {
            estimate = T.CreateTruncating(double.CreateTruncating(estimate) + shift);
            (shift, variance) = Moments<S, V>(source, count, estimate);
        }
        return new RowMoments<T>(estimate, shift, variance);
    }

    /// <summary>How far the mean lies from the estimate, and the variance; both nan for a row with a nan.</summary>
    private static unsafe (double Shift, double Variance) Moments<S, V>(T* source, int count, T estimate)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        double deviations = 0;
        double squares = 0;
        for (int i = 0; i < count; i += Block)
        {
            var (sum, sumOfSquares) = Deviations<S, V>(source + i, Math.Min(Block, count - i), estimate);
            deviations += sum;
            squares += sumOfSquares;
        }
        double shift = deviations / count;
        return (shift, Math.Max(0, squares / count - shift * shift));
    }

    /// <summary>The sums of x - mean and of (x - mean)^2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe (double Sum, double Squares) Deviations<S, V>(T* source, int count, T mean)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V middle = S.Create(mean);
        V s0 = S.Create(T.Zero), s1 = s0, s2 = s0, s3 = s0;
        V q0 = s0, q1 = s0, q2 = s0, q3 = s0;
        int i = 0;
        for (; i <= count - 4 * S.Count; i += 4 * S.Count)
        {
            V x = S.Subtract(S.Load(source + i), middle);
            V y = S.Subtract(S.Load(source + i + S.Count), middle);
            V z = S.Subtract(S.Load(source + i + 2 * S.Count), middle);
            V w = S.Subtract(S.Load(source + i + 3 * S.Count), middle);
            s0 = S.Add(s0, x);
            s1 = S.Add(s1, y);
            s2 = S.Add(s2, z);
            s3 = S.Add(s3, w);
            q0 = S.MultiplyAdd(x, x, q0);
            q1 = S.MultiplyAdd(y, y, q1);
            q2 = S.MultiplyAdd(z, z, q2);
            q3 = S.MultiplyAdd(w, w, q3);
        }
        for (; i <= count - S.Count; i += S.Count)
        {
            V x = S.Subtract(S.Load(source + i), middle);
            s0 = S.Add(s0, x);
            q0 = S.MultiplyAdd(x, x, q0);
        }
        if (i < count && count >= S.Count)
        {
            V x = S.Subtract(S.Load(source + count - S.Count), middle);
            x = S.Select(LaneMask.Last<S, V, T>(count - i), x, S.Create(T.Zero));
            s1 = S.Add(s1, x);
            q1 = S.MultiplyAdd(x, x, q1);
            i = count;
        }
        double sum = Total<S, V, T>.Of(S.Add(S.Add(s0, s1), S.Add(s2, s3)));
        double squares = Total<S, V, T>.Of(S.Add(S.Add(q0, q1), S.Add(q2, q3)));
        for (; i < count; i++)
        {
            double x = double.CreateTruncating(source[i] - mean);
            sum += x;
            squares += x * x;
        }
        return (sum, squares);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Work that takes its turn at every register of a row whose moments are summed.</summary>
internal interface IBeside
{
    /// <summary>The work at the register that begins with element <paramref name="i"/>.</summary>
    void At(int i);
}

/// <summary>A row's mean, as an estimate and how far the mean lies from that, and its variance; nan for a row with a nan.</summary>
/// <remarks>
/// One pass sums the deviations from an estimate of the mean, the average of four elements, and their squares.
/// Should the estimate turn out so far off that squares cancel, a second pass goes by the mean that the first one found.
/// </remarks>
internal readonly record struct RowMoments<T>(T Estimate, double Shift, double Variance)
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    // Summed in registers for a block, blocks in double precision.
    private const int Block = 4096;

    // A squared distance of the estimate from the mean, in variances, that costs no more than two bits.
    private const double Tolerable = 4;

    private readonly struct Nothing : IBeside
    {
        public void At(int i)
        {
        }
    }

    /// <summary>The moments of a row of at least one element.</summary>
    public static unsafe RowMoments<T> Of<S, V>(T* source, int count)
        where S : struct, ISimd<V, T>
        where V : struct =>
        Of<S, V, Nothing>(source, count, default);

    /// <summary>The same, bit for bit, with other work done at every whole register of the row.</summary>
    public static unsafe RowMoments<T> Of<S, V, TBeside>(T* source, int count, in TBeside beside)
        where S : struct, ISimd<V, T>
        where V : struct
        where TBeside : struct, IBeside
    {
        T quarter = T.CreateTruncating(0.25);
        int half = count / 2, step = count / 4;
        // Four elements need no sum across a register, for which the first deviation would wait.
        T estimate = source[0] * quarter + source[step] * quarter + (source[half] * quarter + source[half + step] * quarter);
        var (shift, variance) = Moments<S, V, TBeside>(source, count, estimate, beside);
        if (shift * shift > Tolerable * variance)
        {
            estimate = T.CreateTruncating(double.CreateTruncating(estimate) + shift);
            (shift, variance) = Moments<S, V, Nothing>(source, count, estimate, default);
        }
        return new RowMoments<T>(estimate, shift, variance);
    }

    /// <summary>How far the mean lies from the estimate, and the variance; both nan for a row with a nan.</summary>
    private static unsafe (double Shift, double Variance) Moments<S, V, TBeside>(T* source, int count, T estimate, in TBeside beside)
        where S : struct, ISimd<V, T>
        where V : struct
        where TBeside : struct, IBeside
    {
        double deviations = 0;
        double squares = 0;
        for (int i = 0; i < count; i += Block)
        {
            var (sum, sumOfSquares) = Deviations<S, V, TBeside>(source, i, Math.Min(Block, count - i), estimate, beside);
            deviations += sum;
            squares += sumOfSquares;
        }
        double shift = deviations / count;
        return (shift, Math.Max(0, squares / count - shift * shift));
    }

    /// <summary>The sums of x - mean and of (x - mean)^2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe (double Sum, double Squares) Deviations<S, V, TBeside>(T* row, int start, int count, T mean, TBeside beside)
        where S : struct, ISimd<V, T>
        where V : struct
        where TBeside : struct, IBeside
    {
        T* source = row + start;
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
            beside.At(start + i);
            beside.At(start + i + S.Count);
            beside.At(start + i + 2 * S.Count);
            beside.At(start + i + 3 * S.Count);
        }
        for (; i <= count - S.Count; i += S.Count)
        {
            V x = S.Subtract(S.Load(source + i), middle);
            s0 = S.Add(s0, x);
            q0 = S.MultiplyAdd(x, x, q0);
            beside.At(start + i);
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

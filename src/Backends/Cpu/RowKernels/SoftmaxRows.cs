using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>exp(x - max), written to the result, and its sum.</summary>
internal static unsafe class ShiftedExponentials<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    // Blocks are summed in registers, sums of blocks in double precision.
    private const int Block = 4096;

    /// <summary>Sums exp(x - shift); stores each where <paramref name="result"/> is not null.</summary>
    public static double Sum(T* source, T* result, int count, T shift)
    {
        double sum = 0;
        for (int i = 0; i < count; i += Block)
            sum += SumBlock(source + i, result == null ? null : result + i, Math.Min(Block, count - i), shift);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SumBlock(T* source, T* result, int count, T shift)
    {
        V offset = S.Create(shift);
        V a = S.Create(T.Zero), b = a;
        int i = 0;
        for (; i <= count - 2 * S.Count; i += 2 * S.Count)
        {
            V x = S.Exp(S.Subtract(S.Load(source + i), offset));
            V y = S.Exp(S.Subtract(S.Load(source + i + S.Count), offset));
            a = S.Add(a, x);
            b = S.Add(b, y);
            if (result != null)
            {
                S.Store(x, result + i);
                S.Store(y, result + i + S.Count);
            }
        }
        for (; i <= count - S.Count; i += S.Count)
        {
            V x = S.Exp(S.Subtract(S.Load(source + i), offset));
            a = S.Add(a, x);
            if (result != null)
                S.Store(x, result + i);
        }
        if (i < count)
        {
            T* last = stackalloc T[S.Count];
            S.Store(S.Create(shift), last);
            new ReadOnlySpan<T>(source + i, count - i).CopyTo(new Span<T>(last, S.Count));
            S.Store(S.Exp(S.Subtract(S.Load(last), offset)), last);
            T rest = T.Zero;
            for (int j = 0; i < count; i++, j++)
            {
                rest += last[j];
                if (result != null)
                    result[i] = last[j];
            }
            return Total<S, V, T>.Of(S.Add(a, b)) + double.CreateTruncating(rest);
        }
        return Total<S, V, T>.Of(S.Add(a, b));
    }
}

/// <summary>exp(x - max) / sum.</summary>
/// <remarks>
/// Results go through the caches, many or not: a row is computed for long, and in that time the caches take in what it will be written over and write
/// back rows before it. Stores around them come all at once, and the next row waits.
/// </remarks>
internal readonly unsafe struct SoftmaxRow<T> : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct =>
        ScaledSoftmax<S, V, T>.Write(source, result, count, RunFold<S, V, T, MaximumFold<T>>.Fold(source, count), 1);
}

/// <summary>factor exp(x - max) / sum, written to the result, and the sum.</summary>
internal static unsafe class ScaledSoftmax<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static double Write(T* source, T* result, int count, T top, double factor)
    {
        double sum = ShiftedExponentials<S, V, T>.Sum(source, result, count, top);
        RowScale.Run<S, V, T>(result, result, count, T.Zero, T.CreateTruncating(factor / sum), T.Zero);
        return sum;
    }
}

/// <summary>x - max - log(sum of exp(x - max)).</summary>
internal readonly unsafe struct LogSoftmaxRow<T> : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T top = RunFold<S, V, T, MaximumFold<T>>.Fold(source, count);
        T log = T.CreateTruncating(Math.Log(ShiftedExponentials<S, V, T>.Sum(source, null, count, top)));
        RowMap.Run<S, V, T, Shifted<S, V>>(result, count, new Shifted<S, V>(source, top, log));
    }

    private readonly struct Shifted<S, V>(T* source, T first, T second) : IRowMap<S, V, T>
        where S : struct, ISimd<V, T>
        where V : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Vector(int i) => S.Subtract(S.Subtract(S.Load(source + i), S.Create(first)), S.Create(second));

        public T Scalar(int i) => source[i] - first - second;
    }
}

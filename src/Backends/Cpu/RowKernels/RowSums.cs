using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Sums over a row and over products of rows: in registers for a block, blocks in double precision.</summary>
internal static unsafe class RowSums<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    private const int Block = 4096;

    /// <summary>The sum of a row.</summary>
    public static double Of(T* row, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i += Block)
            sum += double.CreateTruncating(RunFold<S, V, T, SumFold<T>>.Fold(row + i, Math.Min(Block, count - i)));
        return sum;
    }

    /// <summary>The sum of a b.</summary>
    public static double Products(T* a, T* b, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i += Block)
            sum += Products(a + i, b + i, null, T.Zero, Math.Min(Block, count - i)).Along;
        return sum;
    }

    /// <summary>The sums of c w and of c w (x - middle); w is 1 where <paramref name="w"/> is null.</summary>
    public static (double Sum, double Along) Weighted(T* c, T* w, T* x, T middle, int count)
    {
        double sum = 0, along = 0;
        for (int i = 0; i < count; i += Block)
        {
            var (s, a) = Products(x + i, c + i, w == null ? null : w + i, middle, Math.Min(Block, count - i));
            sum += s;
            along += a;
        }
        return (sum, along);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Along) Products(T* x, T* c, T* w, T middle, int count)
    {
        V centre = S.Create(middle);
        V s0 = S.Create(T.Zero), s1 = s0, a0 = s0, a1 = s0;
        int i = 0;
        for (; i <= count - 2 * S.Count; i += 2 * S.Count)
        {
            V u = S.Load(c + i), v = S.Load(c + i + S.Count);
            if (w != null)
            {
                u = S.Multiply(u, S.Load(w + i));
                v = S.Multiply(v, S.Load(w + i + S.Count));
            }
            s0 = S.Add(s0, u);
            s1 = S.Add(s1, v);
            a0 = S.MultiplyAdd(u, S.Subtract(S.Load(x + i), centre), a0);
            a1 = S.MultiplyAdd(v, S.Subtract(S.Load(x + i + S.Count), centre), a1);
        }
        double sum = Total<S, V, T>.Of(S.Add(s0, s1)), along = Total<S, V, T>.Of(S.Add(a0, a1));
        for (; i < count; i++)
        {
            double u = double.CreateTruncating(w != null ? c[i] * w[i] : c[i]);
            sum += u;
            along += u * double.CreateTruncating(x[i] - middle);
        }
        return (sum, along);
    }
}

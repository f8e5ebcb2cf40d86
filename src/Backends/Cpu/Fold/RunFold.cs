using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Folds contiguous elements to one, in a tree that only their number decides.</summary>
internal static unsafe class RunFold<S, V, T, TFold>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
    where TFold : struct, IFold<T>
{
    // Eight registers side by side; a leaf adds at most 16 numbers per lane before halves are put together.
    private const int Unroll = 8;
    private static int Leaf => 16 * Unroll * S.Count;

    /// <summary>The fold of <paramref name="count"/> elements.</summary>
    public static T Fold(T* source, long count)
    {
        if (count <= Leaf)
            return FoldLeaf(source, (int)count);
        long half = (count / 2 + Leaf - 1) / Leaf * Leaf;
        return TFold.Combine(Fold(source, half), Fold(source + half, count - half));
    }

    /// <summary>Folds neighbours pairwise until one is left; overwrites what it folds.</summary>
    public static T FoldPairs(T* values, int count)
    {
        if (count == 0)
            return TFold.Identity;
        for (; count > 1; count = (count + 1) / 2)
        {
            for (int i = 0; i < count / 2; i++)
                values[i] = TFold.Combine(values[2 * i], values[2 * i + 1]);
            if (count % 2 == 1)
                values[count / 2] = values[count - 1];
        }
        return values[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T FoldLeaf(T* source, int count)
    {
        if (count < S.Count)
            return FoldFew(source, count);
        V a = S.Create(TFold.Identity);
        int i = 0;
        if (count >= Unroll * S.Count)
        {
            V b = a, c = a, d = a, e = a, f = a, g = a, h = a;
            for (; i <= count - Unroll * S.Count; i += Unroll * S.Count)
            {
                a = TFold.Combine<S, V>(a, S.Load(source + i));
                b = TFold.Combine<S, V>(b, S.Load(source + i + S.Count));
                c = TFold.Combine<S, V>(c, S.Load(source + i + 2 * S.Count));
                d = TFold.Combine<S, V>(d, S.Load(source + i + 3 * S.Count));
                e = TFold.Combine<S, V>(e, S.Load(source + i + 4 * S.Count));
                f = TFold.Combine<S, V>(f, S.Load(source + i + 5 * S.Count));
                g = TFold.Combine<S, V>(g, S.Load(source + i + 6 * S.Count));
                h = TFold.Combine<S, V>(h, S.Load(source + i + 7 * S.Count));
            }
            a = TFold.Combine<S, V>(a, b);
            c = TFold.Combine<S, V>(c, d);
            e = TFold.Combine<S, V>(e, f);
            g = TFold.Combine<S, V>(g, h);
            a = TFold.Combine<S, V>(TFold.Combine<S, V>(a, c), TFold.Combine<S, V>(e, g));
        }
        for (; i <= count - S.Count; i += S.Count)
            a = TFold.Combine<S, V>(a, S.Load(source + i));
        if (i < count)
            a = TFold.Combine<S, V>(a, LoadLast(source + count - S.Count, count - i));
        return S.ToScalar(Lanes<S, V, T>.Fold<TFold>(a));
    }

    /// <summary>A whole register that ends where the elements end; lanes folded already are blank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadLast(T* source, int left)
    {
        V last = S.Load(source);
        return S.Select(LaneMask.Last<S, V, T>(left), last, S.Create(TFold.Identity));
    }

    private static T FoldFew(T* source, int count)
    {
        T result = TFold.Identity;
        for (int i = 0; i < count; i++)
            result = TFold.Combine(result, source[i]);
        return result;
    }
}

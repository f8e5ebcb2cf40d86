using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Rows that others are folded into, element by element.</summary>
internal static unsafe class RowMerge
{
    /// <summary>target[j] = value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Set<S, V, T>(T value, T* target, int width)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
    {
        V all = S.Create(value);
        int j = 0;
        for (; j <= width - S.Count; j += S.Count)
            S.Store(all, target + j);
        for (; j < width; j++)
            target[j] = value;
    }

    /// <summary>target[j] = target[j] folded with source[j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, T, TFold>(T* source, T* target, int width)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        int j = 0;
        for (; j <= width - 2 * S.Count; j += 2 * S.Count)
        {
            V a = TFold.Combine<S, V>(S.Load(target + j), S.Load(source + j));
            V b = TFold.Combine<S, V>(S.Load(target + j + S.Count), S.Load(source + j + S.Count));
            S.Store(a, target + j);
            S.Store(b, target + j + S.Count);
        }
        for (; j <= width - S.Count; j += S.Count)
            S.Store(TFold.Combine<S, V>(S.Load(target + j), S.Load(source + j)), target + j);
        for (; j < width; j++)
            target[j] = TFold.Combine(target[j], source[j]);
    }

    /// <summary>Folds neighbouring rows together, and these again, until the first row holds all of them.</summary>
    public static void All<S, V, T, TFold>(T* rows, int count, int width)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        for (int apart = 1; apart < count; apart *= 2)
        {
            for (int row = 0; row + apart < count; row += 2 * apart)
                Run<S, V, T, TFold>(rows + (long)(row + apart) * width, rows + (long)row * width, width);
        }
    }
}

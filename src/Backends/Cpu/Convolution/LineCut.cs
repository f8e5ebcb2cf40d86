using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Lines of pixels as the four or eight phases of such a stride, with zeros at both ends: of each line first pixels 0, 4, 8, ... or 0, 8, 16,
/// ..., then those behind them, and so on. Moves bits alone.
/// </summary>
/// <param name="source">The first pixel.</param>
/// <param name="stride">From a line to the next.</param>
/// <param name="lines">How many lines there are.</param>
/// <param name="first">Where in a padded line the first pixel lies.</param>
/// <param name="last">Where the last one ends.</param>
/// <param name="length">Length of a phase, whole registers.</param>
/// <param name="phases">Four or eight.</param>
/// <param name="target">Phases, each after the other.</param>
internal readonly unsafe struct LineCut<T>(T* source, nint stride, int lines, int first, int last, int length, int phases, T* target)
    : IVectorAction<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int all = length * phases;
        T* padded = ThreadScratch.Rent<T>(ScratchUse.Line, all);
        new Span<T>(padded, all).Clear();
        for (int line = 0; line < lines; line++)
        {
            new Span<T>(source + line * stride, last - first).CopyTo(new Span<T>(padded + first, last - first));
            Cut<S, V>(padded, target + (nint)line * all);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Cut<S, V>(T* from, T* to)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int lanes = S.Count;
        for (T* end = to + length; to < end; from += phases * lanes, to += lanes)
        {
            V x0 = S.Load(from), x1 = S.Load(from + lanes), x2 = S.Load(from + 2 * lanes), x3 = S.Load(from + 3 * lanes);
            if (phases == 4)
            {
                Fourths<S, V>(x0, x1, x2, x3, to, length);
                continue;
            }
            T* high = from + 4 * lanes;
            V x4 = S.Load(high), x5 = S.Load(high + lanes), x6 = S.Load(high + 2 * lanes), x7 = S.Load(high + 3 * lanes);
            Fourths<S, V>(S.Even(x0, x1), S.Even(x2, x3), S.Even(x4, x5), S.Even(x6, x7), to, 2 * length);
            Fourths<S, V>(S.Odd(x0, x1), S.Odd(x2, x3), S.Odd(x4, x5), S.Odd(x6, x7), to + length, 2 * length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fourths<S, V>(V x0, V x1, V x2, V x3, T* to, nint next)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V even = S.Even(x0, x1), even2 = S.Even(x2, x3), odd = S.Odd(x0, x1), odd2 = S.Odd(x2, x3);
        S.Store(S.Even(even, even2), to);
        S.Store(S.Even(odd, odd2), to + next);
        S.Store(S.Odd(even, even2), to + 2 * next);
        S.Store(S.Odd(odd, odd2), to + 3 * next);
    }
}

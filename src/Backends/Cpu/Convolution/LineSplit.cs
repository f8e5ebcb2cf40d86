using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Lines of pixels as the two phases of a stride of two, with zeros at both ends: of each line every second pixel side by side, then the
/// others. Moves bits alone.
/// </summary>
/// <param name="source">The first pixel.</param>
/// <param name="stride">From a line to the next.</param>
/// <param name="lines">How many lines there are.</param>
/// <param name="first">Where in a padded line the first pixel lies.</param>
/// <param name="last">Where the last one ends.</param>
/// <param name="length">Length of a phase.</param>
/// <param name="target">Phases, each after the other; a register behind the last one may be overwritten.</param>
internal readonly unsafe struct LineSplit<T>(T* source, nint stride, int lines, int first, int last, int length, T* target) : IVectorAction<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V zero = S.Create(T.Zero);
        T* end = source + (lines - 1) * stride + last - first, to = target;
        for (int line = 0; line < lines; line++)
            for (int phase = 0; phase < 2; phase++, to += length)
            {
                int begin = Math.Max(0, (first - phase + 1) / 2), stop = Math.Max(begin, (last - phase + 1) / 2);
                T* from = source + line * stride + 2 * begin + phase - first;
                // Whatever a register writes too much is written later.
                for (int x = 0; x < begin; x += S.Count)
                    S.Store(zero, to + x);
                for (int x = begin; x < stop; x += S.Count, from += 2 * S.Count)
                    if (from + 2 * S.Count <= end)
                        S.Store(S.Even(S.Load(from), S.Load(from + S.Count)), to + x);
                    else
                        for (int i = 0; i < Math.Min(S.Count, stop - x); i++)
                            to[x + i] = from[2 * i];
                for (int x = stop; x < length; x += S.Count)
                    S.Store(zero, to + x);
            }
    }
}

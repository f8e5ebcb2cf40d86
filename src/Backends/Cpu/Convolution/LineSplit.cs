using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Every second element of a line, from the first on, side by side: what a phase of a stride of two is. Moves bits alone.</summary>
internal readonly unsafe struct LineSplit<T>(T* source, int count, T* target) : IVectorAction<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        // The last element is moved by itself, since nothing may lie behind it.
        int i = 0, whole = count - 1;
        if (whole >= S.Count)
            for (; i < whole; i += S.Count)
            {
                int place = Math.Min(i, whole - S.Count);
                S.Store(S.Even(S.Load(source + 2 * place), S.Load(source + 2 * place + S.Count)), target + place);
            }
        for (i = Math.Min(i, whole); i < count; i++)
            target[i] = source[2 * i];
    }
}

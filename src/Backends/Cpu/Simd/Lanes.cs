using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Registers put together to one number.</summary>
internal static unsafe class Lanes
{
    /// <summary>The sum of all lanes in double precision, halves onto halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum<S, V, T>(V value)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
    {
        T* lanes = stackalloc T[S.Count];
        S.Store(value, lanes);
        double sum = 0;
        for (int i = 0; i < S.Count; i++)
            sum += double.CreateTruncating(lanes[i]);
        return sum;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Registers put together to one number.</summary>
internal static class Lanes<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
{
    /// <summary>All lanes folded, halves onto halves, in every lane of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fold<TFold>(V value)
        where TFold : struct, IFold<T>
    {
        for (int distance = S.Count / 2; distance > 0; distance /= 2)
            value = TFold.Combine<S, V>(value, S.Exchange(value, distance));
        return value;
    }
}

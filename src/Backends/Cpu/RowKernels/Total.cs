using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The sum of a register's lanes, on its way to a sum in double precision.</summary>
internal static class Total<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(V value) => double.CreateTruncating(S.ToScalar(Lanes<S, V, T>.Fold<SumFold<T>>(value)));
}

using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Elements of a row's result, each a function of its own place.</summary>
internal interface IRowMap<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
{
    /// <summary>The register's worth of elements from <paramref name="i"/> on.</summary>
    V Vector(int i);

    /// <summary>One element, of a row shorter than a register.</summary>
    T Scalar(int i);
}

/// <summary>Writes rows that do not overlap what they are made of.</summary>
internal static unsafe class RowMap
{
    /// <summary>Writes a row; the last register overlaps its neighbour rather than leave elements over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, T, TMap>(T* result, int count, in TMap map)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
        where TMap : struct, IRowMap<S, V, T>
    {
        int i = 0;
        if (count < S.Count)
        {
            for (; i < count; i++)
                result[i] = map.Scalar(i);
            return;
        }
        for (; i <= count - S.Count; i += S.Count)
            S.Store(map.Vector(i), result + i);
        if (i < count)
            S.Store(map.Vector(count - S.Count), result + count - S.Count);
    }
}

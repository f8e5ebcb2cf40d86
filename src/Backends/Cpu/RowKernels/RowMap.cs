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
    // Shorter rows have too many ends for their middles.
    private const int ShortestStream = 1024;

    /// <summary>Whether rows of a result go past the caches, wherever they begin: they are many and long.</summary>
    public static bool Streams<T>(T* result, long rows, int count, bool isCold)
        where T : unmanaged =>
        RowScale.IsMuch(rows * count * sizeof(T), isCold) && count * sizeof(T) >= ShortestStream && (nint)result % sizeof(T) == 0;

    /// <summary>Writes a row; registers at both ends overlap their neighbours rather than leave elements over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, T, TMap>(T* result, int count, bool stream, in TMap map)
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
        if (stream)
        {
            int bytes = S.Count * sizeof(T);
            int head = (int)(-(nint)result & (bytes - 1)) / sizeof(T);
            if (head > 0)
                S.Store(map.Vector(0), result);
            for (i = head; i <= count - S.Count; i += S.Count)
                S.Stream(map.Vector(i), result + i);
        }
        else
        {
            for (; i <= count - S.Count; i += S.Count)
                S.Store(map.Vector(i), result + i);
        }
        if (i < count)
            S.Store(map.Vector(count - S.Count), result + count - S.Count);
    }
}

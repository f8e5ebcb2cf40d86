using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>How rows are dealt out: `Lanes` threads (a power of two) work on a row, as many rows as fit in a group.</summary>
internal struct RowShape
{
    public const int Threads = 256;

    public int Rows;
    public int Count;
    public int Lanes;

    /// <summary>As many lanes as a row has elements, up to a whole group.</summary>
    public static RowShape Of(int rows, int count) => new()
    {
        Rows = rows,
        Count = count,
        Lanes = (int)Math.Min(Threads, BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count))),
    };

    public readonly int Groups => (Rows + Threads / Lanes - 1) / (Threads / Lanes);

    /// <summary>The calling thread's first element, seen from its row's beginning.</summary>
    public readonly int Lane => Group.IdxX % Lanes;

    /// <summary>The calling thread's row; one beyond the last has no elements.</summary>
    public readonly int Row => Grid.IdxX * (Threads / Lanes) + Group.IdxX / Lanes;

    /// <summary>Where that row begins.</summary>
    public readonly int Start => Row * Count;

    /// <summary>How many elements it has.</summary>
    public readonly int Own => Row < Rows ? Count : 0;
}

/// <summary>Folds over the lanes of each row of a group, in a fixed tree. All threads of the group must come along.</summary>
internal static class RowFold
{
    public static T Sum<T>(ArrayView<T> scratch, int lanes, T value)
        where T : unmanaged, INumber<T>
    {
        int thread = Group.IdxX, lane = thread % lanes;
        scratch[thread] = value;
        Group.Barrier();
        for (int step = lanes / 2; step > 0; step /= 2)
        {
            if (lane < step)
                scratch[thread] += scratch[thread + step];
            Group.Barrier();
        }
        T result = scratch[thread - lane];
        Group.Barrier();
        return result;
    }

    /// <summary>Passes nan over: what is computed from a nan is one anyway.</summary>
    public static T Maximum<T>(ArrayView<T> scratch, int lanes, T value)
        where T : unmanaged, INumber<T>
    {
        int thread = Group.IdxX, lane = thread % lanes;
        scratch[thread] = value;
        Group.Barrier();
        for (int step = lanes / 2; step > 0; step /= 2)
        {
            if (lane < step && scratch[thread + step] > scratch[thread])
                scratch[thread] = scratch[thread + step];
            Group.Barrier();
        }
        T result = scratch[thread - lane];
        Group.Barrier();
        return result;
    }
}

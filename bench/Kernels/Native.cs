using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Functional.Kernels;

/// <summary>An aligned native array that lives as long as the program, and the clock.</summary>
internal static unsafe class Native
{
    public static T* Array<T>(long count)
        where T : unmanaged
    {
        var block = (T*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, count) * (nuint)sizeof(T), 64);
        new Span<byte>(block, checked((int)(count * sizeof(T)))).Clear();
        return block;
    }

    public static void Free(params void*[] blocks)
    {
        foreach (void* block in blocks)
            NativeMemory.AlignedFree(block);
    }

    public static float* Random(long count, int seed)
    {
        float* block = Array<float>(count);
        var random = new Random(seed);
        for (long i = 0; i < count; i++)
            block[i] = (float)(random.NextDouble() * 2 - 1);
        return block;
    }

    /// <summary>Median seconds of one call, over batches of at least two milliseconds.</summary>
    public static double Seconds(Action action)
    {
        action();
        action();
        long once = Stopwatch.GetTimestamp();
        action();
        double estimate = Math.Max(1e-8, Stopwatch.GetElapsedTime(once).TotalSeconds);
        int calls = (int)Math.Clamp(2e-3 / estimate, 1, 100000);
        int rounds = (int)Math.Clamp(0.3 / (estimate * calls), 5, 25);
        var times = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < calls; call++)
                action();
            times[round] = Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
        }
        System.Array.Sort(times);
        return times[rounds / 2];
    }
}

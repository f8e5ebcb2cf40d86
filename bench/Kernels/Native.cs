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

    /// <summary>Best seconds of one call, over batches of a millisecond or more: other programs only ever add time.</summary>
    public static double Seconds(Action action)
    {
        action();
        action();
        double once = Now();
        action();
        double estimate = Math.Max(1e-8, Now() - once);
        int calls = (int)Math.Clamp(1e-3 / estimate, 1, 100000);
        int rounds = (int)Math.Clamp(0.15 / (estimate * calls), 5, 100);
        double best = double.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            double start = Now();
            for (int call = 0; call < calls; call++)
                action();
            best = Math.Min(best, (Now() - start) / calls);
        }
        return best;
    }

    public static double Now() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}

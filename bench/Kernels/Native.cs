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

    /// <summary>
    /// Best seconds of one call, over batches of at least ten milliseconds: of processor time while one thread works (other
    /// programs on the machine then disturb less), of wall time otherwise.
    /// </summary>
    public static double Seconds(Action action)
    {
        action();
        action();
        long once = Stopwatch.GetTimestamp();
        action();
        double estimate = Math.Max(1e-8, Stopwatch.GetElapsedTime(once).TotalSeconds);
        int calls = (int)Math.Clamp(1e-2 / estimate, 1, 100000);
        int rounds = (int)Math.Clamp(0.2 / (estimate * calls), 3, 15);
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

    private static double Now()
    {
        const int threadProcessorTime = 3;
        if (Functional.Cpu.WorkerPool.Threads == 1 && OperatingSystem.IsLinux() && clock_gettime(threadProcessorTime, out var time) == 0)
            return time.Seconds + 1e-9 * time.Nanoseconds;
        return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
    }

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Time time);
}

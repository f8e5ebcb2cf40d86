using System.Diagnostics;
using Functional.Torch;

namespace GpuBench;

/// <summary>Time of work on a device, the work of many calls under way at once.</summary>
internal static class Clock
{
    private const int Blocks = 5;

    /// <summary>Milliseconds of one call: the median of blocks that are each waited for once, at their end.</summary>
    public static double Milliseconds(Action work, double seconds)
    {
        work();
        work();
        double one = Block(work, 1);
        int calls = (int)Math.Clamp(1000 * seconds / Blocks / Math.Max(one, 1e-3), 1, 10_000);
        double[] times = [.. Enumerable.Range(0, Blocks).Select(_ => Block(work, calls)).Order()];
        return times[Blocks / 2];
    }

    private static double Block(Action work, int calls)
    {
        torch.cuda.synchronize();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < calls; i++)
            work();
        torch.cuda.synchronize();
        return watch.Elapsed.TotalMilliseconds / calls;
    }
}

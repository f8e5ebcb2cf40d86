namespace Functional.Cpu;

/// <summary>The work of a range of iterations.</summary>
internal interface IRangeAction
{
    /// <summary>Does iterations start to end - 1.</summary>
    void Invoke(long start, long end);
}

/// <summary>Loops cut into chunks of a size that only the work decides.</summary>
internal static class Ranges
{
    /// <summary>About as much work as makes waking a second thread worth while, in elements moved.</summary>
    public const long Grain = 1 << 15;

    /// <summary>Runs <paramref name="count"/> iterations of about <paramref name="cost"/> elements each.</summary>
    public static void Run<TAction>(long count, long cost, TAction action)
        where TAction : struct, IRangeAction
    {
        if (count <= 0)
            return;
        long grain = Math.Max(1, Grain / Math.Max(1, cost));
        long chunks = Math.Min((count + grain - 1) / grain, 1024);
        if (chunks == 1)
            action.Invoke(0, count);
        else
            WorkerPool.Run((int)chunks, new Chunked<TAction>(action, count, (count + chunks - 1) / chunks));
    }

    private readonly struct Chunked<TAction>(TAction action, long count, long size) : IChunkAction
        where TAction : struct, IRangeAction
    {
        public void Invoke(int chunk)
        {
            long start = chunk * size;
            if (start < count)
                action.Invoke(start, Math.Min(count, start + size));
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Functional.Cpu;

/// <summary>One piece of work for every chunk number; a struct, so that the call inlines and nothing is boxed.</summary>
public interface IChunkAction
{
    /// <summary>Does the work of one chunk. Chunks run in any order and on any thread.</summary>
    void Invoke(int chunk);
}

/// <summary>One fork and join: every thread claims the chunks of a stretch of its own, then what others have left of theirs.</summary>
/// <remarks>
/// Stretches make a thread meet the same part of a tensor in one operation after the other, and that part is still in the caches
/// of its core. Every run has an object of its own, so a worker that comes late finds exhausted counters and can never take a
/// chunk of another run.
/// </remarks>
internal abstract class Job
{
    // Counters lie a cache line apart, the first one away from the array's length too.
    private const int Line = 64 / sizeof(int);

    private readonly int chunks;
    private readonly int stretches;
    private readonly int[] claimed;
    private int finished;
    private ExceptionDispatchInfo? error;

    /// <param name="chunks">Pieces of work.</param>
    /// <param name="threads">Threads that may take part.</param>
    protected Job(int chunks, int threads)
    {
        this.chunks = chunks;
        stretches = Math.Min(chunks, threads);
        claimed = new int[(stretches + 1) * Line];
    }

    protected abstract void Invoke(int chunk);

    /// <summary>Whether a chunk was still unclaimed a moment ago.</summary>
    public bool HasWork
    {
        get
        {
            for (int stretch = 0; stretch < stretches; stretch++)
            {
                if (Volatile.Read(ref Claimed(stretch)) < Start(stretch + 1) - Start(stretch))
                    return true;
            }
            return false;
        }
    }

    /// <summary>Claims chunks and runs them until all are claimed. After a failure chunks are claimed but not run.</summary>
    /// <param name="thread">The number of the thread: it begins with the stretch of that number.</param>
    public void Drain(int thread)
    {
        int done = 0;
        for (int i = 0; i < stretches; i++)
            done += DrainStretch((thread + i) % stretches);
        if (done > 0)
            Interlocked.Add(ref finished, done);
    }

    private int DrainStretch(int stretch)
    {
        int start = Start(stretch);
        int count = Start(stretch + 1) - start;
        int done = 0;
        for (int chunk; (chunk = Interlocked.Increment(ref Claimed(stretch)) - 1) < count; done++)
        {
            if (Volatile.Read(ref error) is not null)
                continue;
            try
            {
                Invoke(start + chunk);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
        return done;
    }

    private int Start(int stretch) => (int)((long)chunks * stretch / stretches);

    private ref int Claimed(int stretch) => ref claimed[(stretch + 1) * Line];

    /// <summary>Waits for the chunks that others have claimed, then lets the first failure through.</summary>
    public void Join()
    {
        for (int spins = 0; Volatile.Read(ref finished) < chunks; spins++)
        {
            // Past a few microseconds the other thread may have lost its core: let somebody run.
            if (spins < 1000)
                Thread.SpinWait(1);
            else
                Thread.Yield();
        }
        error?.Throw();
    }
}

internal sealed class Job<TAction>(int chunks, int threads, TAction action) : Job(chunks, threads)
    where TAction : struct, IChunkAction
{
    private TAction action = action;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected override void Invoke(int chunk) => action.Invoke(chunk);
}

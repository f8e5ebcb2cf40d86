using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Functional.Cpu;

/// <summary>One piece of work for every chunk number; a struct, so that the call inlines and nothing is boxed.</summary>
public interface IChunkAction
{
    /// <summary>Does the work of one chunk. Chunks run in any order and on any thread.</summary>
    void Invoke(int chunk);
}

/// <summary>One fork and join: chunks are claimed from a counter until none is left.</summary>
/// <remarks>
/// Every run has an object of its own, so a worker that comes late finds an exhausted counter and can never
/// take a chunk of another run.
/// </remarks>
internal abstract class Job(int chunks)
{
    private readonly int chunks = chunks;
    private int claimed;
    private int finished;
    private ExceptionDispatchInfo? error;

    protected abstract void Invoke(int chunk);

    /// <summary>Whether a chunk was still unclaimed a moment ago.</summary>
    public bool HasWork => Volatile.Read(ref claimed) < chunks;

    /// <summary>Claims chunks and runs them until all are claimed. After a failure chunks are claimed but not run.</summary>
    public void Drain()
    {
        int done = 0;
        for (int chunk; (chunk = Interlocked.Increment(ref claimed) - 1) < chunks; done++)
        {
            if (Volatile.Read(ref error) is not null)
                continue;
            try
            {
                Invoke(chunk);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
        if (done > 0)
            Interlocked.Add(ref finished, done);
    }

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

internal sealed class Job<TAction>(int chunks, TAction action) : Job(chunks)
    where TAction : struct, IChunkAction
{
    private TAction action = action;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected override void Invoke(int chunk) => action.Invoke(chunk);
}

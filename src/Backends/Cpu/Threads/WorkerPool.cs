using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The threads behind every kernel that is worth more than one core.</summary>
/// <remarks>
/// Work is cut into chunks by its shape, never by the number of threads, so results do not depend on it. The caller
/// takes chunks like any worker and waits only for chunks that a worker has begun, so a busy machine costs little.
/// Idle workers spin for a short while, then park. A run inside a run, or beside one from another thread, is done
/// by its caller alone.
/// </remarks>
public static class WorkerPool
{
    private static readonly long SpinTicks = Stopwatch.Frequency * 100 / 1_000_000;
    private static readonly object Gate = new();

    private static int threads = Environment.ProcessorCount;
    private static Worker[] workers = [];
    private static bool started;
    private static int parked;
    private static int busy;
    private static Job? current;

    /// <summary>How many threads take part in a run, the caller included; at first the number of processors.</summary>
    /// <exception cref="ArgumentValueException">The value is not positive.</exception>
    public static int Threads
    {
        get => Volatile.Read(ref threads);
        set
        {
            if (value < 1)
                throw new ArgumentValueException($"set_num_threads expects a positive integer, got {value}");
            lock (Gate)
            {
                threads = value;
                if (started)
                    Resize(value - 1);
            }
        }
    }

    /// <summary>Runs <paramref name="action"/> once for every chunk in [0, chunks) and returns when all are done.</summary>
    /// <exception cref="Exception">The first exception that a chunk threw; chunks not begun by then are left out.</exception>
    public static void Run<TAction>(int chunks, TAction action)
        where TAction : struct, IChunkAction
    {
        if (chunks > 1 && threads > 1 && Interlocked.Exchange(ref busy, 1) == 0)
        {
            try
            {
                Fork(new Job<TAction>(chunks, threads, action));
            }
            finally
            {
                Volatile.Write(ref busy, 0);
            }
            return;
        }
        for (int chunk = 0; chunk < chunks; chunk++)
            action.Invoke(chunk);
    }

    /// <summary>Runs <paramref name="action"/> once for every chunk in [0, chunks) and returns when all are done.</summary>
    /// <exception cref="Exception">The first exception that a chunk threw; chunks not begun by then are left out.</exception>
    public static void Run(int chunks, Action<int> action) => Run(chunks, new DelegateAction(action));

    private static void Fork(Job job)
    {
        if (!started)
            Start();
        // A full fence: workers that park after this see the job, workers that parked before are counted below.
        Interlocked.Exchange(ref current, job);
        if (Volatile.Read(ref parked) > 0)
            Wake();
        job.Drain(0);
        Volatile.Write(ref current, null);
        job.Join();
    }

    private static void Start()
    {
        lock (Gate)
        {
            started = true;
            Resize(threads - 1);
        }
    }

    private static void Wake()
    {
        lock (Gate)
            Monitor.PulseAll(Gate);
    }

    /// <summary>Keeps the first workers, retires the others, starts those that lack. Called under the gate.</summary>
    private static void Resize(int count)
    {
        Worker[] old = workers;
        for (int i = count; i < old.Length; i++)
            old[i].Retired = true;
        workers = new Worker[count];
        for (int i = 0; i < count; i++)
            workers[i] = i < old.Length ? old[i] : new Worker(i + 1);
        Monitor.PulseAll(Gate);
    }

    private sealed class Worker
    {
        public volatile bool Retired;

        private readonly int number;

        /// <param name="number">The number of its thread in a run; the caller is 0.</param>
        public Worker(int number)
        {
            this.number = number;
            var thread = new Thread(Loop) { IsBackground = true, Name = "Functional.Cpu worker" };
            thread.Start();
        }

        private void Loop()
        {
            while (!Retired)
            {
                if (!Help() && !SpinForWork())
                    Park();
            }
        }

        // Not inlined, so that no register of the waiting loop keeps a finished job and its tensors alive.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private bool Help()
        {
            if (Volatile.Read(ref current) is not { HasWork: true } job)
                return false;
            job.Drain(number);
            return true;
        }

        private bool SpinForWork()
        {
            long end = Stopwatch.GetTimestamp() + SpinTicks;
            do
            {
                for (int i = 0; i < 16; i++)
                {
                    if (Volatile.Read(ref current) is { HasWork: true })
                        return true;
                    Thread.SpinWait(1);
                }
            }
            while (!Retired && Stopwatch.GetTimestamp() < end);
            return false;
        }

        private void Park()
        {
            lock (Gate)
            {
                Interlocked.Increment(ref parked);
                if (Volatile.Read(ref current) is not { HasWork: true } && !Retired)
                    Monitor.Wait(Gate);
                Interlocked.Decrement(ref parked);
            }
        }
    }

    private readonly struct DelegateAction(Action<int> action) : IChunkAction
    {
        public void Invoke(int chunk) => action(chunk);
    }
}

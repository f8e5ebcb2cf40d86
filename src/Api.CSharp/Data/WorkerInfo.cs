namespace Functional.Torch;

/// <summary>A worker of a loader: its number, how many there are, its seed and the data set (torch.utils.data.get_worker_info).</summary>
public sealed record WorkerInfo(long id, long num_workers, long seed, object dataset)
{
    static readonly AsyncLocal<WorkerInfo?> here = new();

    internal static WorkerInfo? Current => here.Value;

    /// <summary>Runs a function as a worker.</summary>
    internal static T Within<T>(WorkerInfo worker, Func<T> run)
    {
        here.Value = worker;
        try { return run(); }
        finally { here.Value = null; }
    }
}

namespace Functional.Torch.Modules;

using static Functional.Torch.torch.utils.data;

/// <summary>Some of the examples of a data set, in an order of their own.</summary>
public sealed class Subset<T>(Dataset<T> dataset, IEnumerable<long> indices) : Dataset<T>
{
    /// <summary>All examples.</summary>
    public Dataset<T> dataset { get; } = dataset;
    /// <summary>The numbers of those that are here.</summary>
    public IReadOnlyList<long> indices { get; } = [.. indices];
    /// <inheritdoc/>
    public override long Count => indices.Count;
    /// <inheritdoc/>
    public override T GetTensor(long index) => dataset.GetTensor(indices[Convert.Int(index)]);
}

/// <summary>Data sets one behind the other.</summary>
public sealed class ConcatDataset<T> : Dataset<T>
{
    readonly Dataset<T>[] parts;
    readonly long[] ends;

    /// <summary>Data sets one behind the other.</summary>
    public ConcatDataset(IEnumerable<Dataset<T>> datasets)
    {
        parts = [.. datasets];
        if (parts.Length == 0) throw new ArgumentValueException("datasets should not be an empty iterable");
        ends = new long[parts.Length];
        for (var i = 0; i < ends.Length; i++) ends[i] = parts[i].Count + (i > 0 ? ends[i - 1] : 0);
    }

    /// <summary>Where each of them ends.</summary>
    public IReadOnlyList<long> cumulative_sizes => ends;
    /// <inheritdoc/>
    public override long Count => ends[^1];
    /// <summary>One example; negative numbers count from the end.</summary>
    public override T GetTensor(long index)
    {
        if (index < -Count) throw new ArgumentValueException("absolute value of index should not exceed dataset length");
        if (index < 0) index += Count;
        var part = Array.FindIndex(ends, end => index < end);
        if (part < 0) throw new IndexException($"index {index} is out of range for a data set of {Count} examples");
        return parts[part].GetTensor(part == 0 ? index : index - ends[part - 1]);
    }
}

/// <summary>Data sets that nobody can count, one behind the other.</summary>
public sealed class ChainDataset<T>(IEnumerable<IterableDataset<T>> datasets) : IterableDataset<T>
{
    readonly IterableDataset<T>[] parts = [.. datasets];
    /// <inheritdoc/>
    public override IEnumerator<T> GetEnumerator() => parts.SelectMany(part => part).GetEnumerator();
}

/// <summary>The part of a data set that one of several processes goes through; all get the same count, some examples twice or none.</summary>
public sealed class DistributedSampler<T> : Sampler
{
    readonly int length, replicas, rank;
    readonly bool shuffle, drop_last;
    readonly long seed;
    long epoch;

    /// <summary>The part of process number `rank` of `num_replicas`.</summary>
    public DistributedSampler(Dataset<T> dataset, long num_replicas, long rank, bool shuffle = true, long seed = 0, bool drop_last = false)
    {
        if (rank >= num_replicas || rank < 0) throw new ArgumentValueException($"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]");
        (length, replicas, this.rank) = (Convert.Int(dataset.Count), Convert.Int(num_replicas), Convert.Int(rank));
        (this.shuffle, this.drop_last, this.seed) = (shuffle, drop_last, seed);
    }

    /// <inheritdoc/>
    public override int Count => drop_last ? length / replicas : (length + replicas - 1) / replicas;

    /// <summary>Makes the next round's order another one, the same in all processes.</summary>
    public void set_epoch(long epoch) => this.epoch = epoch;

    /// <inheritdoc/>
    public override IEnumerator<long> GetEnumerator()
    {
        long[] order = shuffle ? [.. Choosing.permutation(new MersenneTwister((ulong)(seed + epoch)), length)] : [.. Enumerable.Range(0, length)];
        // Examples from the front fill up the last round.
        for (var i = rank; i < Count * replicas && length > 0; i += replicas) yield return order[i % length];
    }
}

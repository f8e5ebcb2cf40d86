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

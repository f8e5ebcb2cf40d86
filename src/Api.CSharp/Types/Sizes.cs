namespace Functional.Torch;

/// <summary>One number for every spatial dimension, or one for each; nothing means the default.</summary>
public readonly struct Sizes
{
    readonly long[]? items;

    Sizes(long[] items) => this.items = items;

    /// <summary>Whether no size was given.</summary>
    public bool IsDefault => items is null;

    /// <summary>The same number everywhere.</summary>
    public static implicit operator Sizes(long size) => new([size]);
    /// <summary>The same number everywhere.</summary>
    public static implicit operator Sizes(int size) => new([size]);
    /// <summary>A number for each dimension.</summary>
    public static implicit operator Sizes(long[] sizes) => new(sizes);
    /// <summary>Two dimensions.</summary>
    public static implicit operator Sizes((long, long) sizes) => new([sizes.Item1, sizes.Item2]);
    /// <summary>Three dimensions.</summary>
    public static implicit operator Sizes((long, long, long) sizes) => new([sizes.Item1, sizes.Item2, sizes.Item3]);

    /// <summary>A number for each of `count` dimensions.</summary>
    internal long[] Each(int count, long missing, string name)
    {
        if (items is null) return [.. Enumerable.Repeat(missing, count)];
        if (items.Length == 1) return [.. Enumerable.Repeat(items[0], count)];
        return items.Length == count ? items : throw new ArgumentValueException($"expected {name} to be a single integer value or a list of {count} values to match the convolution dimensions, but got {name}=[{string.Join(", ", items)}]");
    }

    internal long[] OrEmpty => items ?? [];
}

/// <summary>Padding: one number, one for each dimension, "valid" for none, or "same" for as much as keeps the size.</summary>
public readonly struct Padding
{
    internal Sizes Amount { get; private init; }
    internal string? Name { get; private init; }

    /// <summary>The same on all sides.</summary>
    public static implicit operator Padding(long size) => new() { Amount = size };
    /// <summary>The same on all sides.</summary>
    public static implicit operator Padding(int size) => new() { Amount = size };
    /// <summary>For each dimension, both sides.</summary>
    public static implicit operator Padding(long[] sizes) => new() { Amount = sizes };
    /// <summary>For two dimensions, both sides.</summary>
    public static implicit operator Padding((long, long) sizes) => new() { Amount = sizes };
    /// <summary>For three dimensions, both sides.</summary>
    public static implicit operator Padding((long, long, long) sizes) => new() { Amount = sizes };
    /// <summary>"valid" or "same".</summary>
    public static implicit operator Padding(string name) =>
        name is "valid" or "same" ? new() { Name = name } : throw new ArgumentValueException($"Invalid padding string '{name}', should be one of 'valid', 'same'");
}

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
    /// <summary>Both ends of two dimensions.</summary>
    public static implicit operator Sizes((long, long, long, long) sizes) => new([sizes.Item1, sizes.Item2, sizes.Item3, sizes.Item4]);
    /// <summary>Both ends of three dimensions.</summary>
    public static implicit operator Sizes((long, long, long, long, long, long) sizes) => new([sizes.Item1, sizes.Item2, sizes.Item3, sizes.Item4, sizes.Item5, sizes.Item6]);

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

/// <summary>The sizes that adaptive pooling makes; null keeps the input's.</summary>
public readonly struct OutputSizes
{
    readonly long?[] items;

    OutputSizes(long?[] items) => this.items = items;

    /// <summary>The same size everywhere.</summary>
    public static implicit operator OutputSizes(long size) => new([size]);
    /// <summary>The same size everywhere.</summary>
    public static implicit operator OutputSizes(int size) => new([size]);
    /// <summary>A size for each dimension.</summary>
    public static implicit operator OutputSizes(long[] sizes) => new([.. sizes.Select(s => (long?)s)]);
    /// <summary>A size for each dimension.</summary>
    public static implicit operator OutputSizes(long?[] sizes) => new(sizes);
    /// <summary>Two dimensions.</summary>
    public static implicit operator OutputSizes((long?, long?) sizes) => new([sizes.Item1, sizes.Item2]);
    /// <summary>Three dimensions.</summary>
    public static implicit operator OutputSizes((long?, long?, long?) sizes) => new([sizes.Item1, sizes.Item2, sizes.Item3]);

    /// <summary>The sizes for the last `count` dimensions of an input.</summary>
    internal long[] For(torch.Tensor input, int count)
    {
        var given = items is null or [] ? throw new ArgumentValueException("output_size must be given") : items.Length == 1 ? [.. Enumerable.Repeat(items[0], count)] : items;
        if (given.Length != count || input.dim() <= count) throw new ArgumentValueException($"Input dimension should be at least {given.Length + 1}");
        var shape = input.shape;
        return [.. given.Select((size, d) => size ?? shape[shape.Length - count + d])];
    }
}

/// <summary>One factor for every spatial dimension, or one for each; nothing means that none is given.</summary>
public readonly struct Ratios
{
    readonly double[]? items;

    Ratios(double[] items) => this.items = items;

    /// <summary>Whether no factor was given.</summary>
    public bool IsDefault => items is null;

    /// <summary>The same factor everywhere.</summary>
    public static implicit operator Ratios(double ratio) => new([ratio]);
    /// <summary>A factor for each dimension.</summary>
    public static implicit operator Ratios(double[]? ratios) => ratios is null ? default : new(ratios);
    /// <summary>Two dimensions.</summary>
    public static implicit operator Ratios((double, double) ratios) => new([ratios.Item1, ratios.Item2]);
    /// <summary>Three dimensions.</summary>
    public static implicit operator Ratios((double, double, double) ratios) => new([ratios.Item1, ratios.Item2, ratios.Item3]);

    /// <summary>A factor for each of `count` dimensions.</summary>
    internal double[] Each(int count, Func<string, string> wrong) =>
        items is { Length: 1 } ? [.. Enumerable.Repeat(items[0], count)] : items!.Length == count ? items : throw new ArgumentValueException(wrong($"({string.Join(", ", items)})"));
}

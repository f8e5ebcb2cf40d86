namespace Functional.Gpu;

/// <summary>How one input is read.</summary>
internal enum Access
{
    /// <summary>Element i lies at offset + i.</summary>
    Flat,

    /// <summary>Every position reads the same element.</summary>
    Repeated,

    /// <summary>By coordinates and strides.</summary>
    Strided,
}

/// <summary>
/// The positions of a program and where its inputs' elements lie, with as few dimensions as possible; the innermost first.
/// What stands in <see cref="Key"/> is part of the code, all numbers are arguments.
/// </summary>
internal sealed class AccessPattern
{
    private AccessPattern(int count, int[] sizes, int[][] strides, Access[] accesses)
    {
        Count = count;
        Sizes = sizes;
        Strides = strides;
        Accesses = accesses;
        Key = (Array.Exists(accesses, access => access == Access.Strided) ? sizes.Length : 0) + ":" + string.Concat(accesses.Select(access => "FRS"[(int)access]));
    }

    public int Count { get; }

    /// <summary>Sizes, the innermost first.</summary>
    public int[] Sizes { get; }

    /// <summary>For every input its strides, the innermost first.</summary>
    public int[][] Strides { get; }

    public Access[] Accesses { get; }

    /// <summary>What code depends on.</summary>
    public string Key { get; }

    /// <summary>The pattern of views that all have this shape, read in row-major order.</summary>
    public static AccessPattern Of(int[] shape, View[] inputs) => Of(shape, Array.ConvertAll(inputs, view => view.Strides));

    /// <inheritdoc cref="Of(int[], View[])"/>
    public static AccessPattern Of(int[] shape, int[][] inputs)
    {
        int count = ShapeModule.count(shape);
        var sizes = new List<int>();
        var strides = Array.ConvertAll(inputs, _ => new List<int>());
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] == 1)
                continue;
            int last = sizes.Count - 1;
            bool merges = last >= 0;
            for (int k = 0; k < inputs.Length && merges; k++)
                merges = inputs[k][d] == strides[k][last] * sizes[last];
            if (merges)
            {
                sizes[last] *= shape[d];
                continue;
            }
            sizes.Add(shape[d]);
            for (int k = 0; k < inputs.Length; k++)
                strides[k].Add(inputs[k][d]);
        }
        return new AccessPattern(count, [.. sizes], Array.ConvertAll(strides, list => list.ToArray()), Array.ConvertAll(strides, list => Kind(sizes, list)));
    }

    private static Access Kind(List<int> sizes, List<int> strides)
    {
        if (strides.TrueForAll(stride => stride == 0))
            return Access.Repeated;
        int expected = 1;
        for (int d = 0; d < sizes.Count; d++)
        {
            if (strides[d] != expected)
                return Access.Strided;
            expected *= sizes[d];
        }
        return Access.Flat;
    }
}

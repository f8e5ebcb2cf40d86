using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Functional.Torch;

// Finding among sorted numbers, counting, integrals and derivatives of samples.
public static partial class torch
{
    static bool Right(bool right, string? side) => side switch
    {
        null => right,
        "right" => true,
        "left" when right => throw new ArgumentValueException($"torch.searchsorted(): side and right can't be set to opposites, got side of {side} while right was True"),
        "left" => false,
        _ => throw new ArgumentValueException($"torch.searchsorted(): side can only be 'left' or 'right' but got {side}"),
    };

    /// <summary>Where in a sorted sequence values may be put so that it stays sorted: before what equals them, or after (`right`).</summary>
    [Forms(Forms.Out)]
    public static Tensor searchsorted(Tensor sorted_sequence, Tensor input, bool out_int32 = false, bool right = false, string? side = null, Tensor? sorter = null)
    {
        var isRight = Right(right, side);
        var sorted = sorter is null ? sorted_sequence : gather(sorted_sequence, -1, sorter);
        var places = new Tensor(Search.sortedPlaces(isRight, sorted.Core, input.Core));
        return out_int32 ? places.to(ScalarType.Int32) : places;
    }

    /// <summary>Where in a sorted sequence a number may be put so that it stays sorted.</summary>
    public static Tensor searchsorted(Tensor sorted_sequence, Scalar input, bool out_int32 = false, bool right = false, string? side = null, Tensor? sorter = null) =>
        searchsorted(sorted_sequence, new Tensor(Operands.number(sorted_sequence.Core, sorted_sequence.Core.Dtype, [], input.Value)), out_int32, right, side, sorter);

    /// <summary>The number of the bucket in which each element lies between sorted boundaries.</summary>
    [Forms(Forms.Out)]
    public static Tensor bucketize(Tensor input, Tensor boundaries, bool out_int32 = false, bool right = false) =>
        boundaries.dim() == 1 ? searchsorted(boundaries, input, out_int32, right) : throw new ShapeException($"boundaries tensor must be 1 dimension, but got dim({boundaries.dim()})");

    /// <summary>The number of the bucket in which a number lies between sorted boundaries.</summary>
    public static Tensor bucketize(Scalar input, Tensor boundaries, bool out_int32 = false, bool right = false) => searchsorted(boundaries, input, out_int32, right);

    /// <summary>Whether each element is one of the test elements (or is not, if `invert`).</summary>
    [Forms(Forms.Out)]
    public static Tensor isin(Tensor elements, Tensor test_elements, bool assume_unique = false, bool invert = false)
    {
        var found = new Tensor(Search.isIn(elements.Core, test_elements.Core));
        return invert ? logical_not(found) : found;
    }

    /// <summary>Whether each element is the test element.</summary>
    public static Tensor isin(Tensor elements, Scalar test_element, bool assume_unique = false, bool invert = false) => isin(elements, Like(elements, test_element), assume_unique, invert);
    /// <summary>Whether the element is one of the test elements.</summary>
    public static Tensor isin(Scalar element, Tensor test_elements, bool assume_unique = false, bool invert = false) => isin(Like(test_elements, element), test_elements, assume_unique, invert);

    /// <summary>How often each number 0, 1, ... occurs in a vector, or the sum of the weights where it does.</summary>
    [Forms(Forms.Method)]
    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) =>
        minlength < 0 ? throw new ArgumentValueException("minlength should be >= 0")
            : new(Search.binCount(weights is null ? null : FSharpOption<CoreTensor>.Some(weights.Core), Convert.Int(minlength), input.Core));

    /// <summary>Counts in bins of one width between min and max (of the data, if both are equal).</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor histc(Tensor input, long bins = 100, double min = 0, double max = 0) =>
        input.is_floating_point() ? new(Search.counts(Convert.Int(bins), min, max, input.Core)) : throw new DtypeException($"\"histogram_cpu\" not implemented for '{Named(input)}'");

    // Where nothing is asked for, the data's own range; an empty one is widened.
    static Tensor Edges(Tensor input, long bins, (double, double)? range, int dimension)
    {
        if (bins <= 0) throw new ArgumentValueException($"torch.histogram(): bins must be > 0, but got {bins} for dimension {dimension}");
        var (low, high) = range ?? (input.numel() == 0 ? (0, 1) : (torch.min(input).ToDouble(), torch.max(input).ToDouble()));
        if (!double.IsFinite(low) || !double.IsFinite(high)) throw new ArgumentValueException($"torch.histogramdd: dimension {dimension}'s range [{low}, {high}] is not finite");
        if (low > high) throw new ArgumentValueException($"torch.histogramdd: min should not exceed max, but got min {low} max {high} for dimension {dimension}");
        if (low == high) (low, high) = (low - 0.5, high + 0.5);
        return linspace(low, high, bins + 1, input.dtype);
    }

    static Tensor Histogram(Tensor input, IEnumerable<Tensor> edges, Tensor? weight, bool density) =>
        input.is_floating_point()
            ? new(Search.histogram(Convert.List(edges), weight is null ? null : FSharpOption<CoreTensor>.Some(weight.Core), density, input.Core))
            : throw new DtypeException($"\"histogramdd\" not implemented for '{Named(input)}'");

    /// <summary>Counts (or weights) in bins of one width, and the bins' edges.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, long bins, (double, double)? range = null, Tensor? weight = null, bool density = false)
    {
        var edges = Edges(input, bins, range, 0);
        return (Histogram(reshape(input, -1, 1), [edges], weight, density), edges);
    }

    /// <summary>Counts (or weights) in bins between given edges.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, Tensor bins, Tensor? weight = null, bool density = false) =>
        (Histogram(reshape(input, -1, 1), [bins], weight, density), bins);

    static Tensor Rows(Tensor input) => input.dim() >= 2 ? reshape(input, -1, input.size(-1))
        : throw new ShapeException($"torch.histogramdd: input tensor should have at least 2 dimensions, but got {input.dim()}");

    /// <summary>Counts (or weights) of points, whose coordinates are the last dimension, in a grid of bins of one width; range holds a low and a high end for each coordinate.</summary>
    [Forms(Forms.Method)]
    public static (Tensor hist, Tensor[] bin_edges) histogramdd(Tensor input, long[] bins, IEnumerable<double>? range = null, Tensor? weight = null, bool density = false)
    {
        var rows = Rows(input);
        var count = (int)rows.size(1);
        if (bins.Length != count) throw new ArgumentValueException($"histogramdd: The size of bins must be equal to the innermost dimension of the input: {bins.Length} and {count}");
        var ends = range?.ToArray();
        if (ends is not null && ends.Length != 2 * count) throw new ArgumentValueException($"torch.histogramdd: for a {count}-dimensional histogram range should have {2 * count} elements, but got {ends.Length}");
        var edges = bins.Select((b, d) => Edges(select(rows, 1, d), b, ends is null ? null : (ends[2 * d], ends[2 * d + 1]), d)).ToArray();
        return (Histogram(rows, edges, weight, density), edges);
    }

    /// <summary>Counts (or weights) of points in a grid of as many bins along each coordinate.</summary>
    [Forms(Forms.Method)]
    public static (Tensor hist, Tensor[] bin_edges) histogramdd(Tensor input, long bins, IEnumerable<double>? range = null, Tensor? weight = null, bool density = false) =>
        histogramdd(input, [.. Enumerable.Repeat(bins, (int)Rows(input).size(1))], range, weight, density);

    /// <summary>Counts (or weights) of points in a grid of bins between given edges.</summary>
    [Forms(Forms.Method)]
    public static (Tensor hist, Tensor[] bin_edges) histogramdd(Tensor input, Tensor[] bins, IEnumerable<double>? range = null, Tensor? weight = null, bool density = false) =>
        (Histogram(Rows(input), bins, weight, density), bins);

    /// <summary>The integral of samples along a dimension by the trapezoidal rule, at coordinates x.</summary>
    public static Tensor trapezoid(Tensor y, Tensor x, long dim = -1) => new(Sampled.trapezoid(Spacing.NewCoordinates(x.Core), Convert.Int(dim), y.Core));
    /// <summary>The integral of samples along a dimension by the trapezoidal rule, dx apart.</summary>
    public static Tensor trapezoid(Tensor y, double dx = 1, long dim = -1) => new(Sampled.trapezoid(Spacing.NewEven(dx), Convert.Int(dim), y.Core));
    /// <summary>The integral of samples along a dimension by the trapezoidal rule, at coordinates x.</summary>
    public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => trapezoid(y, x, dim);
    /// <summary>The integral of samples along a dimension by the trapezoidal rule, dx apart.</summary>
    public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => trapezoid(y, dx, dim);
    /// <summary>The integrals up to each sample by the trapezoidal rule, at coordinates x.</summary>
    public static Tensor cumulative_trapezoid(Tensor y, Tensor x, long dim = -1) => new(Sampled.cumulativeTrapezoid(Spacing.NewCoordinates(x.Core), Convert.Int(dim), y.Core));
    /// <summary>The integrals up to each sample by the trapezoidal rule, dx apart.</summary>
    public static Tensor cumulative_trapezoid(Tensor y, double dx = 1, long dim = -1) => new(Sampled.cumulativeTrapezoid(Spacing.NewEven(dx), Convert.Int(dim), y.Core));

    static Tensor[] Gradient(Tensor input, Func<int, Spacing> spacing, int? count, long[]? dim, long edge_order)
    {
        var dims = dim ?? [.. Enumerable.Range(0, (int)input.dim()).Select(d => (long)d)];
        if (count is { } given && given != dims.Length) throw new ArgumentValueException($"torch.gradient expected spacing to be unspecified, a scalar or a list of length {dims.Length} but got a list of length {count}: a spacing for each dimension");
        var pairs = dims.Select((d, i) => Tuple.Create(Dim(input, d), spacing(i)));
        return Convert.Tensors(Sampled.gradient(Convert.Int(edge_order), ListModule.OfSeq(pairs), input.Core));
    }

    /// <summary>The derivatives of samples along dimensions, `spacing` apart.</summary>
    public static Tensor[] gradient(Tensor input, double spacing = 1, long[]? dim = null, long edge_order = 1) => Gradient(input, _ => Spacing.NewEven(spacing), null, dim, edge_order);
    /// <summary>The derivatives of samples along dimensions, each with its own spacing.</summary>
    public static Tensor[] gradient(Tensor input, IEnumerable<double> spacing, long[]? dim = null, long edge_order = 1)
    {
        var all = spacing.ToArray();
        return Gradient(input, i => Spacing.NewEven(all[i]), all.Length, dim, edge_order);
    }
    /// <summary>The derivatives of samples along dimensions, at coordinates.</summary>
    public static Tensor[] gradient(Tensor input, Tensor[] spacing, long[]? dim = null, long edge_order = 1) => Gradient(input, i => Spacing.NewCoordinates(spacing[i].Core), spacing.Length, dim, edge_order);
}

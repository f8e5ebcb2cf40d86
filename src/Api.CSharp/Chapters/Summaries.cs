using Microsoft.FSharp.Core;

namespace Functional.Torch;

// Differences, covariances, counts, and what is different in a tensor.
public static partial class torch
{
    /// <summary>Differences of neighbours along a dimension, n times over, with what is put in front and behind first.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null)
    {
        if (n == 0) return input.clone();
        var whole = prepend is null && append is null ? input : cat(new[] { prepend, input, append }.OfType<Tensor>(), dim);
        return new(Summaries.differences(Convert.Int(n), Convert.Int(dim), whole.Core));
    }

    /// <summary>The logarithm of the running sum of exponentials along a dimension, without overflow.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor logcumsumexp(Tensor input, long dim) => new(Summaries.logCumulativeSumExp(Convert.Int(dim), input.Core));

    /// <summary>How many elements are not zero.</summary>
    [Forms(Forms.Method)]
    public static Tensor count_nonzero(Tensor input) => new(Summaries.countNonzero(Convert.NoDims, input.Core));
    /// <summary>How many elements along a dimension are not zero.</summary>
    [Forms(Forms.Method)]
    public static Tensor count_nonzero(Tensor input, long dim) => count_nonzero(input, [dim]);
    /// <summary>How many elements over dimensions are not zero.</summary>
    [Forms(Forms.Method)]
    public static Tensor count_nonzero(Tensor input, long[] dim) => new(Summaries.countNonzero(Convert.List(dim), input.Core));

    static FSharpOption<CoreTensor>? Maybe(Tensor? tensor) => tensor is null ? null : FSharpOption<CoreTensor>.Some(tensor.Core);

    /// <summary>Covariances of variables (rows) over observations (columns).</summary>
    [Forms(Forms.Method)]
    public static Tensor cov(Tensor input, long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
        new(Summaries.covariance(Convert.Int(correction), Maybe(fweights), Maybe(aweights), input.Core));

    /// <summary>Correlations of variables (rows) over observations (columns).</summary>
    [Forms(Forms.Method)]
    public static Tensor corrcoef(Tensor input) => new(Summaries.correlation(input.Core));

    /// <summary>Standard deviation and mean.</summary>
    public static (Tensor std, Tensor mean) std_mean(Tensor input, bool unbiased = true) => (std(input, unbiased), mean(input));
    /// <summary>Standard deviation and mean over dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(Tensor input, long[]? dim, bool unbiased = true, bool keepdim = false) => (std(input, dim, unbiased, keepdim), mean(input, dim ?? [], keepdim));
    /// <summary>Standard deviation and mean over a dimension.</summary>
    public static (Tensor std, Tensor mean) std_mean(Tensor input, long dim, bool unbiased = true, bool keepdim = false) => std_mean(input, [dim], unbiased, keepdim);
    /// <summary>Standard deviation, by n - correction, and mean over dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(Tensor input, long[]? dim, long? correction, bool keepdim = false) => (std(input, dim, correction, keepdim), mean(input, dim ?? [], keepdim));

    /// <summary>Sorted along the first dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor msort(Tensor input) => sort(input, 0).values;

    /// <summary>The elements as a vector. A view where strides allow it.</summary>
    [Forms(Forms.Method)]
    public static Tensor ravel(Tensor input) => reshape(input, -1);

    /// <summary>The positions of the elements that are not zero, a row each.</summary>
    [Forms(Forms.Method)]
    public static Tensor argwhere(Tensor input) => nonzero(input);

    /// <summary>input * 2^other.</summary>
    [Forms(Forms.All)]
    public static Tensor ldexp(Tensor input, Tensor other) => mul(input, pow((Scalar)2.0, other));

    /// <summary>start, start + step, ... up to end, which is included. Deprecated by PyTorch: use arange.</summary>
    public static Tensor range(Scalar start, Scalar end, Scalar? step = null, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var (a, b, s) = (start.ToDouble(), end.ToDouble(), step?.ToDouble() ?? 1);
        if (s == 0) throw new ArgumentValueException($"step must be nonzero: range from {a} to {b} by 0 has no end; give a step above or below 0");
        if ((s > 0 && a > b) || (s < 0 && a < b)) throw new ArgumentValueException($"upper bound and larger bound inconsistent with step sign: range({a}, {b}, {s}); turn the step's sign or exchange start and end");
        var count = Math.Floor((b - a) / s) + 1;
        return arange(a, a + (count - 0.5) * s, s, dtype ?? get_default_dtype(), device, requires_grad);
    }

    static FSharpOption<int>? Axis(Tensor input, long? dim) => dim is { } d ? FSharpOption<int>.Some(ShapeModule.ownDimension((int)input.dim(), Convert.Int(d))) : null;

    /// <summary>The different elements (or slices along a dimension) in rising order.</summary>
    [Forms(Forms.Method)]
    public static Tensor unique(Tensor input, bool sorted = true, long? dim = null) => new(Summaries.unique(Axis(input, dim), input.Core).Item1);

    /// <summary>The different elements (or slices along a dimension), the number of each one among them, and how often each occurs; what is not asked for is null.</summary>
    [Forms(Forms.Method)]
    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(Tensor input, bool sorted, bool return_inverse, bool return_counts = false, long? dim = null)
    {
        var (output, inverse, counts) = Summaries.unique(Axis(input, dim), input.Core);
        return (new(output), return_inverse ? new(inverse) : null, return_counts ? new(counts) : null);
    }

    /// <summary>The elements (or slices along a dimension) without those that equal the one before.</summary>
    [Forms(Forms.Method)]
    public static Tensor unique_consecutive(Tensor input, long? dim = null) => new(Summaries.uniqueConsecutive(Axis(input, dim), input.Core).Item1);

    /// <summary>The elements (or slices along a dimension) without those that equal the one before, the number of each one among them, and how often each occurs; what is not asked for is null.</summary>
    [Forms(Forms.Method)]
    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(Tensor input, bool return_inverse, bool return_counts = false, long? dim = null)
    {
        var (output, inverse, counts) = Summaries.uniqueConsecutive(Axis(input, dim), input.Core);
        return (new(output), return_inverse ? new(inverse) : null, return_counts ? new(counts) : null);
    }

    /// <summary>Pieces of one size along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] unsafe_split(Tensor input, long split_size, long dim = 0) => split(input, split_size, dim);
    /// <summary>Pieces of given sizes along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] unsafe_split_with_sizes(Tensor input, long[] split_sizes, long dim = 0) => split(input, split_sizes, dim);
    /// <summary>At most so many pieces of one size along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor[] unsafe_chunk(Tensor input, long chunks, long dim = 0) => chunk(input, chunks, dim);
}

namespace Functional.Torch;

public static partial class torch
{
    static Tensor Folding(Tensor input, ScalarType? dtype, [CallerMemberName] string name = "") => dtype is { } type ? input.to(type) : Autocast.As(input, name);

    /// <summary>The sum over dimensions; all of them, if none is named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor sum(Tensor input, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        Narrow(new(Reduce.sumOver(Convert.List(dim ?? []), keepdim, Folding(input, dtype).Core)), dtype);

    /// <summary>The sum over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? dtype = null) => sum(input, [dim], keepdim, dtype);

    static Tensor Narrow(Tensor result, ScalarType? dtype) => dtype is { } type ? result.to(type) : result;

    /// <summary>The mean over dimensions; all of them, if none is named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor mean(Tensor input, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        new(Reduce.meanOver(Convert.List(dim ?? []), keepdim, Folding(input, dtype).Core));

    /// <summary>The mean over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor mean(Tensor input, long dim, bool keepdim = false, ScalarType? dtype = null) => mean(input, [dim], keepdim, dtype);

    /// <summary>The product of all elements.</summary>
    [Forms(Forms.Method)]
    public static Tensor prod(Tensor input) => new(Reduce.prod(Autocast.As(input).Core));

    /// <summary>The product of all elements, in a dtype.</summary>
    public static Tensor prod(Tensor input, ScalarType dtype) => new(Reduce.prod(input.to(dtype).Core));

    /// <summary>The product over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor prod(Tensor input, long dim, bool keepdim = false, ScalarType? dtype = null) =>
        Narrow(new(Reduce.prodDim(Convert.Int(dim), keepdim, Folding(input, dtype).Core)), dtype);

    /// <summary>The largest element.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor max(Tensor input) => input.numel() == 0
        ? throw new IndexException("max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.")
        : new(Reduce.amax(Convert.NoDims, false, input.Core));

    /// <summary>The largest elements along a dimension, and where the first of them is.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor values, Tensor indices) max(Tensor input, long dim, bool keepdim = false) => Pair(Reduce.maxDim(Convert.Int(dim), keepdim, input.Core));

    /// <summary>The larger of two elements.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor max(Tensor input, Tensor other) => maximum(input, other);

    /// <summary>The smallest element.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor min(Tensor input) => input.numel() == 0
        ? throw new IndexException("min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.")
        : new(Reduce.amin(Convert.NoDims, false, input.Core));

    /// <summary>The smallest elements along a dimension, and where the first of them is.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor values, Tensor indices) min(Tensor input, long dim, bool keepdim = false) => Pair(Reduce.minDim(Convert.Int(dim), keepdim, input.Core));

    /// <summary>The smaller of two elements.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor min(Tensor input, Tensor other) => minimum(input, other);

    static (Tensor, Tensor) Pair(Tuple<CoreTensor, CoreTensor> pair) => (new(pair.Item1), new(pair.Item2));

    /// <summary>The largest elements over dimensions; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amax(Tensor input, long[] dim, bool keepdim = false) => new(Reduce.amax(Convert.List(dim), keepdim, input.Core));
    /// <summary>The largest elements over a dimension; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amax(Tensor input, long dim, bool keepdim = false) => amax(input, [dim], keepdim);
    /// <summary>The largest of all elements; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amax(Tensor input) => amax(input, Array.Empty<long>());
    /// <summary>The smallest elements over dimensions; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amin(Tensor input, long[] dim, bool keepdim = false) => new(Reduce.amin(Convert.List(dim), keepdim, input.Core));
    /// <summary>The smallest elements over a dimension; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amin(Tensor input, long dim, bool keepdim = false) => amin(input, [dim], keepdim);
    /// <summary>The smallest of all elements; equal ones share the gradient.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor amin(Tensor input) => amin(input, Array.Empty<long>());

    /// <summary>Smallest and largest element.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor min, Tensor max) aminmax(Tensor input, long? dim = null, bool keepdim = false)
    {
        if (dim is null && input.numel() == 0) throw new ShapeException("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
        if (dim is { } d && input.dim() > 0 && input.size(d) == 0) throw new ShapeException($"aminmax(): Expected reduction dim {d} to have non-zero size.");
        var axes = Convert.List(dim is { } one ? [one] : ReadOnlySpan<long>.Empty);
        var (least, most) = (Reduce.amin(axes, keepdim, input.Core), Reduce.amax(axes, keepdim, input.Core));
        // A number with a dimension kept is a vector of one, for PyTorch.
        return dim is not null && keepdim && input.dim() == 0 ? (new(Engine.reshape([1], least)), new(Engine.reshape([1], most))) : (new(least), new(most));
    }

    /// <summary>Where the first of the largest elements is: flat, or along a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor argmax(Tensor input, long? dim = null, bool keepdim = false) => Position(input, dim, keepdim, Reduce.argmaxDim, "argmax");

    /// <summary>Where the first of the smallest elements is: flat, or along a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor argmin(Tensor input, long? dim = null, bool keepdim = false) => Position(input, dim, keepdim, Reduce.argminDim, "argmin");

    static Tensor Position(Tensor input, long? dim, bool keepdim, Func<int, bool, CoreTensor, CoreTensor> position, string name)
    {
        if (dim is { } d) return new(position(Convert.Int(d), keepdim, input.Core));
        if (input.numel() == 0) throw new IndexException($"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.");
        var flat = position(0, false, Engine.reshape([-1], input.Core));
        return new(keepdim ? Engine.reshape([.. input.Core.Shape.Select(_ => 1)], flat) : flat);
    }

    /// <summary>Whether all elements are not zero.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor all(Tensor input) => Truth(input, new(Reduce.all(input.Core)));
    /// <summary>Whether all elements along a dimension are not zero.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor all(Tensor input, long dim, bool keepdim = false) => Truth(input, new(Reduce.allOver(Convert.List(dim), keepdim, input.Core)));
    /// <summary>Whether any element is not zero.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor any(Tensor input) => Truth(input, new(Reduce.any(input.Core)));
    /// <summary>Whether any element along a dimension is not zero.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor any(Tensor input, long dim, bool keepdim = false) => Truth(input, new(Reduce.anyOver(Convert.List(dim), keepdim, input.Core)));

    // A legacy of PyTorch's: bytes answer in bytes.
    static Tensor Truth(Tensor input, Tensor answer) => input.dtype == ScalarType.Byte ? answer.to(ScalarType.Byte) : answer;

    /// <summary>The variance of all elements, divided by n - 1 unless not `unbiased`.</summary>
    [Forms(Forms.Method)]
    public static Tensor var(Tensor input, bool unbiased = true) => var(input, [], unbiased ? 1 : 0, false);
    /// <summary>The variance over dimensions, divided by n - correction.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor var(Tensor input, long[]? dim, long? correction, bool keepdim = false) => new(Reduce.varOver(Convert.List(dim ?? []), correction ?? 1, keepdim, input.Core));
    /// <summary>The variance over dimensions, divided by n - 1 unless not `unbiased`.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor var(Tensor input, long[]? dim, bool unbiased = true, bool keepdim = false) => var(input, dim, unbiased ? 1L : 0L, keepdim);
    /// <summary>The variance over a dimension, divided by n - 1 unless not `unbiased`.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor var(Tensor input, long dim, bool unbiased = true, bool keepdim = false) => var(input, [dim], unbiased ? 1L : 0L, keepdim);

    /// <summary>The standard deviation of all elements.</summary>
    [Forms(Forms.Method)]
    public static Tensor std(Tensor input, bool unbiased = true) => sqrt(torch.var(input, unbiased));
    /// <summary>The standard deviation over dimensions, by n - correction.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor std(Tensor input, long[]? dim, long? correction, bool keepdim = false) => sqrt(torch.var(input, dim, correction, keepdim));
    /// <summary>The standard deviation over dimensions.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor std(Tensor input, long[]? dim, bool unbiased = true, bool keepdim = false) => sqrt(torch.var(input, dim, unbiased, keepdim));
    /// <summary>The standard deviation over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor std(Tensor input, long dim, bool unbiased = true, bool keepdim = false) => sqrt(torch.var(input, [dim], unbiased, keepdim));

    /// <summary>Variance and mean.</summary>
    public static (Tensor var, Tensor mean) var_mean(Tensor input, bool unbiased = true) => (torch.var(input, unbiased), mean(input));
    /// <summary>Variance and mean over dimensions.</summary>
    public static (Tensor var, Tensor mean) var_mean(Tensor input, long[]? dim, bool unbiased = true, bool keepdim = false) => (torch.var(input, dim, unbiased, keepdim), mean(input, dim ?? [], keepdim));
    /// <summary>Variance and mean over a dimension.</summary>
    public static (Tensor var, Tensor mean) var_mean(Tensor input, long dim, bool unbiased = true, bool keepdim = false) => var_mean(input, [dim], unbiased, keepdim);
    /// <summary>Variance and mean over dimensions, by n - correction.</summary>
    public static (Tensor var, Tensor mean) var_mean(Tensor input, long[]? dim, long? correction, bool keepdim = false) => (torch.var(input, dim, correction, keepdim), mean(input, dim ?? [], keepdim));

    /// <summary>log(sum(exp(x))) over dimensions, without overflow.</summary>
    [Forms(Forms.MethodOut, "special.logsumexp")]
    public static Tensor logsumexp(Tensor input, long[] dim, bool keepdim = false) => new(Reduce.logSumExpOver(Convert.List(dim), keepdim, Operands.floating(input.Core)));
    /// <summary>log(sum(exp(x))) over a dimension, without overflow.</summary>
    [Forms(Forms.MethodOut, "special.logsumexp")]
    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => logsumexp(input, [dim], keepdim);

    /// <summary>Running sums along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor cumsum(Tensor input, long dim, ScalarType? dtype = null) => Narrow(new(Reduce.cumsum(Convert.Int(dim), Folding(input, dtype).Core)), dtype);
    /// <summary>Running products along a dimension.</summary>
    [Forms(Forms.All)]
    public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => Narrow(new(Reduce.cumprod(Convert.Int(dim), Folding(input, dtype).Core)), dtype);

    /// <summary>exp(x) / sum(exp(x)) along a dimension.</summary>
    [Forms(Forms.MethodOut, "special.softmax", "nn.functional.softmax")]
    public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => new(Reduce.softmax(Convert.Int(dim), Folding(input, dtype).Core));
    /// <summary>log(softmax(x)) along a dimension.</summary>
    [Forms(Forms.MethodOut, "special.log_softmax", "nn.functional.log_softmax")]
    public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => new(Reduce.logSoftmax(Convert.Int(dim), Folding(input, dtype).Core));

    /// <summary>Sorted along a dimension, with where everything came from.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
        Whole(input, t => Pair(Index.sort(Convert.Int(dim), descending, t)));
    /// <summary>The positions that sort along a dimension.</summary>
    [Forms(Forms.Method)]
    public static Tensor argsort(Tensor input, long dim = -1, bool descending = false, bool stable = false) => sort(input, dim, descending).indices;
    /// <summary>The k largest (or smallest) elements along a dimension, and where they are.</summary>
    [Forms(Forms.MethodOut)]
    public static (Tensor values, Tensor indices) topk(Tensor input, long k, long dim = -1, bool largest = true, bool sorted = true) =>
        Whole(input, t => Pair(Index.topk(Convert.Int(k), Convert.Int(dim), largest, t)));

    // A tensor without dimensions counts as a vector of one.
    static (Tensor, Tensor) Whole(Tensor input, Func<CoreTensor, (Tensor, Tensor)> f)
    {
        if (input.dim() > 0) return f(input.Core);
        var (a, b) = f(Engine.reshape([1], input.Core));
        return (reshape(a), reshape(b));
    }
}

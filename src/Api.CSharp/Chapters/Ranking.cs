using Microsoft.FSharp.Core;

namespace Functional.Torch;

// What depends on the order of elements: medians, quantiles, running extrema, the frequent and the different.
public static partial class torch
{
    /// <summary>The k-th smallest element along a dimension, and where it is.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long dim = -1, bool keepdim = false) => Pair(Ranking.kthValue(Convert.Int(k), Convert.Int(dim), keepdim, input.Core));

    /// <summary>The median of all elements, the lower of two in the middle.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor median(Tensor input) => new(Ranking.median(false, input.Core));
    /// <summary>The median along a dimension, the lower of two in the middle, and where it is.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) median(Tensor input, long dim, bool keepdim = false) => Pair(Ranking.medianAlong(false, Convert.Int(dim), keepdim, input.Core));
    /// <summary>The median of all elements that are not nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nanmedian(Tensor input) => new(Ranking.median(true, input.Core));
    /// <summary>The median along a dimension of what is not nan, and where it is.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) nanmedian(Tensor input, long dim, bool keepdim = false) => Pair(Ranking.medianAlong(true, Convert.Int(dim), keepdim, input.Core));

    /// <summary>The most frequent element along a dimension (the smallest of several), and where it is.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) mode(Tensor input, long dim = -1, bool keepdim = false) => Pair(Ranking.mode(Convert.Int(dim), keepdim, input.Core));

    /// <summary>The largest elements so far along a dimension, and where they are.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) cummax(Tensor input, long dim) => Pair(Ranking.running(ScanKind.CumulativeMaximum, ScanKind.CumulativeArgMaximum, Convert.Int(dim), input.Core));
    /// <summary>The smallest elements so far along a dimension, and where they are.</summary>
    [Forms(Forms.MethodOut | Forms.Apart)]
    public static (Tensor values, Tensor indices) cummin(Tensor input, long dim) => Pair(Ranking.running(ScanKind.CumulativeMinimum, ScanKind.CumulativeArgMinimum, Convert.Int(dim), input.Core));

    static Tensor Quantile(bool ignoresNan, Tensor input, Tensor q, long? dim, bool keepdim, string interpolation)
    {
        var between = interpolation switch
        {
            "linear" => QuantileInterpolation.Linear,
            "lower" => QuantileInterpolation.Lower,
            "higher" => QuantileInterpolation.Higher,
            "midpoint" => QuantileInterpolation.Midpoint,
            "nearest" => QuantileInterpolation.Nearest,
            _ => throw new ArgumentValueException($"quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}"),
        };
        return new(Quantiles.quantile(ignoresNan, between, q.Core, dim is { } d ? FSharpOption<int>.Some(Convert.Int(d)) : null, keepdim, input.Core));
    }

    static Tensor Fraction(Tensor input, double q) => q is < 0 or > 1
        ? throw new ArgumentValueException($"quantile() q must be in the range [0, 1] but got {q}")
        : new(Operands.number(input.Core, input.Core.Dtype, [], Number.NewReal(q)));

    /// <summary>The elements below which fractions q of all elements lie, over everything or along a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor quantile(Tensor input, Tensor q, long? dim = null, bool keepdim = false, string interpolation = "linear") => Quantile(false, input, q, dim, keepdim, interpolation);
    /// <summary>The element below which a fraction q of all elements lies, over everything or along a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor quantile(Tensor input, double q, long? dim = null, bool keepdim = false, string interpolation = "linear") => Quantile(false, input, Fraction(input, q), dim, keepdim, interpolation);
    /// <summary>Quantiles of what is not nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nanquantile(Tensor input, Tensor q, long? dim = null, bool keepdim = false, string interpolation = "linear") => Quantile(true, input, q, dim, keepdim, interpolation);
    /// <summary>A quantile of what is not nan.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nanquantile(Tensor input, double q, long? dim = null, bool keepdim = false, string interpolation = "linear") => Quantile(true, input, Fraction(input, q), dim, keepdim, interpolation);

    static Tensor WithoutNan(Tensor input) => input.is_floating_point() ? where(isnan(input), 0, input) : input;

    /// <summary>The sum of what is not nan over dimensions; all of them, if none is named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nansum(Tensor input, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        input.is_complex() ? throw new DtypeException("nansum does not support complex inputs") : sum(WithoutNan(input), dim, keepdim, dtype);
    /// <summary>The sum of what is not nan over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nansum(Tensor input, long dim, bool keepdim = false, ScalarType? dtype = null) => nansum(input, [dim], keepdim, dtype);

    /// <summary>The mean of what is not nan over dimensions; all of them, if none is named.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nanmean(Tensor input, long[]? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        input.is_floating_point() || input.is_complex()
            ? div(nansum(input, dim, keepdim, dtype), sum(logical_not(isnan(input)), dim, keepdim)).to(dtype ?? input.dtype)
            : throw new DtypeException($"nanmean(): expected input to have floating point or complex dtype but got {Named(input)}");
    /// <summary>The mean of what is not nan over a dimension.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor nanmean(Tensor input, long dim, bool keepdim = false, ScalarType? dtype = null) => nanmean(input, [dim], keepdim, dtype);
}

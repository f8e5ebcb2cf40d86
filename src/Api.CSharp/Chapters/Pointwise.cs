namespace Functional.Torch;

[Row(Family.Bits, nameof(Functions), nameof(Functions.bitwiseAnd), Forms.All, "Bitwise and of integers, logical and of bools.", Name = "bitwise_and")]
[Row(Family.Bits, nameof(Functions), nameof(Functions.bitwiseOr), Forms.All, "Bitwise or of integers, logical or of bools.", Name = "bitwise_or")]
[Row(Family.Bits, nameof(Functions), nameof(Functions.bitwiseXor), Forms.All, "Bitwise exclusive or of integers, logical of bools.", Name = "bitwise_xor")]
[Row(Family.Bits, nameof(Functions), nameof(Functions.shiftLeft), Forms.All, "input times two to the power of other.", Name = "bitwise_left_shift")]
[Row(Family.Bits, nameof(Functions), nameof(Functions.shiftRight), Forms.All, "input shifted to the right, keeping its sign.", Name = "bitwise_right_shift")]
[Row(Family.Real, nameof(Formulas), nameof(Formulas.sinc), Forms.All, "sin(pi x) / (pi x), 1 at 0.", "special.sinc")]
[Row(Family.Unary, nameof(Functions), nameof(Functions.logicalNot), Forms.All, "Whether an element is zero.", Name = "logical_not")]
[Row(Family.Unary, nameof(Functions), nameof(Functions.relu), Forms.Method | Forms.InPlace, "max(x, 0).")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.mul), Forms.All, "input * other.", "multiply")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.floorDivide), Forms.All, "The quotient rounded towards minus infinity.", Name = "floor_divide")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.remainder), Forms.All, "What remains of a division, with the sign of the divisor, as Python's %.")]
[Row(Family.PairOrNumber, nameof(Functions), nameof(Functions.fmod), Forms.All, "What remains of a division, with the sign of the dividend, as C's fmod.")]
[Row(Family.Pair, nameof(Formulas), nameof(Formulas.logAddExp), Forms.MethodOut, "log(exp(x) + exp(y)) without overflow.", Name = "logaddexp")]
[Row(Family.Pair, nameof(Formulas), nameof(Formulas.logAddExp2), Forms.MethodOut, "log2(2^x + 2^y) without overflow.", Name = "logaddexp2")]
public static partial class torch
{
    /// <summary>The absolute value of each element.</summary>
    [Forms(Forms.All, "absolute")]
    public static Tensor abs(Tensor input) =>
        input.dtype == ScalarType.Bool ? throw new DtypeException("\"abs_cpu\" not implemented for 'Bool'") : Unary(Functions.abs, input);

    /// <summary>input + alpha * other.</summary>
    [Forms(Forms.All)]
    public static Tensor add(Tensor input, Tensor other, Scalar? alpha = null) =>
        alpha is null ? Binary(Functions.add, input, other) : Binary(Functions.add, input, Scaled(input, other, alpha.Value));

    /// <summary>input + alpha * other.</summary>
    [Forms(Forms.All)]
    public static Tensor add(Tensor input, Scalar other, Scalar? alpha = null) => Binary(Functions.add, input, Scaled(input, other, alpha));

    /// <summary>input + alpha * other.</summary>
    [Forms(Forms.Out)]
    public static Tensor add(Scalar input, Tensor other, Scalar? alpha = null) => Binary(Functions.add, input, alpha is { } a ? Scaled(other, other, a) : other);

    /// <summary>input - alpha * other. Raises DtypeException for bools.</summary>
    [Forms(Forms.All, "subtract")]
    public static Tensor sub(Tensor input, Tensor other, Scalar? alpha = null)
    {
        RefuseBools(input, other);
        return alpha is null ? Binary(Functions.sub, input, other) : Binary(Functions.sub, input, Scaled(input, other, alpha.Value));
    }

    /// <summary>input - alpha * other. Raises DtypeException for bools.</summary>
    [Forms(Forms.All, "subtract")]
    public static Tensor sub(Tensor input, Scalar other, Scalar? alpha = null)
    {
        if (input.dtype == ScalarType.Bool || other.Value.IsBoolean) RefuseBool();
        return Binary(Functions.sub, input, Scaled(input, other, alpha));
    }

    /// <summary>other - alpha * input.</summary>
    [Forms(Forms.Method)]
    public static Tensor rsub(Tensor input, Tensor other, Scalar? alpha = null) => sub(other, input, alpha);

    /// <summary>other - alpha * input.</summary>
    [Forms(Forms.Method)]
    public static Tensor rsub(Tensor input, Scalar other, Scalar? alpha = null)
    {
        if (input.dtype == ScalarType.Bool || other.Value.IsBoolean) RefuseBool();
        return Binary(Functions.sub, other, alpha is null ? input : Scaled(input, input, alpha.Value));
    }

    static void RefuseBools(Tensor a, Tensor b)
    {
        if (a.dtype == ScalarType.Bool || b.dtype == ScalarType.Bool) RefuseBool();
    }

    static void RefuseBool() =>
        throw new DtypeException("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.");

    static Tensor Scaled(Tensor input, Tensor other, Scalar alpha)
    {
        CheckAlpha(Operands.promote(input.Core, other.Core), alpha);
        return alpha.Value.AsFloat == 1 && !alpha.Value.IsComplex ? other : Binary(Functions.mul, other, alpha);
    }

    static Scalar Scaled(Tensor input, Scalar other, Scalar? alpha)
    {
        if (alpha is not { } factor) return other;
        CheckAlpha(Operands.withNumber(input.Core.Dtype, other.Value), factor);
        if (other.Value.IsComplex || factor.Value.IsComplex) return other.Value.AsComplex * factor.Value.AsComplex;
        return other.Value.IsInteger && factor.Value.IsInteger ? other.ToInt64() * factor.ToInt64() : other.ToDouble() * factor.ToDouble();
    }

    static void CheckAlpha(Dtype dtype, Scalar alpha)
    {
        if (alpha.Value.IsBoolean && !dtype.IsBool) throw new DtypeException("Boolean alpha only supported for Boolean results.");
        if (alpha.Value.IsReal && IsWhole(dtype)) throw new DtypeException("For integral input tensors, argument alpha must not be a floating point number.");
        if (alpha.Value.IsComplex && !Dtypes.isComplex(dtype)) throw new DtypeException("For non-complex input tensors, argument alpha must not be a complex number.");
    }

    /// <summary>input * other.</summary>
    [Forms(Forms.Out, "multiply")]
    public static Tensor mul(Scalar input, Tensor other) => mul(other, input);

    /// <summary>input / other; rounded towards zero ("trunc") or minus infinity ("floor") where asked for.</summary>
    [Forms(Forms.Out, "divide", "true_divide")]
    public static Tensor div(Scalar input, Tensor other, string? rounding_mode = null) =>
        rounding_mode is null ? Binary(Functions.div, input, new Tensor(Operands.floating(other.Core))) : div(Like(other, input), other, rounding_mode);

    /// <summary>input - alpha * other. Raises DtypeException for bools.</summary>
    [Forms(Forms.Out, "subtract")]
    public static Tensor sub(Scalar input, Tensor other, Scalar? alpha = null) => rsub(other, input, alpha);

    /// <summary>input / other; rounded towards zero ("trunc") or minus infinity ("floor") where asked for.</summary>
    [Forms(Forms.All, "divide")]
    public static Tensor div(Tensor input, Tensor other, string? rounding_mode = null) =>
        rounding_mode switch
        {
            null => new(input.Core / other.Core),
            "trunc" => Truncated(Binary(Functions.div, input, other)),
            "floor" => Binary(Functions.floorDivide, input, other),
            _ => throw new ArgumentValueException($"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"),
        };

    /// <summary>input / other; rounded towards zero ("trunc") or minus infinity ("floor") where asked for.</summary>
    [Forms(Forms.All, "divide")]
    public static Tensor div(Tensor input, Scalar other, string? rounding_mode = null) =>
        rounding_mode switch
        {
            null => new(Operands.withRight(Functions.div, Operands.floating(input.Core), other.Value)),
            "trunc" => Truncated(Binary(Functions.div, input, other)),
            "floor" => Binary(Functions.floorDivide, input, other),
            _ => throw new ArgumentValueException($"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"),
        };

    // A number that is to have an integer tensor's kind.
    static Scalar Fitting(Scalar number, Dtype dtype) => dtype.IsBool ? number.ToBoolean() : IsWhole(dtype) ? number.ToInt64() : number;

    static Tensor Truncated(Tensor quotient) => IsWhole(quotient.Core.Dtype) ? quotient : trunc(quotient);

    /// <summary>input / other.</summary>
    [Forms(Forms.All)]
    public static Tensor true_divide(Tensor input, Tensor other) => div(input, other);

    /// <summary>input / other.</summary>
    [Forms(Forms.All)]
    public static Tensor true_divide(Tensor input, Scalar other) => div(input, other);

    /// <summary>The quotient rounded towards minus infinity.</summary>
    public static Tensor floor_divide(Scalar input, Tensor other) => Binary(Functions.floorDivide, input, other);

    /// <summary>What remains of a division, with the sign of the divisor.</summary>
    public static Tensor remainder(Scalar input, Tensor other) => Binary(Functions.remainder, input, other);

    /// <summary>input to the power of exponent, elementwise.</summary>
    [Forms(Forms.All)]
    public static Tensor pow(Tensor input, Tensor exponent) => Binary(Functions.pow, Autocast.As(input), Autocast.As(exponent));

    /// <summary>input to the power of exponent, elementwise.</summary>
    [Forms(Forms.All)]
    public static Tensor pow(Tensor input, Scalar exponent)
    {
        if (IsWhole(input.Core.Dtype) && exponent.Value.IsInteger && exponent.Value.AsInteger < 0)
            throw new ArgumentValueException("Integers to negative integer powers are not allowed.");
        return new(Operands.power(Autocast.As(input).Core, exponent.Value));
    }

    /// <summary>input to the power of exponent, elementwise.</summary>
    [Forms(Forms.Out)]
    public static Tensor pow(Scalar input, Tensor exponent) => Binary(Functions.pow, input, Autocast.As(exponent));

    /// <summary>The power in double precision (complex where an operand is).</summary>
    [Forms(Forms.All)]
    public static Tensor float_power(Tensor input, Tensor exponent) => pow(input.to(Double(input.Core.Dtype)), exponent.to(Double(exponent.Core.Dtype)));

    /// <summary>The power in double precision.</summary>
    [Forms(Forms.All)]
    public static Tensor float_power(Tensor input, Scalar exponent) => pow(input.to(Double(input.Core.Dtype)), exponent);

    /// <summary>The power in double precision.</summary>
    [Forms(Forms.Out)]
    public static Tensor float_power(Scalar input, Tensor exponent) => pow(input, exponent.to(Double(exponent.Core.Dtype)));

    static ScalarType Double(Dtype dtype) => Dtypes.isComplex(dtype) ? ScalarType.ComplexFloat64 : ScalarType.Float64;

    /// <summary>-input. Raises DtypeException for bools.</summary>
    [Forms(Forms.All, "negative")]
    public static Tensor neg(Tensor input) =>
        input.dtype == ScalarType.Bool
            ? throw new DtypeException("Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.")
            : Unary(Functions.neg, input);

    /// <summary>The same tensor.</summary>
    [Forms(Forms.Method)]
    public static Tensor positive(Tensor input) =>
        input.dtype == ScalarType.Bool ? throw new DtypeException("The `+` operator, on a bool tensor is not supported.") : input;

    /// <summary>-1, 0 or 1 by sign.</summary>
    [Forms(Forms.All)]
    public static Tensor sign(Tensor input) =>
        input.is_complex() ? throw new DtypeException("Unlike NumPy, torch.sign doesn't support complex numbers. Use torch.sgn instead.") : Unary(Functions.sign, input);

    /// <summary>x * x.</summary>
    [Forms(Forms.All)]
    public static Tensor square(Tensor input) => pow(input, 2);

    /// <summary>The largest integer not above each element.</summary>
    [Forms(Forms.All)]
    public static Tensor floor(Tensor input) => Rounding(Functions.floor, input);

    /// <summary>The smallest integer not below each element.</summary>
    [Forms(Forms.All)]
    public static Tensor ceil(Tensor input) => Rounding(Functions.ceil, input);

    /// <summary>The integer part of each element.</summary>
    [Forms(Forms.All, "fix")]
    public static Tensor trunc(Tensor input) => Rounding(Functions.trunc, input);

    /// <summary>The nearest integer (halves go to the even one), or the nearest multiple of 10^-decimals.</summary>
    [Forms(Forms.All, "special.round")]
    public static Tensor round(Tensor input, long decimals = 0) =>
        decimals == 0 ? Rounding(Functions.round, input) : Shaped(decimals > 0 ? Formulas.roundTo : Formulas.roundAbove, input, Math.Pow(10, Math.Abs((double)decimals)));

    static Tensor Rounding(PointwiseFunction? f, Tensor input) => IsWhole(input.Core.Dtype) ? input.clone() : Unary(f, input);

    /// <summary>What is left of each element without its integer part.</summary>
    [Forms(Forms.All)]
    public static Tensor frac(Tensor input) => Unary(Formulas.frac, NotComplex("frac_cpu", input));

    /// <summary>Degrees in radians.</summary>
    [Forms(Forms.All)]
    public static Tensor deg2rad(Tensor input) => Real(Formulas.degreesToRadians, NotComplex("deg2rad", input));

    /// <summary>Radians in degrees.</summary>
    [Forms(Forms.All)]
    public static Tensor rad2deg(Tensor input) => Real(Formulas.radiansToDegrees, NotComplex("rad2deg", input));

    /// <summary>log(x / (1 - x)), x first brought into [eps, 1 - eps] where eps is given.</summary>
    [Forms(Forms.All, "special.logit")]
    public static Tensor logit(Tensor input, double? eps = null) =>
        eps is { } e ? Shaped(Formulas.logitWithin, new(Operands.floating(input.Core)), e) : Real(Formulas.logit, input);

    /// <summary>x * log(y), 0 where x is 0 and y is a number.</summary>
    [Forms(Forms.All, "special.xlogy")]
    public static Tensor xlogy(Tensor input, Tensor other) => new(Operands.floatingBinary(Formulas.xlogy, input.Core, other.Core));

    /// <summary>x * log(y), 0 where x is 0 and y is a number.</summary>
    [Forms(Forms.All, "special.xlogy")]
    public static Tensor xlogy(Tensor input, Scalar other) => Binary(Formulas.xlogy, new Tensor(Operands.floating(input.Core)), other);

    /// <summary>x * log(y), 0 where x is 0 and y is a number.</summary>
    [Forms(Forms.Out, "special.xlogy")]
    public static Tensor xlogy(Scalar input, Tensor other) => Binary(Formulas.xlogy, input, new Tensor(Operands.floating(other.Core)));

    /// <summary>sqrt(x^2 + y^2).</summary>
    [Forms(Forms.All)]
    public static Tensor hypot(Tensor input, Tensor other) => Binary(Formulas.hypot, NotComplex("hypot_cpu", input), NotComplex("hypot_cpu", other));

    /// <summary>The angle of the point (other, input).</summary>
    [Forms(Forms.All, "arctan2")]
    public static Tensor atan2(Tensor input, Tensor other) => new(Operands.floatingBinary(Functions.atan2, input.Core, other.Core));

    /// <summary>The magnitude of input with the sign of other.</summary>
    [Forms(Forms.All)]
    public static Tensor copysign(Tensor input, Tensor other) => new(Operands.floatingBinary(Functions.copysign, input.Core, other.Core));

    /// <summary>The magnitude of input with the sign of other.</summary>
    [Forms(Forms.All)]
    public static Tensor copysign(Tensor input, Scalar other) => Binary(Functions.copysign, new Tensor(Operands.floating(input.Core)), other);

    /// <summary>0 below 0, 1 above, and `values` at 0.</summary>
    [Forms(Forms.All)]
    public static Tensor heaviside(Tensor input, Tensor values) =>
        input.dtype == values.dtype ? Binary(Formulas.heaviside, input, values) : throw new DtypeException($"heaviside is not yet implemented for tensors with different dtypes: {Named(input)} and {Named(values)}");

    /// <summary>Elements brought into [min, max].</summary>
    [Forms(Forms.All, "clip")]
    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null)
    {
        if (min is null && max is null) throw new ArgumentValueException("torch.clamp: At least one of 'min' or 'max' must not be None");
        if (min is { } low) input = clamp_min(input, low);
        return max is { } high ? clamp_max(input, high) : input;
    }

    /// <summary>Elements brought into [min, max].</summary>
    [Forms(Forms.All, "clip")]
    public static Tensor clamp(Tensor input, Tensor? min, Tensor? max = null)
    {
        if (min is null && max is null) throw new ArgumentValueException("torch.clamp: At least one of 'min' or 'max' must not be None");
        if (min is not null) input = clamp_min(input, min);
        return max is not null ? clamp_max(input, max) : input;
    }

    /// <summary>Elements below min become min.</summary>
    [Forms(Forms.All)]
    public static Tensor clamp_min(Tensor input, Scalar min) => Binary(Formulas.clampBelow, input, min);
    /// <summary>Elements below min become min.</summary>
    [Forms(Forms.All)]
    public static Tensor clamp_min(Tensor input, Tensor min) => Binary(Formulas.clampBelow, input, min);
    /// <summary>Elements above max become max.</summary>
    [Forms(Forms.All)]
    public static Tensor clamp_max(Tensor input, Scalar max) => Binary(Formulas.clampAbove, input, max);
    /// <summary>Elements above max become max.</summary>
    [Forms(Forms.All)]
    public static Tensor clamp_max(Tensor input, Tensor max) => Binary(Formulas.clampAbove, input, max);

    /// <summary>nan becomes `nan`, infinities `posinf` and `neginf` (the largest and smallest numbers of the dtype, if not given).</summary>
    [Forms(Forms.All)]
    public static Tensor nan_to_num(Tensor input, double nan = 0.0, double? posinf = null, double? neginf = null)
    {
        if (IsWhole(NotComplex("nan_to_num", input).Core.Dtype)) return input.clone();
        var (low, high) = input.dtype switch
        {
            ScalarType.Float16 => (-65504.0, 65504.0),
            ScalarType.BFloat16 => (-3.3895313892515355e38, 3.3895313892515355e38),
            ScalarType.Float64 => (double.MinValue, double.MaxValue),
            _ => (float.MinValue, (double)float.MaxValue),
        };
        return Shaped(Formulas.nanToNum, input, nan, posinf ?? high, neginf ?? low);
    }

    /// <summary>start + weight * (end - start).</summary>
    [Forms(Forms.All)]
    public static Tensor lerp(Tensor input, Tensor end, Tensor weight) => new(Operations.ternary(Functions.lerp, input.Core, end.Core, weight.Core));

    /// <summary>start + weight * (end - start).</summary>
    [Forms(Forms.All)]
    public static Tensor lerp(Tensor input, Tensor end, Scalar weight) => lerp(input, end, new Tensor(Operands.number(input.Core, input.Core.Dtype, [], weight.Value)));

    /// <summary>input + value * tensor1 * tensor2.</summary>
    [Forms(Forms.All)]
    public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar? value = null) =>
        new(Operations.addcmul(value?.Value ?? Number.NewInteger(1), input.Core, tensor1.Core, tensor2.Core));

    /// <summary>input + value * tensor1 / tensor2. Raises DtypeException for integers.</summary>
    [Forms(Forms.All)]
    public static Tensor addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, Scalar? value = null)
    {
        if (IsWhole(tensor1.Core.Dtype) && IsWhole(tensor2.Core.Dtype))
            throw new DtypeException("Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2. Cast them to a floating dtype first.");
        return new(Operations.addcdiv(value?.Value ?? Number.NewInteger(1), input.Core, tensor1.Core, tensor2.Core));
    }

    /// <summary>All bits of integers inverted, bools negated.</summary>
    [Forms(Forms.All)]
    public static Tensor bitwise_not(Tensor input) => Unary(Functions.bitwiseNot, Bits("bitwise_not", input));
    static Tensor Bits(string name, Tensor input) =>
        Dtypes.isDifferentiable(input.Core.Dtype) ? throw new DtypeException($"\"{name.Replace("bitwise_left_", "l").Replace("bitwise_right_", "r")}_cpu\" not implemented for '{Named(input)}': it takes integers and bools") : input;

    /// <summary>Whether both elements are not zero.</summary>
    [Forms(Forms.All)]
    public static Tensor logical_and(Tensor input, Tensor other) => Binary(Functions.bitwiseAnd, input.@bool(), other.@bool());
    /// <summary>Whether one of the elements is not zero.</summary>
    [Forms(Forms.All)]
    public static Tensor logical_or(Tensor input, Tensor other) => Binary(Functions.bitwiseOr, input.@bool(), other.@bool());
    /// <summary>Whether exactly one of the elements is not zero.</summary>
    [Forms(Forms.All)]
    public static Tensor logical_xor(Tensor input, Tensor other) => Binary(Functions.bitwiseXor, input.@bool(), other.@bool());

    /// <summary>Whether the sign bit is set (-0 included).</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor signbit(Tensor input) =>
        IsWhole(input.Core.Dtype) ? Binary(Functions.lt, input, 0) : Unary(Formulas.signbit, input);

    /// <summary>x * log(1 + y), 0 where x is 0 and y is a number.</summary>
    static Tensor Xlog1py(Tensor input, Tensor other) => new(Operands.floatingBinary(Formulas.xlog1py, input.Core, other.Core));

    /// <summary>Special functions.</summary>
    [Row(Family.Real, nameof(Formulas), nameof(Formulas.entropy), Forms.Out, "-x * log(x); 0 at 0, -infinity below.", Name = "entr")]
    [Row(Family.Real, nameof(Formulas), nameof(Formulas.normalDistribution), Forms.Out, "The area under the standard normal curve left of x.", Name = "ndtr")]
    public static partial class special
    {
        /// <summary>x * log(1 + y), 0 where x is 0 and y is a number.</summary>
        [Forms(Forms.Out)]
        public static Tensor xlog1py(Tensor input, Tensor other) => Xlog1py(input, other);
        /// <summary>x * log(1 + y), 0 where x is 0 and y is a number.</summary>
        [Forms(Forms.Out)]
        public static Tensor xlog1py(Tensor input, Scalar other) => Binary(Formulas.xlog1py, new Tensor(Operands.floating(input.Core)), other);
        /// <summary>x * log(1 + y), 0 where x is 0 and y is a number.</summary>
        [Forms(Forms.Out)]
        public static Tensor xlog1py(Scalar input, Tensor other) => Binary(Formulas.xlog1py, input, new Tensor(Operands.floating(other.Core)));
        /// <summary>The Hurwitz zeta function.</summary>
        [Forms(Forms.Out)]
        public static Tensor zeta(Tensor input, Tensor other) => new(Operands.floatingBinary(Functions.zeta, input.Core, other.Core));
        /// <summary>The Hurwitz zeta function.</summary>
        [Forms(Forms.Out)]
        public static Tensor zeta(Tensor input, Scalar other) => Binary(Functions.zeta, new Tensor(Operands.floating(input.Core)), other);
        /// <summary>The Hurwitz zeta function.</summary>
        [Forms(Forms.Out)]
        public static Tensor zeta(Scalar input, Tensor other) => Binary(Functions.zeta, input, new Tensor(Operands.floating(other.Core)));
    }
}

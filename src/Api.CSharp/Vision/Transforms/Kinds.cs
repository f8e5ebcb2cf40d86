namespace Functional.Torch;

/// <summary>How an image is resampled: a mode, or the number that it had in PIL (0 nearest, 2 bilinear, 3 bicubic).</summary>
public readonly struct ImageInterpolation
{
    readonly InterpolationMode? mode;

    ImageInterpolation(InterpolationMode mode) => this.mode = mode;

    /// <summary>The mode; bilinear where nothing was said.</summary>
    public InterpolationMode Mode => mode ?? InterpolationMode.Bilinear;

    /// <summary>A mode: nearest, bilinear or bicubic.</summary>
    public static implicit operator ImageInterpolation(InterpolationMode mode) =>
        mode is InterpolationMode.Nearest or InterpolationMode.Bilinear or InterpolationMode.Bicubic
            ? new(mode) : throw new ArgumentValueException($"Argument interpolation should be a InterpolationMode for images: nearest, bilinear or bicubic, but got {mode}");

    /// <summary>PIL's number of a mode.</summary>
    public static implicit operator ImageInterpolation(long mode) => mode switch
    {
        0 => new(InterpolationMode.Nearest),
        2 => new(InterpolationMode.Bilinear),
        3 => new(InterpolationMode.Bicubic),
        _ => throw new ArgumentValueException($"Argument interpolation should be a InterpolationMode: tensors are resampled by nearest (0), bilinear (2) or bicubic (3), but got {mode}"),
    };
}

/// <summary>One number for all channels of an image, or one for each.</summary>
public readonly struct Levels
{
    readonly double[]? items;

    Levels(double[] items) => this.items = items;

    internal double[] Items => items ?? [];

    /// <summary>The same for all channels.</summary>
    public static implicit operator Levels(double level) => new([level]);
    /// <summary>The same for all channels.</summary>
    public static implicit operator Levels(long level) => new([level]);
    /// <summary>One for each channel.</summary>
    public static implicit operator Levels(double[] levels) => new(levels);
    /// <summary>One for each channel.</summary>
    public static implicit operator Levels(float[] levels) => new([.. levels.Select(l => (double)l)]);
    /// <summary>One for each of three channels.</summary>
    public static implicit operator Levels((double, double, double) levels) => new([levels.Item1, levels.Item2, levels.Item3]);
}

/// <summary>What erases a part of an image: a number, one for each channel, or "random" for normal numbers.</summary>
public readonly struct ErasingValue
{
    readonly double[]? items;

    ErasingValue(double[]? items, bool isRandom) => (this.items, IsRandom) = (items, isRandom);

    internal bool IsRandom { get; }
    internal double[] Items => items ?? [0];

    /// <summary>The same everywhere.</summary>
    public static implicit operator ErasingValue(double value) => new([value], false);
    /// <summary>The same everywhere.</summary>
    public static implicit operator ErasingValue(long value) => new([value], false);
    /// <summary>One number for each channel.</summary>
    public static implicit operator ErasingValue(double[] values) => new(values, false);
    /// <summary>"random": normal numbers.</summary>
    public static implicit operator ErasingValue(string value) =>
        value == "random" ? new(null, true) : throw new ArgumentValueException("If value is str, it should be 'random'");
}

/// <summary>How far a colour may go: a number for both ways from the middle, or from where to where.</summary>
public readonly struct JitterRange
{
    readonly double? amount;
    readonly (double, double)? ends;

    JitterRange(double? amount, (double, double)? ends) => (this.amount, this.ends) = (amount, ends);

    /// <summary>So far both ways.</summary>
    public static implicit operator JitterRange(double amount) => new(amount, null);
    /// <summary>So far both ways.</summary>
    public static implicit operator JitterRange(long amount) => new(amount, null);
    /// <summary>From one factor to another.</summary>
    public static implicit operator JitterRange((double, double) ends) => new(null, ends);
    /// <summary>From one factor to another.</summary>
    public static implicit operator JitterRange(double[] ends) =>
        ends.Length == 2 ? new(null, (ends[0], ends[1])) : throw new ArgumentValueException("a range of factors should be a single number or a list/tuple with length 2.");

    /// <summary>Where factors lie, null where they change nothing. Raises ArgumentValueException outside of what is possible.</summary>
    internal (double, double)? Around(string name, double center, (double, double) bound, bool notBelowZero)
    {
        var range = (amount ?? 0) is var a && ends is { } given ? given : (center - a, center + a);
        if (amount is < 0) throw new ArgumentValueException($"If {name} is a single number, it must be non negative.");
        if (ends is null && notBelowZero) range.Item1 = Math.Max(range.Item1, 0);
        if (ends is not null && !(bound.Item1 <= range.Item1 && range.Item1 <= range.Item2 && range.Item2 <= bound.Item2))
            throw new ArgumentValueException($"{name} values should be between ({bound.Item1}, {bound.Item2})");
        return range.Item1 == center && range.Item2 == center ? null : range;
    }
}

namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using static Functional.Torch.torchvision;
using F = Functional.Torch.torchvision.transforms.functional;

/// <summary>The draws of random transforms: each is the call that torchvision makes, so that the same seed gives the same transforms.</summary>
internal static class Drawn
{
    /// <summary>Below p, by a float32 as torchvision compares it.</summary>
    public static bool Below(double p) => rand(1).data<float>()[0] < (float)p;
    /// <summary>A number in [from, to), a float32.</summary>
    public static double Between(double from, double to) => empty(1).uniform_(from, to).data<float>()[0];
    /// <summary>An integer in [0, high).</summary>
    public static long Whole(long high) => randint(0, high, [1]).data<long>()[0];

    /// <summary>Ten tries at a rectangle: its area as a part of the image's, and its ratio, of a uniform logarithm.</summary>
    public static IEnumerable<(double OfFirst, double OfSecond)> Rectangles(double area, (double, double) scale, (double, double) ratio)
    {
        // Logarithms and their exponentials are float32, as torch.log of a list is.
        var ends = log(torch.tensor(new[] { (float)ratio.Item1, (float)ratio.Item2 })).data<float>();
        for (var i = 0; i < 10; i++)
        {
            var part = area * Between(scale.Item1, scale.Item2);
            var aspect = (double)exp(empty(1).uniform_(ends[0], ends[1])).data<float>()[0];
            yield return (Math.Sqrt(part * aspect), Math.Sqrt(part / aspect));
        }
    }

    public static long Rounded(double x) => (long)Math.Round(x);
}

/// <summary>A part of an image at a random place.</summary>
public sealed class RandomCrop : ImageTransform
{
    readonly (long Height, long Width) size;
    readonly Sizes padding;
    readonly bool pad_if_needed;
    readonly double fill;
    readonly string padding_mode;

    /// <summary>A square or (height, width), after padding, and after padding on both sides what is still too small if `pad_if_needed`.</summary>
    public RandomCrop(Sizes size, Sizes padding = default, bool pad_if_needed = false, double fill = 0, string padding_mode = "constant")
    {
        this.size = F.Pair(size, F.TwoSizes);
        (this.padding, this.pad_if_needed, this.fill, this.padding_mode) = (padding, pad_if_needed, fill, padding_mode);
    }

    /// <summary>Draws top, left, height and width of a part of this size. Raises ArgumentValueException where the image is smaller.</summary>
    public static (long i, long j, long h, long w) get_params(Tensor img, (long, long) output_size)
    {
        var dimensions = F.get_dimensions(img);
        var (h, w, (height, width)) = (dimensions[1], dimensions[2], output_size);
        if (h < height || w < width) throw new ArgumentValueException($"Required crop size ({height}, {width}) is larger than input image size ({h}, {w})");
        if (w == width && h == height) return (0, 0, h, w);
        var i = Drawn.Whole(h - height + 1);
        return (i, Drawn.Whole(w - width + 1), height, width);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor img)
    {
        if (!padding.IsDefault) img = F.pad(img, padding, fill, padding_mode);
        var (height, width) = (img.size(-2), img.size(-1));
        if (pad_if_needed && width < size.Width) img = F.pad(img, (size.Width - width, 0), fill, padding_mode);
        if (pad_if_needed && height < size.Height) img = F.pad(img, (0, size.Height - height), fill, padding_mode);
        var (i, j, h, w) = get_params(img, size);
        return F.crop(img, i, j, h, w);
    }
}

/// <summary>A part of an image of random area and proportions, resized.</summary>
public sealed class RandomResizedCrop : ImageTransform
{
    readonly (long Height, long Width) size;
    readonly (double, double) scale, ratio;
    readonly ImageInterpolation interpolation;
    readonly bool? antialias;

    /// <summary>Resized to a square or (height, width); `scale` bounds the area as a part of the image, `ratio` width by height.</summary>
    public RandomResizedCrop(Sizes size, (double, double)? scale = null, (double, double)? ratio = null, ImageInterpolation interpolation = default, bool? antialias = null)
    {
        this.size = F.Pair(size, F.TwoSizes);
        (this.scale, this.ratio) = (scale ?? (0.08, 1.0), ratio ?? (3.0 / 4.0, 4.0 / 3.0));
        (this.interpolation, this.antialias) = (interpolation, antialias);
    }

    /// <summary>Draws top, left, height and width; the middle of the image where ten tries do not fit.</summary>
    public static (long i, long j, long h, long w) get_params(Tensor img, (double, double) scale, (double, double) ratio)
    {
        var dimensions = F.get_dimensions(img);
        var (height, width) = (dimensions[1], dimensions[2]);
        foreach (var (across, down) in Drawn.Rectangles(height * width, scale, ratio))
        {
            var (w, h) = (Drawn.Rounded(across), Drawn.Rounded(down));
            if (!(w > 0 && w <= width && h > 0 && h <= height)) continue;
            var i = Drawn.Whole(height - h + 1);
            return (i, Drawn.Whole(width - w + 1), h, w);
        }
        var (least, most, own) = (Math.Min(ratio.Item1, ratio.Item2), Math.Max(ratio.Item1, ratio.Item2), (double)width / height);
        var (high, wide) = own < least ? (Drawn.Rounded(width / least), width) : own > most ? (height, Drawn.Rounded(height * most)) : (height, width);
        return ((height - high) >> 1, (width - wide) >> 1, high, wide);
    }

    Tensor Cut(Tensor img, bool? antialias)
    {
        var (i, j, h, w) = get_params(img, scale, ratio);
        return F.resized_crop(img, i, j, h, w, size, interpolation, antialias);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => Cut(img, antialias);
    private protected override Tensor OfPixels(Tensor pixels) => Cut(pixels, interpolation.Mode != InterpolationMode.Nearest);
}

/// <summary>A transform that happens with a probability.</summary>
public abstract class Occasional(double p) : ImageTransform
{
    /// <summary>How probable it is.</summary>
    public double p { get; } = p;
    private protected abstract Tensor Happen(Tensor img);
    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => Drawn.Below(p) ? Happen(img) : img;
}

/// <summary>An image mirrored left to right with a probability.</summary>
public sealed class RandomHorizontalFlip(double p = 0.5) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.hflip(img);
}

/// <summary>An image mirrored top to bottom with a probability.</summary>
public sealed class RandomVerticalFlip(double p = 0.5) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.vflip(img);
}

/// <summary>An image without colours with a probability, with as many channels as before.</summary>
public sealed class RandomGrayscale(double p = 0.1) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.rgb_to_grayscale(img, F.get_image_num_channels(img));
}

/// <summary>The negative of an image with a probability.</summary>
public sealed class RandomInvert(double p = 0.5) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.invert(img);
}

/// <summary>The highest bits of an image's bytes with a probability.</summary>
public sealed class RandomPosterize(long bits, double p = 0.5) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.posterize(img, bits);
}

/// <summary>An image with what is not below a threshold inverted, with a probability.</summary>
public sealed class RandomSolarize(double threshold, double p = 0.5) : Occasional(p)
{
    private protected override Tensor Happen(Tensor img) => F.solarize(img, threshold);
}

/// <summary>A random rectangle of an image overwritten with a probability.</summary>
public sealed class RandomErasing : Occasional
{
    readonly (double, double) scale, ratio;
    readonly ErasingValue value;
    readonly bool inplace;

    /// <summary>`scale` bounds the area as a part of the image's, `ratio` height by width. Raises ArgumentValueException for what is no part or probability.</summary>
    public RandomErasing(double p = 0.5, (double, double)? scale = null, (double, double)? ratio = null, ErasingValue value = default, bool inplace = false) : base(p)
    {
        (this.scale, this.ratio, this.value, this.inplace) = (scale ?? (0.02, 0.33), ratio ?? (0.3, 3.3), value, inplace);
        if (this.scale.Item1 < 0 || this.scale.Item2 > 1) throw new ArgumentValueException("Scale should be between 0 and 1");
        if (p is < 0 or > 1) throw new ArgumentValueException("Random erasing probability should be between 0 and 1");
    }

    private protected override Tensor Happen(Tensor img)
    {
        var (channels, height, width) = (img.size(-3), img.size(-2), img.size(-1));
        var levels = value.IsRandom ? null : value.Items;
        if (levels is not null && levels.Length != 1 && levels.Length != channels)
            throw new ArgumentValueException($"If value is a sequence, it should have either a single value or {channels} (number of input channels)");
        foreach (var (down, across) in Drawn.Rectangles(height * width, scale, ratio))
        {
            var (h, w) = (Drawn.Rounded(down), Drawn.Rounded(across));
            if (!(h < height && w < width)) continue;
            var v = levels is null ? empty([channels, h, w], ScalarType.Float32).normal_() : torch.tensor(levels, ScalarType.Float32).view(-1, 1, 1);
            var i = Drawn.Whole(height - h + 1);
            return F.erase(img, i, Drawn.Whole(width - w + 1), h, w, v, inplace);
        }
        return inplace ? img : img.clone();
    }
}

/// <summary>Brightness, contrast, saturation and hue changed at random, in random order.</summary>
public sealed class ColorJitter : ImageTransform
{
    readonly (double, double)?[] ranges;

    /// <summary>For each how far: a number both ways from 1 (from 0 for hue, at most 0.5), or from where to where. Raises ArgumentValueException outside.</summary>
    public ColorJitter(JitterRange brightness = default, JitterRange contrast = default, JitterRange saturation = default, JitterRange hue = default)
    {
        var positive = (0.0, double.PositiveInfinity);
        ranges =
        [
            brightness.Around(nameof(brightness), 1, positive, true),
            contrast.Around(nameof(contrast), 1, positive, true),
            saturation.Around(nameof(saturation), 1, positive, true),
            hue.Around(nameof(hue), 0, (-0.5, 0.5), false),
        ];
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor img)
    {
        var order = randperm(4).data<long>().ToArray();
        double?[] factors = [.. ranges.Select(r => r is var (from, to) ? Drawn.Between(from, to) : (double?)null)];
        return order.Aggregate(img, (x, which) => (which, factors[which]) switch
        {
            (_, null) => x,
            (0, { } factor) => F.adjust_brightness(x, factor),
            (1, { } factor) => F.adjust_contrast(x, factor),
            (2, { } factor) => F.adjust_saturation(x, factor),
            (_, { } factor) => F.adjust_hue(x, factor),
        });
    }
}

/// <summary>Transforms one after the other, with a probability.</summary>
public sealed class RandomApply(IEnumerable<ITransform> transforms, double p = 0.5) : Combined
{
    readonly ITransform[] transforms = [.. transforms];
    /// <inheritdoc/>
    public override object apply(object img) => p < rand(1).data<float>()[0] ? img : Through(transforms, img);
}

/// <summary>Transforms in a random order, drawn from torch's generator (in torchvision from Python's own).</summary>
public sealed class RandomOrder(IEnumerable<ITransform> transforms) : Combined
{
    readonly ITransform[] transforms = [.. transforms];
    /// <inheritdoc/>
    public override object apply(object img) => Through(randperm(transforms.Length).data<long>().Select(i => transforms[i]), img);
}

/// <summary>One of several transforms, drawn from torch's generator (in torchvision from Python's own), each with its weight if `p` gives them.</summary>
public sealed class RandomChoice : Combined
{
    readonly ITransform[] transforms;
    readonly double[] sums;

    /// <summary>Raises ArgumentValueException where there is nothing to choose from, or not as many weights.</summary>
    public RandomChoice(IEnumerable<ITransform> transforms, IEnumerable<double>? p = null)
    {
        this.transforms = [.. transforms];
        double[] weights = p is null ? [.. this.transforms.Select(_ => 1.0)] : [.. p];
        if (weights.Length != this.transforms.Length) throw new ArgumentValueException("The number of weights does not match the population");
        var sum = 0.0;
        sums = [.. weights.Select(w => sum += w)];
        if (!(sum > 0) || weights.Any(w => w < 0)) throw new ArgumentValueException("Total of weights must be greater than zero");
    }

    /// <inheritdoc/>
    public override object apply(object img)
    {
        var place = rand(1, ScalarType.Float64).data<double>()[0] * sums[^1];
        return transforms[Array.FindIndex(sums, sum => place < sum)].call(img);
    }
}

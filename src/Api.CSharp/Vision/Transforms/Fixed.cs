namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using F = Functional.Torch.torchvision.transforms.functional;

/// <summary>The middle of an image; zeros around it where it is smaller.</summary>
public sealed class CenterCrop : ImageTransform
{
    /// <summary>A square, or (height, width).</summary>
    public CenterCrop(Sizes size) => this.size = F.Pair(size, F.TwoSizes);
    /// <summary>Height and width of what is cut out.</summary>
    public (long Height, long Width) size { get; }
    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => F.center_crop(img, size);
}

/// <summary>An image in another size: (height, width), or one number for the smaller edge. Images are smoothed when they shrink, tensors if `antialias`.</summary>
public sealed class Resize : ImageTransform
{
    readonly Sizes size;
    readonly ImageInterpolation interpolation;
    readonly long? max_size;
    readonly bool? antialias;

    /// <summary>Raises ArgumentValueException for more than two sizes.</summary>
    public Resize(Sizes size, ImageInterpolation interpolation = default, long? max_size = null, bool? antialias = null)
    {
        if (size.OrEmpty.Length is not (1 or 2)) throw new ArgumentValueException("If size is a sequence, it should have 1 or 2 values");
        (this.size, this.interpolation, this.max_size, this.antialias) = (size, interpolation, max_size, antialias);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => F.resize(img, size, interpolation, max_size, antialias);
    private protected override Tensor OfPixels(Tensor pixels) => F.resize(pixels, size, interpolation, max_size, interpolation.Mode != InterpolationMode.Nearest);
}

/// <summary>A border around an image.</summary>
public sealed class Pad : ImageTransform
{
    readonly Sizes padding;
    readonly double fill;
    readonly string padding_mode;

    /// <summary>Raises ArgumentValueException for another number of paddings than 1, 2 or 4, and for another mode than constant, edge, reflect or symmetric.</summary>
    public Pad(Sizes padding, double fill = 0, string padding_mode = "constant")
    {
        F.CheckPadding(padding, padding_mode);
        (this.padding, this.fill, this.padding_mode) = (padding, fill, padding_mode);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => F.pad(img, padding, fill, padding_mode);
}

/// <summary>(x - mean) / std for each channel of a float image.</summary>
public sealed class Normalize(Levels mean, Levels std, bool inplace = false) : ImageTransform
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor tensor) => F.normalize(tensor, mean, std, inplace);
}

/// <summary>An image in another dtype, its values scaled.</summary>
public sealed class ConvertImageDtype(ScalarType dtype) : ImageTransform
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor image) => F.convert_image_dtype(image, dtype);
}

/// <summary>The brightness of an image, in one channel or three equal ones.</summary>
public sealed class Grayscale(long num_output_channels = 1) : ImageTransform
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor img) => F.rgb_to_grayscale(img, num_output_channels);
}

/// <summary>The four corners and the middle of an image.</summary>
public sealed class FiveCrop : ManyCrops
{
    /// <summary>Squares, or (height, width).</summary>
    public FiveCrop(Sizes size) => this.size = F.Pair(size, F.TwoSizes);
    /// <summary>Height and width of what is cut out.</summary>
    public (long Height, long Width) size { get; }
    /// <inheritdoc/>
    public override Tensor[] forward(Tensor img) => F.five_crop(img, size);
}

/// <summary>The four corners and the middle of an image, and those of the mirrored image.</summary>
public sealed class TenCrop : ManyCrops
{
    readonly bool vertical_flip;

    /// <summary>Squares, or (height, width); mirrored left to right, or top to bottom.</summary>
    public TenCrop(Sizes size, bool vertical_flip = false) => (this.size, this.vertical_flip) = (F.Pair(size, F.TwoSizes), vertical_flip);
    /// <summary>Height and width of what is cut out.</summary>
    public (long Height, long Width) size { get; }
    /// <inheritdoc/>
    public override Tensor[] forward(Tensor img) => F.ten_crop(img, size, vertical_flip);
}

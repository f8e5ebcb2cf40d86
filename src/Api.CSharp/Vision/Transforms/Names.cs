namespace Functional.Torch;

using Functional.Torch.Modules;
using static torch;

public static partial class torchvision
{
    public static partial class transforms
    {
        /// <summary>Transforms one after the other.</summary>
        public static Compose Compose(IEnumerable<ITransform> transforms) => new(transforms);
        /// <summary>Transforms one after the other.</summary>
        public static Compose Compose(params ITransform[] transforms) => new(transforms);
        /// <summary>The middle of an image: a square or (height, width).</summary>
        public static CenterCrop CenterCrop(Sizes size) => new(size);
        /// <summary>A part of an image at a random place: a square or (height, width), after padding if any.</summary>
        public static RandomCrop RandomCrop(Sizes size, Sizes padding = default, bool pad_if_needed = false, double fill = 0, string padding_mode = "constant") => new(size, padding, pad_if_needed, fill, padding_mode);
        /// <summary>An image mirrored left to right with a probability.</summary>
        public static RandomHorizontalFlip RandomHorizontalFlip(double p = 0.5) => new(p);
        /// <summary>An image mirrored top to bottom with a probability.</summary>
        public static RandomVerticalFlip RandomVerticalFlip(double p = 0.5) => new(p);
        /// <summary>A part of an image of random area and proportions (width by height), resized to a square or (height, width).</summary>
        public static RandomResizedCrop RandomResizedCrop(Sizes size, (double, double)? scale = null, (double, double)? ratio = null, ImageInterpolation interpolation = default, bool? antialias = null) => new(size, scale, ratio, interpolation, antialias);
        /// <summary>The name that RandomResizedCrop had before.</summary>
        public static RandomResizedCrop RandomSizedCrop(Sizes size, (double, double)? scale = null, (double, double)? ratio = null, ImageInterpolation interpolation = default, bool? antialias = null) => new(size, scale, ratio, interpolation, antialias);
        /// <summary>An image in another size: (height, width), or one number for the smaller edge.</summary>
        public static Resize Resize(Sizes size, ImageInterpolation interpolation = default, long? max_size = null, bool? antialias = null) => new(size, interpolation, max_size, antialias);
        /// <summary>The name that Resize had before.</summary>
        public static Resize Scale(Sizes size, ImageInterpolation interpolation = default, long? max_size = null, bool? antialias = null) => new(size, interpolation, max_size, antialias);
        /// <summary>A border: one number, (left and right, top and bottom) or (left, top, right, bottom).</summary>
        public static Pad Pad(Sizes padding, double fill = 0, string padding_mode = "constant") => new(padding, fill, padding_mode);
        /// <summary>(x - mean) / std for each channel of a float image.</summary>
        public static Normalize Normalize(Levels mean, Levels std, bool inplace = false) => new(mean, std, inplace);
        /// <summary>An Image or an array [H, W, C] as a tensor [C, H, W]; bytes become floats from 0 to 1.</summary>
        public static ToTensor ToTensor() => new();
        /// <summary>An Image as a tensor uint8 [C, H, W].</summary>
        public static PILToTensor PILToTensor() => new();
        /// <summary>A tensor [C, H, W] or an array [H, W, C] as an Image; floats are multiplied by 255.</summary>
        public static ToPILImage ToPILImage(string? mode = null) => new(mode);
        /// <summary>A function of tensors as a transform.</summary>
        public static Lambda Lambda(Func<Tensor, Tensor> lambd) => Lambda<Tensor, Tensor>(lambd);
        /// <summary>A function as a transform. Raises ArgumentValueException when it is given something else than it takes.</summary>
        public static Lambda Lambda<TInput, TResult>(Func<TInput, TResult> lambd) where TResult : notnull =>
            new(img => img is TInput input ? lambd(input) : throw new ArgumentValueException($"Argument lambd takes {typeof(TInput).Name}, but the image is a {img.GetType().Name}"));
        /// <summary>The four corners and the middle: squares or (height, width).</summary>
        public static FiveCrop FiveCrop(Sizes size) => new(size);
        /// <summary>The four corners and the middle, and those of the mirrored image.</summary>
        public static TenCrop TenCrop(Sizes size, bool vertical_flip = false) => new(size, vertical_flip);
        /// <summary>The brightness of an image, in one channel or three equal ones.</summary>
        public static Grayscale Grayscale(long num_output_channels = 1) => new(num_output_channels);
        /// <summary>An image without colours with a probability.</summary>
        public static RandomGrayscale RandomGrayscale(double p = 0.1) => new(p);
        /// <summary>The negative of an image with a probability.</summary>
        public static RandomInvert RandomInvert(double p = 0.5) => new(p);
        /// <summary>The highest bits of an image's bytes with a probability.</summary>
        public static RandomPosterize RandomPosterize(long bits, double p = 0.5) => new(bits, p);
        /// <summary>An image with what is not below a threshold inverted, with a probability.</summary>
        public static RandomSolarize RandomSolarize(double threshold, double p = 0.5) => new(threshold, p);
        /// <summary>Brightness, contrast, saturation and hue changed at random.</summary>
        public static ColorJitter ColorJitter(JitterRange brightness = default, JitterRange contrast = default, JitterRange saturation = default, JitterRange hue = default) => new(brightness, contrast, saturation, hue);
        /// <summary>A random rectangle overwritten with a probability.</summary>
        public static RandomErasing RandomErasing(double p = 0.5, (double, double)? scale = null, (double, double)? ratio = null, ErasingValue value = default, bool inplace = false) => new(p, scale, ratio, value, inplace);
        /// <summary>Transforms one after the other, with a probability.</summary>
        public static RandomApply RandomApply(IEnumerable<ITransform> transforms, double p = 0.5) => new(transforms, p);
        /// <summary>One of several transforms.</summary>
        public static RandomChoice RandomChoice(IEnumerable<ITransform> transforms, IEnumerable<double>? p = null) => new(transforms, p);
        /// <summary>Transforms in a random order.</summary>
        public static RandomOrder RandomOrder(IEnumerable<ITransform> transforms) => new(transforms);
        /// <summary>An image in another dtype, its values scaled.</summary>
        public static ConvertImageDtype ConvertImageDtype(ScalarType dtype) => new(dtype);
    }
}

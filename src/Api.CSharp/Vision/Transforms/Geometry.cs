namespace Functional.Torch;

using static torch;

public static partial class torchvision
{
    /// <summary>Transforms of images, to be chained.</summary>
    public static partial class transforms
    {
        /// <summary>Transforms of images as functions: of tensors [..., C, H, W].</summary>
        public static partial class functional
        {
            static readonly string[] paddingModes = ["constant", "edge", "reflect", "symmetric"];

            internal static void CheckImage(Tensor img)
            {
                if (img.dim() < 2) throw new ShapeException($"Tensor is not a torch image. It has {img.dim()} dimensions and needs two or more");
            }

            /// <summary>Channels, height and width of an image.</summary>
            public static long[] get_dimensions(Tensor img)
            {
                CheckImage(img);
                return [img.dim() == 2 ? 1 : img.size(-3), img.size(-2), img.size(-1)];
            }

            /// <summary>Width and height of an image, in this order.</summary>
            public static long[] get_image_size(Tensor img)
            {
                CheckImage(img);
                return [img.size(-1), img.size(-2)];
            }

            /// <summary>The number of channels of an image.</summary>
            public static long get_image_num_channels(Tensor img) => get_dimensions(img)[0];

            /// <summary>The image mirrored left to right.</summary>
            public static Tensor hflip(Tensor img)
            {
                CheckImage(img);
                return flip(img, -1);
            }

            /// <summary>The image mirrored top to bottom.</summary>
            public static Tensor vflip(Tensor img)
            {
                CheckImage(img);
                return flip(img, -2);
            }

            static Tensor Cut(Tensor img, long top, long bottom, long left, long right) =>
                img[TensorIndex.Ellipsis, TensorIndex.Slice(top, bottom), TensorIndex.Slice(left, right)];

            /// <summary>The part of an image that begins at (top, left); zeros where it reaches over the edges.</summary>
            public static Tensor crop(Tensor img, long top, long left, long height, long width)
            {
                var size = get_dimensions(img);
                var (h, w, bottom, right) = (size[1], size[2], top + height, left + width);
                if (top >= 0 && left >= 0 && bottom <= h && right <= w) return Cut(img, top, bottom, left, right);
                long[] around =
                [
                    Math.Max(Math.Min(0, right) - left, 0),
                    Math.Max(Math.Min(0, bottom) - top, 0),
                    Math.Max(right - Math.Max(w, left), 0),
                    Math.Max(bottom - Math.Max(h, top), 0),
                ];
                return pad(Cut(img, Math.Max(top, 0), bottom, Math.Max(left, 0), right), around);
            }

            /// <summary>A size for both directions or (height, width).</summary>
            internal static (long Height, long Width) Pair(Sizes size, string message) => size.OrEmpty switch
            {
                [var side] => (side, side),
                [var height, var width] => (height, width),
                _ => throw new ArgumentValueException(message),
            };

            internal const string TwoSizes = "Please provide only two dimensions (h, w) for size.";

            /// <summary>The middle of an image; zeros around it where it is smaller.</summary>
            public static Tensor center_crop(Tensor img, Sizes output_size)
            {
                var (height, width) = Pair(output_size, TwoSizes);
                var size = get_dimensions(img);
                var (h, w) = (size[1], size[2]);
                if (width > w || height > h)
                {
                    var (more, further) = (Math.Max(width - w, 0), Math.Max(height - h, 0));
                    img = pad(img, new[] { more / 2, further / 2, (more + 1) / 2, (further + 1) / 2 });
                    (h, w) = (img.size(-2), img.size(-1));
                    if (width == w && height == h) return img;
                }
                // Halves go to the even number, as Python rounds.
                return crop(img, (long)Math.Round((h - height) / 2.0), (long)Math.Round((w - width) / 2.0), height, width);
            }

            /// <summary>A part of an image, resized.</summary>
            public static Tensor resized_crop(Tensor img, long top, long left, long height, long width, Sizes size, ImageInterpolation interpolation = default, bool? antialias = null) =>
                resize(crop(img, top, left, height, width), size, interpolation, antialias: antialias);

            /// <summary>The four corners and the middle: top left, top right, bottom left, bottom right, centre.</summary>
            public static Tensor[] five_crop(Tensor img, Sizes size)
            {
                var (height, width) = Pair(size, TwoSizes);
                var dimensions = get_dimensions(img);
                var (h, w) = (dimensions[1], dimensions[2]);
                if (width > w || height > h) throw new ArgumentValueException($"Requested crop size ({height}, {width}) is bigger than input size ({h}, {w})");
                return
                [
                    crop(img, 0, 0, height, width),
                    crop(img, 0, w - width, height, width),
                    crop(img, h - height, 0, height, width),
                    crop(img, h - height, w - width, height, width),
                    center_crop(img, (height, width)),
                ];
            }

            /// <summary>The four corners and the middle, and those of the mirrored image: left to right, or top to bottom if `vertical_flip`.</summary>
            public static Tensor[] ten_crop(Tensor img, Sizes size, bool vertical_flip = false) =>
                [.. five_crop(img, size), .. five_crop(vertical_flip ? vflip(img) : hflip(img), size)];

            /// <summary>Works on a batch [N, C, H, W] of floats, whatever the image is: gives back its dimensions and dtype, rounded where those are integers.</summary>
            static Tensor Batched(Tensor img, Func<Tensor, Tensor> run)
            {
                CheckImage(img);
                var (kept, dtype) = (img.shape, img.dtype);
                var channels = get_dimensions(img)[0];
                var batch = img.dim() == 4 ? img : img.reshape(kept[..Math.Max(0, kept.Length - 3)].Aggregate(1L, (n, size) => n * size), channels, kept[^2], kept[^1]);
                var isFloat = dtype is ScalarType.Float32 or ScalarType.Float64;
                var result = run(isFloat ? batch : batch.to(ScalarType.Float32));
                if (!isFloat) result = (dtype is ScalarType.Float16 or ScalarType.BFloat16 ? result : round(result)).to(dtype);
                return result.reshape([.. kept[..^2], result.size(-2), result.size(-1)]);
            }

            /// <summary>Height and width of a resized image: both, or the smaller edge, whose larger one may be bounded.</summary>
            static (long Height, long Width) Resized(long h, long w, Sizes size, long? max_size)
            {
                var sizes = size.OrEmpty;
                if (sizes.Length is not (1 or 2)) throw new ArgumentValueException($"Size must be an int or a 1 or 2 element tuple/list, not a {sizes.Length} element tuple/list");
                if (sizes.Length == 2)
                    return max_size is null ? (sizes[0], sizes[1])
                        : throw new ArgumentValueException("max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int or a sequence of length 1 in torchscript mode.");
                var (near, far) = (sizes[0], (long)((double)(sizes[0] * Math.Max(h, w)) / Math.Min(h, w)));
                if (max_size is { } most)
                {
                    if (most <= near) throw new ArgumentValueException($"max_size = {most} must be strictly greater than the requested size for the smaller edge size = {near}");
                    if (far > most) (near, far) = ((long)((double)(most * near) / far), most);
                }
                return w <= h ? (far, near) : (near, far);
            }

            /// <summary>
            /// The image in another size: (height, width), or one number for its smaller edge, with `max_size` as bound of the other one.
            /// Integers are rounded. Raises ArgumentValueException for `antialias` of other modes than bilinear and bicubic.
            /// </summary>
            public static Tensor resize(Tensor img, Sizes size, ImageInterpolation interpolation = default, long? max_size = null, bool? antialias = null)
            {
                var dimensions = get_dimensions(img);
                var (height, width) = Resized(dimensions[1], dimensions[2], size, max_size);
                var (mode, isByte) = (interpolation.Mode, img.dtype == ScalarType.Byte);
                if (antialias == true && mode == InterpolationMode.Nearest)
                    throw new ArgumentValueException("Antialias option is supported for bilinear and bicubic interpolation modes only");
                return Batched(img, batch =>
                {
                    var result = nn.functional.interpolate(batch, new[] { height, width }, mode: mode, align_corners: mode == InterpolationMode.Nearest ? null : false, antialias: antialias ?? false);
                    return isByte && mode == InterpolationMode.Bicubic ? clamp(result, 0, 255) : result;
                });
            }

            internal static void CheckPadding(Sizes padding, string padding_mode)
            {
                if (padding.OrEmpty.Length is not (1 or 2 or 4)) throw new ArgumentValueException($"Padding must be an int or a 1, 2, or 4 element tuple, not a {padding.OrEmpty.Length} element tuple");
                if (!paddingModes.Contains(padding_mode)) throw new ArgumentValueException("Padding mode should be either constant, edge, reflect or symmetric");
            }

            /// <summary>
            /// A border around an image: one number, (left and right, top and bottom) or (left, top, right, bottom), filled with a number
            /// ("constant"), with the edge ("edge"), or with the image mirrored without ("reflect") or with ("symmetric") its edge.
            /// </summary>
            public static Tensor pad(Tensor img, Sizes padding, double fill = 0, string padding_mode = "constant")
            {
                CheckImage(img);
                CheckPadding(padding, padding_mode);
                var (left, top, right, bottom) = padding.OrEmpty switch
                {
                    [var all] => (all, all, all, all),
                    [var x, var y] => (x, y, x, y),
                    var sides => (sides[0], sides[1], sides[2], sides[3]),
                };
                return padding_mode switch
                {
                    "constant" => nn.functional.pad(img, [left, right, top, bottom], Modules.PaddingModes.Constant, fill),
                    "symmetric" => Mirrored(Mirrored(img, -1, left, right), -2, top, bottom),
                    var mode => Batched(img, batch => nn.functional.pad(batch, [left, right, top, bottom], mode == "edge" ? Modules.PaddingModes.Replicate : Modules.PaddingModes.Reflect)),
                };
            }

            /// <summary>One dimension with its ends mirrored outwards, the edge included; negative numbers cut.</summary>
            static Tensor Mirrored(Tensor img, long dim, long before, long after)
            {
                var size = img.size(dim);
                var first = Math.Max(0, -before);
                var count = Math.Max(0, size - first - Math.Max(0, -after));
                if (Math.Max(before, after) > count) throw new IndexException($"index {Math.Max(before, after) - 1} is out of bounds for dimension {dim} with size {count}: symmetric padding is at most the image");
                var places = Enumerable.Range(0, (int)Math.Max(0, before)).Select(i => first + before - 1 - i)
                    .Concat(Enumerable.Range(0, (int)count).Select(i => first + i))
                    .Concat(Enumerable.Range(0, (int)Math.Max(0, after)).Select(i => first + count - 1 - i));
                return index_select(img, dim, tensor(places.ToArray(), device: img.device));
            }

            /// <summary>An image in which the rectangle of height h and width w at (i, j) is overwritten by `v`, the image itself if `inplace`.</summary>
            public static Tensor erase(Tensor img, long i, long j, long h, long w, Tensor v, bool inplace = false)
            {
                CheckImage(img);
                var target = inplace ? img : img.clone();
                return target.index_put_(v.to(img.device, img.dtype), TensorIndex.Ellipsis, TensorIndex.Slice(i, i + h), TensorIndex.Slice(j, j + w));
            }
        }
    }
}

namespace Functional.Torch;

using static torch;

public static partial class torchvision
{
    /// <summary>Images side by side, and files of them.</summary>
    public static partial class utils
    {
        static Tensor Scaled(Tensor img, (double Low, double High)? range)
        {
            var (low, high) = range ?? (min(img).ToDouble(), max(img).ToDouble());
            return (clamp(img, low, high) - low) / Math.Max(high - low, 1e-5);
        }

        /// <summary>
        /// One image [C, H, W] out of a batch [N, C, H, W], `nrow` images in a row, with `padding` pixels of `pad_value` around each; a single image
        /// stays as it is. Grey images get three channels. `normalize` shifts values to [0, 1], from `value_range` (once called `range`) or the smallest
        /// and the largest, of each image if `scale_each`.
        /// </summary>
        public static Tensor make_grid(Tensor tensor, long nrow = 8, long padding = 2, bool normalize = false, (double, double)? value_range = null, bool scale_each = false, double pad_value = 0, (double, double)? range = null)
        {
            using var _ = no_grad();
            if (tensor.dim() is < 2 or > 4) throw new ShapeException($"tensor or list of tensors expected: images of 2, 3 or 4 dimensions, got {tensor.dim()}");
            if (nrow < 1) throw new ArgumentValueException($"nrow must be positive, got {nrow}");
            if (padding < 0) throw new ArgumentValueException($"padding must not be negative, got {padding}");
            while (tensor.dim() < 4) tensor = tensor.unsqueeze(0);
            if (tensor.size(1) == 1) tensor = cat([tensor, tensor, tensor], 1);
            if (normalize)
            {
                var given = value_range ?? range;
                tensor = scale_each ? stack(unbind(tensor).Select(t => Scaled(t, given))) : Scaled(tensor, given);
            }
            if (tensor.size(0) == 1) return tensor.squeeze(0);

            var (count, channels) = (tensor.size(0), tensor.size(1));
            var columns = Math.Min(nrow, count);
            var rows = (count + columns - 1) / Math.Max(columns, 1);
            var (height, width) = (tensor.size(2) + padding, tensor.size(3) + padding);
            var grid = tensor.new_full([channels, height * rows + padding, width * columns + padding], pad_value);
            for (var k = 0L; k < count; k++)
                grid.narrow(1, k / columns * height + padding, height - padding).narrow(2, k % columns * width + padding, width - padding).copy_(tensor[k]);
            return grid;
        }

        /// <summary>One image out of several of one size.</summary>
        /// <inheritdoc cref="make_grid(Tensor, long, long, bool, ValueTuple{double, double}?, bool, double, ValueTuple{double, double}?)"/>
        public static Tensor make_grid(IEnumerable<Tensor> tensor, long nrow = 8, long padding = 2, bool normalize = false, (double, double)? value_range = null, bool scale_each = false, double pad_value = 0, (double, double)? range = null) =>
            make_grid(stack(tensor), nrow, padding, normalize, value_range, scale_each, pad_value, range);

        static Image Painted(Tensor grid)
        {
            using var _ = no_grad();
            return transforms.functional.to_pil_image(clamp(grid * 255.0 + 0.5, 0, 255).to(ScalarType.Byte));
        }

        /// <summary>Writes an image [C, H, W] of values from 0 to 1, or a batch as a grid, to a file: png, jpeg, bmp or tga, by `format` or the name's ending.</summary>
        public static void save_image(Tensor tensor, string fp, string? format = null, long nrow = 8, long padding = 2, bool normalize = false, (double, double)? value_range = null, bool scale_each = false, double pad_value = 0, (double, double)? range = null) =>
            Painted(make_grid(tensor, nrow, padding, normalize, value_range, scale_each, pad_value, range)).save(fp, format);

        /// <summary>Writes several images of one size as a grid to a file.</summary>
        public static void save_image(IEnumerable<Tensor> tensor, string fp, string? format = null, long nrow = 8, long padding = 2, bool normalize = false, (double, double)? value_range = null, bool scale_each = false, double pad_value = 0, (double, double)? range = null) =>
            save_image(stack(tensor), fp, format, nrow, padding, normalize, value_range, scale_each, pad_value, range);

        /// <summary>Writes an image, or a batch as a grid, to a stream in a format.</summary>
        public static void save_image(Tensor tensor, Stream fp, string format, long nrow = 8, long padding = 2, bool normalize = false, (double, double)? value_range = null, bool scale_each = false, double pad_value = 0, (double, double)? range = null) =>
            Painted(make_grid(tensor, nrow, padding, normalize, value_range, scale_each, pad_value, range)).save(fp, format);
    }
}

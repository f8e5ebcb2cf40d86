namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;
using static Functional.Torch.torchvision;
using F = Functional.Torch.torchvision.transforms.functional;
using Image = Functional.Torch.torchvision.Image;
using T = Functional.Torch.torchvision.transforms;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Transforms of images (H592 to H604). Sums are those of torchvision 0.14; random transforms begin from seed 7 in both.</summary>
public static class VisionTransformTests
{
    static readonly Tensor bytes = (arange(3 * 9 * 12) * 7 % 256).reshape(3, 9, 12).to(uint8);
    static readonly Tensor floats = bytes.to(float32) / 255;

    static void Sums(Tensor found, long count, double sum, double weighted, double tolerance = 2e-6)
    {
        var flat = found.to(float64).flatten();
        Check.Equal(count, flat.numel());
        Check.Close(sum, torch.sum(flat).ToDouble(), tolerance);
        Check.Close(weighted, torch.sum(flat * (arange(1, count + 1) % 17)).ToDouble(), tolerance);
    }

    static void Seeded(ITransform transform, Tensor img, params (double Sum, double Weighted)[] expected)
    {
        manual_seed(7);
        foreach (var (sum, weighted) in expected)
        {
            var found = (Tensor)transform.call(img);
            Sums(found, found.numel(), sum, weighted);
        }
    }

    /// <summary>H594, H595, H597, H598</summary>
    public static void Crops_at_random()
    {
        Seeded(T.RandomCrop((4, 5), padding: 2, padding_mode: "reflect"), floats, (24.4392161, 193.447062), (26.2588241, 197.188239), (26.4313731, 208.83922));
        Seeded(T.RandomCrop(14, pad_if_needed: true, fill: 0.5), floats, (291.411768, 2330.11767), (291.411768, 2318.40199), (291.411768, 2309.75885));
        Seeded(T.RandomResizedCrop((6, 7)), floats, (57.6705895, 456.831382), (58.8442592, 445.32494), (59.1529423, 452.094126));
        Seeded(T.RandomSizedCrop((6, 7), interpolation: 2), floats, (57.6705895, 456.831382));
        Seeded(T.RandomResizedCrop(5, scale: (0.5, 1), ratio: (0.5, 2), interpolation: InterpolationMode.Bicubic, antialias: true), bytes, (9887, 79393), (8984, 69101), (9217, 73884));
        Check.Throws<ArgumentValueException>(() => T.RandomCrop(14).call(floats), "Required crop size (14, 14) is larger than input image size (9, 12)");
    }

    /// <summary>H596</summary>
    public static void Flips_at_random()
    {
        Seeded(T.RandomHorizontalFlip(), floats, (159.411768, 1281.80787), (159.411768, 1248.0314), (159.411768, 1281.80787));
        Seeded(T.RandomVerticalFlip(0.3), floats, (159.411768, 1281.80787), (159.411768, 1246.95297), (159.411768, 1281.80787));
        Seeded(T.RandomApply([T.RandomVerticalFlip(1.0)], 0.4), floats, (159.411768, 1281.80787), (159.411768, 1246.95297), (159.411768, 1281.80787));
    }

    public static void Colours_at_random()
    {
        Seeded(T.RandomGrayscale(0.5), floats, (159.411768, 1281.80787), (159.430636, 1266.73942), (159.411768, 1281.80787));
        Seeded(T.ColorJitter(0.4, 0.3, 0.2, 0.1), floats, (173.648218, 1400.49011), (191.977201, 1555.08828), (109.102208, 869.690634));
        Seeded(T.ColorJitter((0.5, 1.5), 0.3, 0.2, (-0.2, 0.1)), bytes, (45253, 367002), (50626, 412126), (23719, 189297));
        Check.Throws<ArgumentValueException>(() => T.ColorJitter(hue: (-0.7, 0.7)), "hue values should be between");
    }

    public static void Erases_at_random()
    {
        Seeded(T.RandomErasing(0.8), floats, (146.282356, 1195.02355), (142.094121, 1163.2863), (159.411768, 1281.80787));
        Seeded(T.RandomErasing(1.0, value: "random"), floats, (149.617007, 1222.77029), (133.657481, 1133.89788), (86.0891349, 731.083868));
        Seeded(T.RandomErasing(1.0, value: new[] { 0.1, 0.2, 0.3 }), floats, (151.082356, 1227.42355), (149.294121, 1219.5863), (144.901964, 1182.47454));
        Check.Throws<ArgumentValueException>(() => T.RandomErasing(value: "noise"), "If value is str, it should be 'random'");
    }

    /// <summary>Python's own generator chooses in torchvision, so only what can come is checked.</summary>
    public static void Choices()
    {
        ITransform Plus(double x) => T.Lambda(t => t + x);
        var seen = Enumerable.Range(0, 40).Select(_ => T.RandomChoice([Plus(1), Plus(2), Plus(4)], [1, 1, 0]).call(zeros(1)).ToDouble()).ToHashSet();
        Check.SequenceEqual([1.0, 2.0], seen.Order());
        var orders = Enumerable.Range(0, 40).Select(_ => T.RandomOrder([Plus(1), T.Lambda(t => t * 3)]).call(ones(1)).ToDouble()).ToHashSet();
        Check.SequenceEqual([4.0, 6.0], orders.Order());
    }

    public static void Colours()
    {
        Sums(F.adjust_hue(floats, 0.3), 324, 157.096476, 1230.41651);
        Sums(F.adjust_hue(bytes, -0.2), 324, 41144, 333773);
        Sums(F.adjust_saturation(bytes, 1.7), 324, 40203, 323474);
        Sums(F.adjust_contrast(bytes, 0.6), 324, 40461, 324335);
        Sums(F.adjust_brightness(bytes, 1.4), 324, 52394, 422725);
        Sums(F.adjust_gamma(bytes, 0.7, 1.1), 324, 52331, 421418);
        Sums(F.invert(bytes), 324, 41970, 332314);
        Sums(F.posterize(bytes, 3), 324, 35648, 287200);
        Sums(F.solarize(bytes, 100), 324, 21803, 173512);
        Sums(F.rgb_to_grayscale(bytes), 108, 13526, 98529);
        Sums(F.rgb_to_grayscale(floats, 3), 324, 159.430636, 1266.73942);
        Check.Throws<ArgumentValueException>(() => F.adjust_hue(floats, 0.6), "hue_factor (0.6) is not in [-0.5, 0.5].");
        Check.Throws<ShapeException>(() => F.invert(zeros(2, 4, 4)), "Input image tensor permitted channel values are");
    }

    /// <summary>H599, H600</summary>
    public static void Paddings()
    {
        Sums(F.pad(bytes, (1, 2, 3, 4), 9), 720, 44214, 314769);
        Sums(T.Pad((1, 2, 3, 4), padding_mode: "edge").call(bytes), 720, 100113, 780802);
        Sums(F.pad(bytes, (1, 2, 3, 4), padding_mode: "reflect"), 720, 93866, 749207);
        Sums(F.pad(bytes, (1, 2, 3, 4), padding_mode: "symmetric"), 720, 92576, 728882);
        Sums(F.pad(bytes, (-2, 1, 3, -1), padding_mode: "symmetric"), 351, 38399, 318161);
        Check.Throws<ArgumentValueException>(() => T.Pad((1, 2, 3)), "Padding must be an int or a 1, 2, or 4 element tuple, not a 3 element tuple");
        Check.Throws<ArgumentValueException>(() => T.Pad(1, padding_mode: "wrap"), "Padding mode should be either constant, edge, reflect or symmetric");
    }

    /// <summary>H593, and resizing.</summary>
    public static void Sizes()
    {
        // To 5 rows many pixels come out halfway between two bytes, where PyTorch's float32 roundings decide; to 8 none does.
        Sums(F.resize(bytes, 8), 240, 30120, 240829);
        Sums(T.Resize(8, max_size: 10).call(bytes), 240, 30120, 240829);
        Sums(F.resize(bytes, (4, 20), 0), 240, 27848, 227791);
        Sums(F.resize(bytes, (4, 20), InterpolationMode.Bicubic), 240, 29736, 241849);
        Sums(F.resize(floats, (4, 5), antialias: true), 60, 29.3593359, 221.952332);
        Sums(F.crop(bytes, -2, 5, 8, 10), 240, 15876, 126940);
        Sums(T.CenterCrop((20, 5)).call(bytes), 300, 15106, 126642);
        Sums(T.CenterCrop((4, 5)).call(bytes), 60, 7920, 50387);
        Sums(stack(T.TenCrop((3, 4), vertical_flip: true).call(bytes)), 360, 46020, 382774);
        Check.SequenceEqual([12L, 9], F.get_image_size(bytes));
        Check.Throws<ArgumentValueException>(() => F.five_crop(bytes, 10), "Requested crop size (10, 10) is bigger than input size (9, 12)");
        Check.Throws<ArgumentValueException>(() => F.resize(bytes, 5, 0, antialias: true), "Antialias option is supported for");
    }

    public static void Dtypes()
    {
        Sums(F.convert_image_dtype(bytes, int16), 324, 5203200, 41838208);
        Sums(F.convert_image_dtype(bytes, float64), 324, 159.411765, 1281.80784);
        Sums(T.ConvertImageDtype(uint8).call(floats), 324, 40650, 326861);
        Sums(F.convert_image_dtype(bytes.to(int32) * 1000000, uint8), 324, 4690, 37713);
        Check.Throws<DtypeException>(() => F.convert_image_dtype(floats, int32), "cannot be performed safely.");
    }

    /// <summary>H592, H601, H602, H603, H604: a usual chain from an Image, and back.</summary>
    public static void Chains()
    {
        var image = F.to_pil_image(bytes);
        Check.Equal("RGB", image.Mode);
        Check.True(equal(bytes, F.pil_to_tensor(image)));
        var chain = T.Compose(T.CenterCrop(6), T.ToTensor(), T.Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.5)), T.Lambda(x => x * 2));
        var expected = (F.center_crop(floats, 6) - tensor(new[] { 0.5f, 0.4f, 0.3f }).view(3, 1, 1)) / tensor(new[] { 0.2f, 0.3f, 0.5f }).view(3, 1, 1) * 2;
        Check.True(allclose(expected, chain.call(image)));
        Check.True(equal(floats, T.ToTensor().call(bytes.permute(1, 2, 0).numpy())));
        Check.True(equal(bytes, F.pil_to_tensor(T.ToPILImage().call(floats))));
        Check.True(equal(flip(bytes, -1), F.pil_to_tensor(T.RandomHorizontalFlip(1).call(image))));
        // Images are smoothed as PIL does, whatever antialias says.
        Check.True(equal(F.resize(bytes, 5, antialias: true), F.pil_to_tensor(T.Resize(5).call(image))));
        Check.Equal(5, ((Tensor[])((ITransform)T.FiveCrop(3)).call(bytes)).Length);
        var crops = T.Compose(T.FiveCrop(3), T.Lambda<Tensor[], Tensor>(all => stack(all)));
        Check.SequenceEqual([5L, 3, 3, 3], crops.call(bytes).shape);
        Check.Throws<ArgumentValueException>(() => T.Compose(T.ToPILImage()).call(bytes), "the transforms gave no tensor");
        Check.Throws<ArgumentValueException>(() => F.normalize(floats, 0.5, 0), "std evaluated to zero after conversion to torch.float32, leading to division by zero.");
        Check.Throws<DtypeException>(() => F.normalize(bytes, 0.5, 1), "Input tensor should be a float tensor. Got torch.uint8.");
        Check.Equal("L", T.ToPILImage().call(floats[0]).Mode);
        Check.Throws<ArgumentValueException>(() => T.ToPILImage("RGB").call(floats[0]), "Incorrect mode (RGB)");
    }

    public static void In_place()
    {
        var x = floats.clone();
        Check.True(ReferenceEquals(x, F.normalize(x, 0.5, 0.5, inplace: true)));
        Check.True(allclose((floats - 0.5) / 0.5, x));
        var y = floats.clone();
        Check.True(ReferenceEquals(y, F.erase(y, 1, 2, 3, 4, zeros(1), inplace: true)));
        Check.Equal(0.0, torch.sum(y[TensorIndex.Ellipsis, 1..4, 2..6]).ToDouble());
        Check.True(equal(y, F.erase(floats, 1, 2, 3, 4, zeros(1))));
    }

    /// <summary>H605, H606, H607, H608, H609, H610, H611</summary>
    public static void Grids()
    {
        Sums(torchvision.utils.make_grid([floats, floats * 0.5, floats * 0.2], nrow: 2, padding: 1, normalize: true, value_range: (0.1, 0.7), pad_value: 0.3), 1701, 507.951631, 4038.3209);
        var old = torchvision.utils.make_grid([floats, floats * 0.5], normalize: true, range: (0, 1), scale_each: true);
        Check.True(equal(torchvision.utils.make_grid([floats, floats * 0.5], normalize: true, value_range: (0, 1)), old));
        TemporaryFolder.Use(folder =>
        {
            var file = Path.Combine(folder, "grid.png");
            torchvision.utils.save_image(stack([floats, floats * 0.5]), file, nrow: 1, padding: 1);
            var read = F.pil_to_tensor(Image.open(file));
            Check.SequenceEqual([3L, 21, 14], read.shape);
            Check.True(equal(bytes, read[TensorIndex.Colon, 1..10, 1..13]));
            torchvision.utils.save_image(floats, file, format: "bmp");
            Check.True(equal(bytes, F.pil_to_tensor(Image.open(file))));
            Check.Throws<ArgumentValueException>(() => torchvision.utils.save_image(floats, Path.Combine(folder, "x.tiff")), "unknown file extension: .tiff");
        });
    }

    public static void Boxes()
    {
        var b = tensor(new float[,] { { 0, 0, 10, 10 }, { 1, 1, 11, 11 }, { 20, 20, 30, 40 }, { 21, 22, 29, 38 }, { 50, 50, 51, 52 } });
        var s = tensor(new[] { .5f, .9f, .3f, .8f, .1f });
        Check.SequenceEqual([1L, 3, 4], ops.nms(b, s, 0.5).data<long>());
        Check.SequenceEqual([1L, 3, 0, 4], ops.batched_nms(b, s, tensor(new long[] { 0, 1, 0, 0, 0 }), 0.5).data<long>());
        Check.SequenceEqual([0L, 1, 2, 3], ops.remove_small_boxes(b, 5).data<long>());
        Sums(ops.generalized_box_iou(b, b), 25, -5.65419161, -50.496379);
        Sums(ops.box_iou(b, b), 25, 7.64134455, 46.0453781);
        Sums(ops.box_area(b), 5, 530, 1422);
        Sums(ops.box_convert(b, "xyxy", "cxcywh"), 20, 330.5, 2356);
        Sums(ops.box_convert(b, "cxcywh", "xywh"), 20, 326, 2477);
        Sums(ops.clip_boxes_to_image(b, (25, 35)), 20, 356, 2842);
        var masks = zeros(2, 5, 6);
        masks.index_put_(1, 0, 1..3, 2..5);
        masks.index_put_(2, 1, 4, 0);
        Check.SequenceEqual([2f, 1, 4, 2, 0, 4, 0, 4], ops.masks_to_boxes(masks).data<float>());
        var (x, y) = (linspace(-3, 3, 7), tensor(new[] { 0f, 1, 0, 1, 1, 0, 1 }));
        Sums(ops.sigmoid_focal_loss(x, y), 7, 1.71616721, 8.50325395);
        Check.Close(0.42937273, ops.sigmoid_focal_loss(x, y, -1, 3, "mean").ToDouble());
        Check.Throws<ShapeException>(() => ops.nms(b, s[..2], 0.5), "boxes and scores should have same number of elements in dimension 0, got 5 and 2");
    }
}

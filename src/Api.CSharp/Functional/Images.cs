using Functional.Torch.Modules;
using Microsoft.FSharp.Collections;

namespace Functional.Torch;

/// <summary>What a resampled element is made of.</summary>
public enum InterpolationMode
{
    /// <summary>The element at or before its place.</summary>
    Nearest,
    /// <summary>Its two neighbours along 1 dimension.</summary>
    Linear,
    /// <summary>Its neighbours in an image.</summary>
    Bilinear,
    /// <summary>Four neighbours along each dimension of an image.</summary>
    Bicubic,
    /// <summary>Its neighbours in a volume.</summary>
    Trilinear,
    /// <summary>The mean of what it covers.</summary>
    Area,
    /// <summary>The element whose centre is nearest.</summary>
    NearestExact,
}

/// <summary>How grid_sample reads between elements.</summary>
public enum GridSampleMode
{
    /// <summary>The nearest element.</summary>
    Nearest,
    /// <summary>The neighbours, weighed by distance.</summary>
    Bilinear,
    /// <summary>Four neighbours along each dimension.</summary>
    Bicubic,
}

/// <summary>What grid_sample reads outside.</summary>
public enum GridSamplePaddingMode
{
    /// <summary>Zeros.</summary>
    Zeros,
    /// <summary>The mirrored image.</summary>
    Reflection,
    /// <summary>The nearest element of the edge.</summary>
    Border,
}

public static partial class torch
{
    /// <summary>Pads the last dimensions with a number; pairs from the last dimension on.</summary>
    public static Tensor constant_pad_nd(Tensor input, long[] pad, Scalar? value = null) => nn.functional.pad(input, pad, PaddingModes.Constant, value?.ToDouble() ?? 0);

    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Pads the last dimensions, pairs from the last dimension on: with a number, or with what the mode makes of the input.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double? value = null)
            {
                if (pad.Length % 2 != 0) throw new ArgumentValueException("Padding length must be divisible by 2");
                if (pad.Length > 2 * input.dim()) throw new ArgumentValueException($"Padding length too large: {pad.Length} numbers for {input.dim()} dimensions");
                var isConstant = mode is PaddingModes.Constant or PaddingModes.Zeros;
                if (!isConstant && value is not (null or 0)) throw new ArgumentValueException($"Padding mode \"{mode.ToString().ToLowerInvariant()}\" doesn't take in value argument");
                var border = mode switch
                {
                    PaddingModes.Reflect => Border.Reflect,
                    PaddingModes.Replicate => Border.Replicate,
                    PaddingModes.Circular => Border.Circular,
                    _ => Border.NewConstant(value ?? 0),
                };
                // The layers' names: dimensions are counted as they are padded.
                if (!isConstant) input = Autocast.As(input, mode == PaddingModes.Reflect ? "reflection_pad" : mode == PaddingModes.Replicate ? "replication_pad" : "circular_pad", pad.Length / 2);
                return new(global::Functional.Padding.pad(border, ListModule.OfSeq(Convert.Ints(pad).Chunk(2).Select(p => Tuple.Create(p[0], p[1]))), input.Core));
            }

            /// <summary>Images, sequences or volumes in other sizes: either the sizes, or by how much larger they are.</summary>
            public static Tensor interpolate(Tensor input, Sizes size = default, Ratios scale_factor = default, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null, bool antialias = false)
            {
                var isNearest = mode is InterpolationMode.Nearest or InterpolationMode.NearestExact or InterpolationMode.Area;
                if (isNearest && align_corners is not null)
                    throw new ArgumentValueException("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear");
                var spatial = (int)input.dim() - 2;
                var rank = mode switch { InterpolationMode.Linear => 1, InterpolationMode.Bilinear or InterpolationMode.Bicubic => 2, InterpolationMode.Trilinear => 3, _ => spatial };
                if (spatial is < 1 or > 3)
                    throw new ShapeException($"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.dim()}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {Name(mode)})");
                if (size.IsDefault && scale_factor.IsDefault) throw new ArgumentValueException("either size or scale_factor should be defined");
                if (!size.IsDefault && !scale_factor.IsDefault) throw new ArgumentValueException("only one of size or scale_factor should be defined");

                string Wrong(string what, string given, string shape) =>
                    $"Input and {what} must have the same number of spatial dimensions, but got input with spatial dimensions of [{string.Join(", ", input.shape[2..])}] and {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and {shape} format.";

                if (size.OrEmpty.Length is var count && count > 1 && count != spatial)
                    throw new ArgumentValueException(Wrong("output", $"output size of ({string.Join(", ", size.OrEmpty)})", "output size in (o1, o2, ...,oK)"));
                double[] scales = scale_factor.IsDefault ? [] : scale_factor.Each(spatial, given => Wrong("scale_factor", $"scale_factor of shape {given}", "scale_factor in (s1, s2, ...,sK)"));
                if (recompute_scale_factor == true && !size.IsDefault) throw new ArgumentValueException("recompute_scale_factor is not meaningful with an explicit size.");
                if (antialias && !(mode is InterpolationMode.Bilinear or InterpolationMode.Bicubic && spatial == 2)) throw new ArgumentValueException("Anti-alias option is only supported for bilinear and bicubic modes");
                if (rank != spatial) throw new ShapeException($"Got {input.dim()}D input, but {Name(mode)} mode needs {rank + 2}D input");

                var sizes = scale_factor.IsDefault ? size.Each(spatial, 1, "size") : [.. scales.Select((s, d) => (long)Math.Floor(input.size(d + 2) * s))];
                if (recompute_scale_factor == true) scales = [];
                var filter = mode switch
                {
                    InterpolationMode.Nearest => Filter.Nearest,
                    InterpolationMode.NearestExact => Filter.NearestExact,
                    InterpolationMode.Area => Filter.Area,
                    InterpolationMode.Bicubic => Filter.Cubic,
                    _ => Filter.Linear,
                };
                return new(Resampling.interpolate(new Interpolation(filter, align_corners ?? false, antialias), Convert.List(sizes), ListModule.OfArray(scales), input.Core));
            }

            static string Name(InterpolationMode mode) => mode == InterpolationMode.NearestExact ? "nearest-exact" : mode.ToString().ToLowerInvariant();

            /// <summary>The old name of interpolate.</summary>
            public static Tensor upsample(Tensor input, Sizes size = default, Ratios scale_factor = default, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null) =>
                interpolate(input, size, scale_factor, mode, align_corners);
            /// <summary>interpolate with the nearest element.</summary>
            public static Tensor upsample_nearest(Tensor input, Sizes size = default, Ratios scale_factor = default) => interpolate(input, size, scale_factor);
            /// <summary>interpolate between neighbours, corners aligned.</summary>
            public static Tensor upsample_bilinear(Tensor input, Sizes size = default, Ratios scale_factor = default) => interpolate(input, size, scale_factor, InterpolationMode.Bilinear, true);

            /// <summary>[N, C, ...] read at the places of a grid [N, ..., dimensions] from -1 to 1.</summary>
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null)
            {
                var filter = mode switch { GridSampleMode.Nearest => Filter.Nearest, GridSampleMode.Bicubic => Filter.Cubic, _ => Filter.Linear };
                var outside = padding_mode switch { GridSamplePaddingMode.Border => Outside.Border, GridSamplePaddingMode.Reflection => Outside.Reflection, _ => Outside.Zeros };
                return new(GridSampling.sample(filter, outside, align_corners ?? false, Autocast.As(grid).Core, Autocast.As(input).Core));
            }

            /// <summary>The grid that affine maps make of images or volumes of a size.</summary>
            public static Tensor affine_grid(Tensor theta, long[] size, bool? align_corners = null)
            {
                if (!theta.is_floating_point()) throw new DtypeException($"Expected theta to have floating point type, but got {theta.dtype}");
                var shown = string.Join(", ", size);
                if (size.Length is not (4 or 5)) throw new ShapeException($"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ({shown}).");
                var spatial = size.Length - 2;
                if (theta.dim() != 3 || theta.size(1) != spatial || theta.size(2) != spatial + 1 || theta.size(0) != size[0])
                    throw new ShapeException($"Expected a batch of {spatial}D affine matrices of shape Nx{spatial}x{spatial + 1} for size ({shown}). Got {ShapeModule.format(theta.Core.Shape)}.");
                if (size.Min() <= 0) throw new ArgumentValueException($"Expected non-zero, positive output size. Got ({shown})");
                return new(GridSampling.affine(Convert.List(size[2..]), align_corners ?? false, theta.Core));
            }

            static Patches.Blocks Blocks(Sizes kernel_size, Sizes dilation, Sizes padding, Sizes stride)
            {
                static Tuple<int, int> Two(Sizes sizes, long missing, string name) => sizes.Each(2, missing, name) is [var h, var w] ? Tuple.Create(Convert.Int(h), Convert.Int(w)) : throw new ArgumentValueException(name);
                return new(Two(kernel_size, 1, "kernel_size"), Two(dilation, 1, "dilation"), Two(padding, 0, "padding"), Two(stride, 1, "stride"));
            }

            /// <summary>Sliding blocks of images as columns: [N, C * kernel, blocks].</summary>
            public static Tensor unfold(Tensor input, Sizes kernel_size, Sizes dilation = default, Sizes padding = default, Sizes stride = default) =>
                new(Patches.unfold(Blocks(kernel_size, dilation, padding, stride), input.Core));

            /// <summary>Columns of blocks added up to images.</summary>
            public static Tensor fold(Tensor input, Sizes output_size, Sizes kernel_size, Sizes dilation = default, Sizes padding = default, Sizes stride = default)
            {
                var size = output_size.Each(2, 1, "output_size");
                return new(Patches.fold(Convert.Int(size[0]), Convert.Int(size[1]), Blocks(kernel_size, dilation, padding, stride), input.Core));
            }

            /// <summary>Channels become finer rows and columns.</summary>
            [Forms(Forms.Plain, ".pixel_shuffle")]
            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => new(Patches.shuffle(Convert.Int(upscale_factor), input.Core));
            /// <summary>Rows and columns become channels.</summary>
            [Forms(Forms.Plain, ".pixel_unshuffle")]
            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => new(Patches.unshuffle(Convert.Int(downscale_factor), input.Core));
            /// <summary>Channels dealt out from groups in turn.</summary>
            [Forms(Forms.Plain, ".channel_shuffle", "nn.functional.native_channel_shuffle")]
            public static Tensor channel_shuffle(Tensor input, long groups) => new(Patches.shuffleChannels(Convert.Int(groups), input.Core));
        }
    }
}

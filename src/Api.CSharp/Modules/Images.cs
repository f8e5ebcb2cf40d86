namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>A number around 1 dimension, as far as pairs from the last dimension on say.</summary>
    public sealed class ConstantPad1d(Sizes padding, double value) : Applied("ConstantPad1d", input => nn.functional.pad(input, padding.Each(2, 0, "padding"), PaddingModes.Constant, value));

    /// <summary>A number around 2 dimensions, as far as pairs from the last dimension on say.</summary>
    public sealed class ConstantPad2d(Sizes padding, double value) : Applied("ConstantPad2d", input => nn.functional.pad(input, padding.Each(4, 0, "padding"), PaddingModes.Constant, value));

    /// <summary>A number around 3 dimensions, as far as pairs from the last dimension on say.</summary>
    public sealed class ConstantPad3d(Sizes padding, double value) : Applied("ConstantPad3d", input => nn.functional.pad(input, padding.Each(6, 0, "padding"), PaddingModes.Constant, value));

    /// <summary>Zeros around 2 dimensions.</summary>
    public sealed class ZeroPad2d(Sizes padding) : Applied("ZeroPad2d", input => nn.functional.pad(input, padding.Each(4, 0, "padding")));

    /// <summary>The input mirrored around 1 dimension.</summary>
    public sealed class ReflectionPad1d(Sizes padding) : Applied("ReflectionPad1d", input => nn.functional.pad(input, padding.Each(2, 0, "padding"), PaddingModes.Reflect));

    /// <summary>The input mirrored around 2 dimensions.</summary>
    public sealed class ReflectionPad2d(Sizes padding) : Applied("ReflectionPad2d", input => nn.functional.pad(input, padding.Each(4, 0, "padding"), PaddingModes.Reflect));

    /// <summary>The input mirrored around 3 dimensions.</summary>
    public sealed class ReflectionPad3d(Sizes padding) : Applied("ReflectionPad3d", input => nn.functional.pad(input, padding.Each(6, 0, "padding"), PaddingModes.Reflect));

    /// <summary>Its edge around 1 dimension.</summary>
    public sealed class ReplicationPad1d(Sizes padding) : Applied("ReplicationPad1d", input => nn.functional.pad(input, padding.Each(2, 0, "padding"), PaddingModes.Replicate));

    /// <summary>Its edge around 2 dimensions.</summary>
    public sealed class ReplicationPad2d(Sizes padding) : Applied("ReplicationPad2d", input => nn.functional.pad(input, padding.Each(4, 0, "padding"), PaddingModes.Replicate));

    /// <summary>Its edge around 3 dimensions.</summary>
    public sealed class ReplicationPad3d(Sizes padding) : Applied("ReplicationPad3d", input => nn.functional.pad(input, padding.Each(6, 0, "padding"), PaddingModes.Replicate));

    /// <summary>The opposite edge around 1 dimension.</summary>
    public sealed class CircularPad1d(Sizes padding) : Applied("CircularPad1d", input => nn.functional.pad(input, padding.Each(2, 0, "padding"), PaddingModes.Circular));

    /// <summary>The opposite edge around 2 dimensions.</summary>
    public sealed class CircularPad2d(Sizes padding) : Applied("CircularPad2d", input => nn.functional.pad(input, padding.Each(4, 0, "padding"), PaddingModes.Circular));

    /// <summary>The opposite edge around 3 dimensions.</summary>
    public sealed class CircularPad3d(Sizes padding) : Applied("CircularPad3d", input => nn.functional.pad(input, padding.Each(6, 0, "padding"), PaddingModes.Circular));

    /// <summary>Zeros around 1 dimension.</summary>
    public sealed class ZeroPad1d(Sizes padding) : Applied("ZeroPad1d", input => nn.functional.pad(input, padding.Each(2, 0, "padding")));

    /// <summary>Zeros around 3 dimensions.</summary>
    public sealed class ZeroPad3d(Sizes padding) : Applied("ZeroPad3d", input => nn.functional.pad(input, padding.Each(6, 0, "padding")));

    /// <summary>Columns of blocks added up to images.</summary>
    public sealed class Fold(Sizes output_size, Sizes kernel_size, Sizes dilation, Sizes padding, Sizes stride) : Applied("Fold", input => nn.functional.fold(input, output_size, kernel_size, dilation, padding, stride));

    /// <summary>Sliding blocks of images as columns.</summary>
    public sealed class Unfold(Sizes kernel_size, Sizes dilation, Sizes padding, Sizes stride) : Applied("Unfold", input => nn.functional.unfold(input, kernel_size, dilation, padding, stride));

    /// <summary>Channels become finer rows and columns (Shi et al. 2016).</summary>
    public sealed class PixelShuffle(long upscale_factor) : Applied("PixelShuffle", input => nn.functional.pixel_shuffle(input, upscale_factor));

    /// <summary>Rows and columns become channels.</summary>
    public sealed class PixelUnshuffle(long downscale_factor) : Applied("PixelUnshuffle", input => nn.functional.pixel_unshuffle(input, downscale_factor));

    /// <summary>Channels dealt out from groups in turn (Zhang et al. 2018).</summary>
    public sealed class ChannelShuffle(long groups) : Applied("ChannelShuffle", input => nn.functional.channel_shuffle(input, groups));

    /// <summary>Sequences, images or volumes in other sizes.</summary>
    public sealed class Upsample(Sizes size, Ratios scale_factor, InterpolationMode mode, bool? align_corners, bool? recompute_scale_factor) : Applied("Upsample", input => nn.functional.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor));

    /// <summary>Larger images of the nearest elements.</summary>
    public sealed class UpsamplingNearest2d(Sizes size, Ratios scale_factor) : Applied("UpsamplingNearest2d", input => nn.functional.upsample_nearest(input, size, scale_factor));

    /// <summary>Larger images between neighbours, corners aligned.</summary>
    public sealed class UpsamplingBilinear2d(Sizes size, Ratios scale_factor) : Applied("UpsamplingBilinear2d", input => nn.functional.upsample_bilinear(input, size, scale_factor));

    /// <summary>Divides by what the neighbouring channels' squares make (Krizhevsky et al. 2012).</summary>
    public sealed class LocalResponseNorm(long size, double alpha, double beta, double k) : Applied("LocalResponseNorm", input => nn.functional.local_response_norm(input, size, alpha, beta, k));

    /// <summary>Divides images by what the squares of channels around each make, as PyTorch's running sum has them.</summary>
    public sealed class CrossMapLRN2d(long size, double alpha, double beta, double k) : Applied("CrossMapLRN2d", input => new Tensor(ResponseNorms.acrossMaps((int)size, alpha, beta, k, input.Core)));

    /// <summary>The cosine of the angle between vectors along a dimension.</summary>
    public sealed class CosineSimilarity(long dim, double eps) : AppliedToTwo("CosineSimilarity", (x1, x2) => nn.functional.cosine_similarity(x1, x2, dim, eps));

    /// <summary>The norm of differences along the last dimension.</summary>
    public sealed class PairwiseDistance(double p, double eps, bool keepdim) : AppliedToTwo("PairwiseDistance", (x1, x2) => nn.functional.pairwise_distance(x1, x2, p, eps, keepdim));
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A number around 1 dimension, as far as pairs from the last dimension on say.</summary>
            public static ConstantPad1d ConstantPad1d(Sizes padding, double value) => new(padding, value);
            /// <summary>A number around 2 dimensions, as far as pairs from the last dimension on say.</summary>
            public static ConstantPad2d ConstantPad2d(Sizes padding, double value) => new(padding, value);
            /// <summary>A number around 3 dimensions, as far as pairs from the last dimension on say.</summary>
            public static ConstantPad3d ConstantPad3d(Sizes padding, double value) => new(padding, value);
            /// <summary>Zeros around 2 dimensions.</summary>
            public static ZeroPad2d ZeroPad2d(Sizes padding) => new(padding);
            /// <summary>The input mirrored around 1 dimension.</summary>
            public static ReflectionPad1d ReflectionPad1d(Sizes padding) => new(padding);
            /// <summary>The input mirrored around 2 dimensions.</summary>
            public static ReflectionPad2d ReflectionPad2d(Sizes padding) => new(padding);
            /// <summary>The input mirrored around 3 dimensions.</summary>
            public static ReflectionPad3d ReflectionPad3d(Sizes padding) => new(padding);
            /// <summary>Its edge around 1 dimension.</summary>
            public static ReplicationPad1d ReplicationPad1d(Sizes padding) => new(padding);
            /// <summary>Its edge around 2 dimensions.</summary>
            public static ReplicationPad2d ReplicationPad2d(Sizes padding) => new(padding);
            /// <summary>Its edge around 3 dimensions.</summary>
            public static ReplicationPad3d ReplicationPad3d(Sizes padding) => new(padding);
            /// <summary>The opposite edge around 1 dimension.</summary>
            public static CircularPad1d CircularPad1d(Sizes padding) => new(padding);
            /// <summary>The opposite edge around 2 dimensions.</summary>
            public static CircularPad2d CircularPad2d(Sizes padding) => new(padding);
            /// <summary>The opposite edge around 3 dimensions.</summary>
            public static CircularPad3d CircularPad3d(Sizes padding) => new(padding);
            /// <summary>Zeros around 1 dimension.</summary>
            public static ZeroPad1d ZeroPad1d(Sizes padding) => new(padding);
            /// <summary>Zeros around 3 dimensions.</summary>
            public static ZeroPad3d ZeroPad3d(Sizes padding) => new(padding);
            /// <summary>Columns of blocks added up to images.</summary>
            public static Fold Fold(Sizes output_size, Sizes kernel_size, Sizes dilation = default, Sizes padding = default, Sizes stride = default) => new(output_size, kernel_size, dilation, padding, stride);
            /// <summary>Sliding blocks of images as columns.</summary>
            public static Unfold Unfold(Sizes kernel_size, Sizes dilation = default, Sizes padding = default, Sizes stride = default) => new(kernel_size, dilation, padding, stride);
            /// <summary>Channels become finer rows and columns (Shi et al. 2016).</summary>
            public static PixelShuffle PixelShuffle(long upscale_factor) => new(upscale_factor);
            /// <summary>Rows and columns become channels.</summary>
            public static PixelUnshuffle PixelUnshuffle(long downscale_factor) => new(downscale_factor);
            /// <summary>Channels dealt out from groups in turn (Zhang et al. 2018).</summary>
            public static ChannelShuffle ChannelShuffle(long groups) => new(groups);
            /// <summary>Sequences, images or volumes in other sizes.</summary>
            public static Upsample Upsample(Sizes size = default, Ratios scale_factor = default, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null) => new(size, scale_factor, mode, align_corners, recompute_scale_factor);
            /// <summary>Larger images of the nearest elements.</summary>
            public static UpsamplingNearest2d UpsamplingNearest2d(Sizes size = default, Ratios scale_factor = default) => new(size, scale_factor);
            /// <summary>Larger images between neighbours, corners aligned.</summary>
            public static UpsamplingBilinear2d UpsamplingBilinear2d(Sizes size = default, Ratios scale_factor = default) => new(size, scale_factor);
            /// <summary>Divides by what the neighbouring channels' squares make (Krizhevsky et al. 2012).</summary>
            public static CrossMapLRN2d CrossMapLRN2d(long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) => new(size, alpha, beta, k);
            /// <summary>Divides by what the neighbouring channels' squares make (Krizhevsky et al. 2012).</summary>
            public static LocalResponseNorm LocalResponseNorm(long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) => new(size, alpha, beta, k);
            /// <summary>The cosine of the angle between vectors along a dimension.</summary>
            public static CosineSimilarity CosineSimilarity(long dim = 1, double eps = 1e-08) => new(dim, eps);
            /// <summary>The norm of differences along the last dimension.</summary>
            public static PairwiseDistance PairwiseDistance(double p = 2.0, double eps = 1e-06, bool keepdim = false) => new(p, eps, keepdim);
        }
    }
}

namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>A stage of an efficient network: blocks that widen by a factor, fused ones without a convolution of single channels.</summary>
readonly record struct MBConvRow(bool Fused, long Expansion, long Kernel, long Stride, long Inputs, long Outputs, long Blocks)
{
    internal MBConvRow Scaled(double width, double depth) => this with
    {
        Inputs = Parts.Divisible(Inputs * width, 8),
        Outputs = Parts.Divisible(Outputs * width, 8),
        Blocks = (long)Math.Ceiling(Blocks * depth),
    };
}

/// <summary>An inverted residual, which is left out for some rows of a batch while learning.</summary>
sealed class MBConv : Layer
{
    readonly Layer block, stochastic_depth;
    readonly bool adds;

    internal MBConv(MBConvRow row, double left_out, Func<long, Layer> norm) : base(row.Fused ? "FusedMBConv" : "MBConv")
    {
        if (row.Stride is < 1 or > 2) throw new ArgumentValueException("illegal stride value");
        adds = row.Stride == 1 && row.Inputs == row.Outputs;
        var expanded = Parts.Divisible(row.Inputs * row.Expansion, 8);
        block = this.Part("block", row.Fused ? Fused(row, expanded, norm) : Separate(row, expanded, norm));
        stochastic_depth = this.Part("stochastic_depth", new RowDepth(left_out));
    }

    static Layer Activation() => nn.SiLU();

    static Layer Separate(MBConvRow row, long expanded, Func<long, Layer> norm)
    {
        var layers = nn.Sequential(Array.Empty<Layer>());
        if (expanded != row.Inputs) layers.append(Parts.ConvNorm(row.Inputs, expanded, 1, norm, Activation));
        return layers
            .append(Parts.ConvNorm(expanded, expanded, row.Kernel, norm, Activation, row.Stride, expanded))
            .append(new SqueezeExcitation(expanded, Math.Max(1, row.Inputs / 4), Activation))
            .append(Parts.ConvNorm(expanded, row.Outputs, 1, norm, null));
    }

    static Layer Fused(MBConvRow row, long expanded, Func<long, Layer> norm) =>
        expanded == row.Inputs
            ? nn.Sequential(Parts.ConvNorm(row.Inputs, row.Outputs, row.Kernel, norm, Activation, row.Stride))
            : nn.Sequential(Parts.ConvNorm(row.Inputs, expanded, row.Kernel, norm, Activation, row.Stride), Parts.ConvNorm(expanded, row.Outputs, 1, norm, null));

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => adds ? stochastic_depth.call(block.call(input)) + input : block.call(input);
}

/// <summary>Inverted residuals whose depth and width grow together (Tan and Le 2019, 2021): [N, 3, H, W] to [N, num_classes].</summary>
public sealed class EfficientNet : Layer
{
    readonly Layer features, avgpool, classifier;

    internal EfficientNet(MBConvRow[] rows, double dropout, double stochastic_depth_prob, long num_classes, Func<long, Layer> norm, long? last_channel) : base("EfficientNet")
    {
        var layers = nn.Sequential(Parts.ConvNorm(3, rows[0].Inputs, 3, norm, () => nn.SiLU(), stride: 2));
        var (count, place) = (rows.Sum(row => row.Blocks), 0);
        foreach (var row in rows)
        {
            var stage = nn.Sequential(Array.Empty<Layer>());
            for (var i = 0; i < row.Blocks; i++)
                stage.append(new MBConv(i == 0 ? row : row with { Inputs = row.Outputs, Stride = 1 }, stochastic_depth_prob * place++ / count, norm));
            layers.append(stage);
        }
        var last = last_channel ?? 4 * rows[^1].Outputs;
        features = this.Part("features", layers.append(Parts.ConvNorm(rows[^1].Outputs, last, 1, norm, () => nn.SiLU())));
        avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
        classifier = this.Part("classifier", nn.Sequential(nn.Dropout(dropout), nn.Linear(last, num_classes)));
        Parts.Initialize(this, layer =>
        {
            var bound = 1 / Math.Sqrt(layer.out_features);
            nn.init.uniform_(layer.weight, -bound, bound);
            nn.init.zeros_(layer.bias!);
        });
    }

    /// <summary>The stages of the first version, before they are scaled.</summary>
    internal static MBConvRow[] First =>
    [
        new(false, 1, 3, 1, 32, 16, 1), new(false, 6, 3, 2, 16, 24, 2), new(false, 6, 5, 2, 24, 40, 2), new(false, 6, 3, 2, 40, 80, 3),
        new(false, 6, 5, 1, 80, 112, 3), new(false, 6, 5, 2, 112, 192, 4), new(false, 6, 3, 1, 192, 320, 1),
    ];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => classifier.call(avgpool.call(features.call(input)).flatten(1));
}

namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>One stage of a regular network: its width, blocks and the width of its groups.</summary>
readonly record struct RegStage(long Width, int Blocks, long GroupWidth)
{
    /// <summary>Stages of blocks whose widths lie on a line, rounded to powers of a factor and to eights (Radosavovic et al. 2020).</summary>
    internal static RegStage[] Quantized(int depth, long first, double slope, double factor, long group_width)
    {
        // In float32, as the published widths are.
        long Width(int block)
        {
            var power = MathF.Round(MathF.Log((block * (float)slope + first) / first) / (float)Math.Log(factor));
            return (long)(MathF.Round(first * MathF.Pow((float)factor, power) / 8) * 8);
        }

        return [.. Enumerable.Range(0, depth).Select(Width).GroupBy(width => width).Select(blocks =>
        {
            var groups = Math.Min(group_width, blocks.Key);
            return new RegStage(Parts.Divisible(blocks.Key, groups), blocks.Count(), groups);
        })];
    }
}

/// <summary>A branch of 1 x 1, grouped 3 x 3 and 1 x 1 convolutions, added to its input or to a projection of it.</summary>
sealed class RegBlock : Layer
{
    readonly Layer? proj;
    readonly Layer f, activation;

    internal RegBlock(long inputs, RegStage stage, long stride, double? se_ratio, Func<long, Layer> norm, Func<Layer> activation) : base("ResBottleneckBlock")
    {
        var width = stage.Width;
        proj = inputs != width || stride != 1 ? Parts.ConvNorm(inputs, width, 1, norm, null, stride) : null;
        register_module("proj", proj);
        var branch = nn.Sequential(
            ("a", (Layer)Parts.ConvNorm(inputs, width, 1, norm, activation)),
            ("b", Parts.ConvNorm(width, width, 3, norm, activation, stride, width / stage.GroupWidth)));
        // The reduction counts from the channels that come into the block.
        if (se_ratio is { } ratio) branch.add_module("se", new SqueezeExcitation(width, (long)Math.Round(ratio * inputs), activation));
        branch.add_module("c", Parts.ConvNorm(width, width, 1, norm, null));
        f = this.Part("f", branch);
        this.activation = this.Part("activation", activation());
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => activation.call((proj?.call(input) ?? input) + f.call(input));
}

/// <summary>Four stages whose widths follow a simple rule (Radosavovic et al. 2020): [N, 3, H, W] to [N, num_classes].</summary>
public sealed class RegNet : Layer
{
    readonly Layer stem, trunk_output, avgpool;

    /// <summary>The last layer, [num_classes, features].</summary>
    public Modules.Linear fc { get; }

    internal RegNet(RegStage[] stages, double? se_ratio, long num_classes, long stem_width, Func<long, Layer>? norm_layer, Func<Layer>? activation) : base("RegNet")
    {
        var (norm, active) = (norm_layer ?? Parts.Norm, activation ?? (() => nn.ReLU()));
        stem = this.Part("stem", Parts.ConvNorm(3, stem_width, 3, norm, active, stride: 2));
        var (channels, trunk) = (stem_width, nn.Sequential(Array.Empty<Layer>()));
        for (var s = 0; s < stages.Length; s++)
        {
            var blocks = nn.Sequential(Array.Empty<Layer>());
            for (var i = 0; i < stages[s].Blocks; i++)
            {
                blocks.add_module($"block{s + 1}-{i}", new RegBlock(channels, stages[s], i == 0 ? 2 : 1, se_ratio, norm, active));
                channels = stages[s].Width;
            }
            trunk.add_module($"block{s + 1}", blocks);
        }
        trunk_output = this.Part("trunk_output", trunk);
        avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
        fc = this.Part("fc", nn.Linear(channels, num_classes));

        foreach (var module in modules())
            if (module is Modules.Conv2d convolution)
            {
                // Kernel times outputs, whatever the groups; biases (those of excitations) keep their values.
                var weight = convolution.weight;
                nn.init.normal_(weight, 0, Math.Sqrt(2.0 / (weight.size(0) * weight.size(2) * weight.size(3))));
            }
            else if (module is Modules.Linear layer) Parts.Small(layer);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => fc.call(avgpool.call(trunk_output.call(stem.call(input))).flatten(1));
}

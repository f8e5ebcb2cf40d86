namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>The place of a block in a residual network.</summary>
readonly record struct BlockPlace(long Inputs, long Planes, long Stride, long Groups, long BaseWidth, long Dilation, Layer? Downsample, Func<long, Layer> Norm);

/// <summary>A branch of convolutions that is added to its input.</summary>
abstract class ResidualBlock(string name) : Layer(name)
{
    /// <summary>The norm that ends the branch.</summary>
    internal abstract Layer LastNorm { get; }
}

/// <summary>Two 3 x 3 convolutions.</summary>
sealed class BasicBlock : ResidualBlock
{
    readonly Layer conv1, bn1, relu, conv2, bn2;
    readonly Layer? downsample;

    internal BasicBlock(BlockPlace place) : base("BasicBlock")
    {
        if (place.Groups != 1 || place.BaseWidth != 64) throw new ArgumentValueException("BasicBlock only supports groups=1 and base_width=64");
        if (place.Dilation > 1) throw new ArgumentValueException("Dilation > 1 not supported in BasicBlock");
        conv1 = this.Part("conv1", Parts.Bare(place.Inputs, place.Planes, 3, place.Stride));
        bn1 = this.Part("bn1", place.Norm(place.Planes));
        relu = this.Part("relu", nn.ReLU());
        conv2 = this.Part("conv2", Parts.Bare(place.Planes, place.Planes, 3));
        bn2 = this.Part("bn2", place.Norm(place.Planes));
        downsample = place.Downsample;
        register_module("downsample", downsample);
    }

    internal override Layer LastNorm => bn2;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var branch = bn2.call(conv2.call(relu.call(bn1.call(conv1.call(input)))));
        return relu.call(branch + (downsample?.call(input) ?? input));
    }
}

/// <summary>A 3 x 3 convolution between two of 1 x 1, which has the stride as well.</summary>
sealed class Bottleneck : ResidualBlock
{
    internal const long Expansion = 4;

    readonly Layer conv1, bn1, conv2, bn2, conv3, bn3, relu;
    readonly Layer? downsample;

    internal Bottleneck(BlockPlace place) : base("Bottleneck")
    {
        var width = (long)(place.Planes * (place.BaseWidth / 64.0)) * place.Groups;
        conv1 = this.Part("conv1", Parts.Bare(place.Inputs, width, 1));
        bn1 = this.Part("bn1", place.Norm(width));
        conv2 = this.Part("conv2", Parts.Bare(width, width, 3, place.Stride, place.Groups, place.Dilation));
        bn2 = this.Part("bn2", place.Norm(width));
        conv3 = this.Part("conv3", Parts.Bare(width, place.Planes * Expansion, 1));
        bn3 = this.Part("bn3", place.Norm(place.Planes * Expansion));
        relu = this.Part("relu", nn.ReLU());
        downsample = place.Downsample;
        register_module("downsample", downsample);
    }

    internal override Layer LastNorm => bn3;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var branch = relu.call(bn2.call(conv2.call(relu.call(bn1.call(conv1.call(input))))));
        return relu.call(bn3.call(conv3.call(branch)) + (downsample?.call(input) ?? input));
    }
}

/// <summary>Four stages of residual blocks (He et al. 2016; Xie et al. 2017; Zagoruyko and Komodakis 2016): [N, 3, H, W] to [N, num_classes].</summary>
public sealed class ResNet : Layer
{
    readonly Layer conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool;
    readonly bool deep;
    readonly long groups, width;
    readonly Func<long, Layer> norm;
    long inputs = 64, dilation = 1;

    /// <summary>The last layer, [num_classes, features].</summary>
    public Modules.Linear fc { get; }

    internal ResNet(bool deep, int[] layers, long num_classes, bool zero_init_residual, long groups, long width_per_group, bool[]? replace_stride_with_dilation, Func<long, Layer>? norm_layer) : base("ResNet")
    {
        var dilated = replace_stride_with_dilation ?? [false, false, false];
        if (dilated.Length != 3) throw new ArgumentValueException($"replace_stride_with_dilation should be None or a 3-element tuple, got {dilated.Length} elements");
        (this.deep, this.groups, width, norm) = (deep, groups, width_per_group, norm_layer ?? Parts.Norm);

        conv1 = this.Part("conv1", Parts.Bare(3, inputs, 7, 2));
        bn1 = this.Part("bn1", norm(inputs));
        relu = this.Part("relu", nn.ReLU());
        maxpool = this.Part("maxpool", nn.MaxPool2d(3, stride: 2, padding: 1));
        layer1 = this.Part("layer1", Stage(64, layers[0], 1, false));
        layer2 = this.Part("layer2", Stage(128, layers[1], 2, dilated[0]));
        layer3 = this.Part("layer3", Stage(256, layers[2], 2, dilated[1]));
        layer4 = this.Part("layer4", Stage(512, layers[3], 2, dilated[2]));
        avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
        fc = this.Part("fc", nn.Linear(inputs, num_classes));

        // The linear layer keeps the values that it has.
        Parts.Initialize(this, _ => { });
        if (!zero_init_residual) return;
        foreach (var block in modules().OfType<ResidualBlock>())
            if (block.LastNorm.get_parameter("weight") is { } scale) nn.init.zeros_(scale);
    }

    /// <summary>Blocks of one width; the first may halve the image, or spread its kernels instead from the second on.</summary>
    Layer Stage(long planes, int blocks, long stride, bool dilate)
    {
        var outputs = deep ? planes * Bottleneck.Expansion : planes;
        var before = dilation;
        if (dilate) (dilation, stride) = (dilation * stride, 1);
        var downsample = stride != 1 || inputs != outputs ? nn.Sequential(Parts.Bare(inputs, outputs, 1, stride), norm(outputs)) : null;
        var place = new BlockPlace(inputs, planes, stride, groups, width, before, downsample, norm);

        var stage = nn.Sequential(Array.Empty<Layer>());
        for (var i = 0; i < blocks; i++)
        {
            stage.append(deep ? new Bottleneck(place) : new BasicBlock(place));
            place = place with { Inputs = outputs, Stride = 1, Dilation = dilation, Downsample = null };
        }
        inputs = outputs;
        return stage;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var image = maxpool.call(relu.call(bn1.call(conv1.call(input))));
        return fc.call(avgpool.call(layer4.call(layer3.call(layer2.call(layer1.call(image))))).flatten(1));
    }
}

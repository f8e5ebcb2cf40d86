namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>New channels of everything that the layers before have made.</summary>
sealed class DenseLayer : nn.Module<Tensor[], Tensor>
{
    readonly Layer norm1, relu1, conv1, norm2, relu2, conv2;
    readonly double drop_rate;
    readonly bool memory_efficient;

    internal DenseLayer(long inputs, long growth_rate, long bn_size, double drop_rate, bool memory_efficient) : base("_DenseLayer")
    {
        norm1 = this.Part("norm1", Parts.Norm(inputs));
        relu1 = this.Part("relu1", nn.ReLU());
        conv1 = this.Part("conv1", Parts.Bare(inputs, bn_size * growth_rate, 1));
        norm2 = this.Part("norm2", Parts.Norm(bn_size * growth_rate));
        relu2 = this.Part("relu2", nn.ReLU());
        conv2 = this.Part("conv2", Parts.Bare(bn_size * growth_rate, growth_rate, 3));
        (this.drop_rate, this.memory_efficient) = (drop_rate, memory_efficient);
    }

    Tensor Narrow(Tensor[] before) => conv1.call(relu1.call(norm1.call(cat(before, 1))));

    /// <inheritdoc/>
    public override Tensor forward(Tensor[] input)
    {
        // What the first half makes is large: it may be computed again on the way back.
        var narrow = memory_efficient && input.Any(t => t.requires_grad)
            ? utils.checkpoint.checkpoint(before => [Narrow(before)], input)[0]
            : Narrow(input);
        var made = conv2.call(relu2.call(norm2.call(narrow)));
        return drop_rate > 0 ? nn.functional.dropout(made, drop_rate, training) : made;
    }
}

/// <summary>Layers that each add channels to what there is.</summary>
sealed class DenseBlock : Layer
{
    readonly DenseLayer[] layers;

    internal DenseBlock(long count, long inputs, long bn_size, long growth_rate, double drop_rate, bool memory_efficient) : base("_DenseBlock")
    {
        layers = new DenseLayer[count];
        for (var i = 0; i < count; i++)
            layers[i] = this.Part($"denselayer{i + 1}", new DenseLayer(inputs + i * growth_rate, growth_rate, bn_size, drop_rate, memory_efficient));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        List<Tensor> features = [input];
        foreach (var layer in layers) features.Add(layer.call([.. features]));
        return cat(features, 1);
    }
}

/// <summary>Blocks in which every layer sees all before it (Huang et al. 2017): [N, 3, H, W] to [N, num_classes].</summary>
public sealed class DenseNet : Layer
{
    readonly Layer features;

    /// <summary>The last layer, [num_classes, features].</summary>
    public Modules.Linear classifier { get; }

    internal DenseNet(long growth_rate, long[] block_config, long num_init_features, long bn_size, double drop_rate, long num_classes, bool memory_efficient) : base("DenseNet")
    {
        var channels = num_init_features;
        var layers = nn.Sequential(
            ("conv0", Parts.Bare(3, channels, 7, 2)), ("norm0", Parts.Norm(channels)), ("relu0", nn.ReLU()), ("pool0", nn.MaxPool2d(3, stride: 2, padding: 1)));
        for (var i = 0; i < block_config.Length; i++)
        {
            layers.add_module($"denseblock{i + 1}", new DenseBlock(block_config[i], channels, bn_size, growth_rate, drop_rate, memory_efficient));
            channels += block_config[i] * growth_rate;
            if (i == block_config.Length - 1) continue;
            layers.add_module($"transition{i + 1}", nn.Sequential(
                ("norm", Parts.Norm(channels)), ("relu", nn.ReLU()), ("conv", Parts.Bare(channels, channels / 2, 1)), ("pool", nn.AvgPool2d(2, stride: 2))));
            channels /= 2;
        }
        layers.add_module("norm5", Parts.Norm(channels));
        features = this.Part("features", layers);
        classifier = this.Part("classifier", nn.Linear(channels, num_classes));

        foreach (var convolution in modules().OfType<Modules.Conv2d>()) nn.init.kaiming_normal_(convolution.weight);
        nn.init.zeros_(classifier.bias!);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        classifier.call(nn.functional.adaptive_avg_pool2d(nn.functional.relu(features.call(input)), 1).flatten(1));
}

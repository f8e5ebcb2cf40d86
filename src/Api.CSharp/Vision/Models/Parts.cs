namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>What networks for images are made of.</summary>
static class Parts
{
    /// <summary>Registers a part under its name and gives it back: parts are made and named in the order of the state dict.</summary>
    internal static T Part<T>(this nn.Module owner, string name, T part) where T : nn.Module
    {
        owner.register_module(name, part);
        return part;
    }

    /// <summary>A convolution without bias that keeps the size, up to its stride, as it stands before a norm.</summary>
    internal static Modules.Conv2d Bare(long inputs, long outputs, long kernel, long stride = 1, long groups = 1, long dilation = 1) =>
        nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) / 2 * dilation, dilation, groups, bias: false);

    /// <summary>A convolution, its norm and its activation, if any.</summary>
    internal static Modules.Sequential ConvNorm(long inputs, long outputs, long kernel, Func<long, Layer> norm, Func<Layer>? activation, long stride = 1, long groups = 1, long dilation = 1) =>
        activation is null
            ? nn.Sequential(Bare(inputs, outputs, kernel, stride, groups, dilation), norm(outputs))
            : nn.Sequential(Bare(inputs, outputs, kernel, stride, groups, dilation), norm(outputs), activation());

    /// <summary>Batch norm as nn has it.</summary>
    internal static Layer Norm(long channels) => nn.BatchNorm2d(channels);

    /// <summary>Batch norm with other constants, as a factory of norms.</summary>
    internal static Func<long, Layer> NormWith(double eps, double momentum) => channels => nn.BatchNorm2d(channels, eps, momentum);

    /// <summary>The multiple of a divisor nearest to a number of channels, but no less than nine tenths of it.</summary>
    internal static long Divisible(double channels, long divisor)
    {
        var nearest = Math.Max(divisor, (long)(channels + divisor / 2.0) / divisor * divisor);
        return nearest < 0.9 * channels ? nearest + divisor : nearest;
    }

    /// <summary>Raises ArgumentValueException where trained weights are asked for: they would have to be downloaded.</summary>
    internal static void Untrained(bool pretrained, string? weights)
    {
        if (pretrained || weights is not null)
            throw new ArgumentValueException($"No weights available for {(weights is null ? "pretrained=True" : $"weights='{weights}'")}: nothing is downloaded here. Build the model without them and load a file of weights with load_state_dict.");
    }

    /// <summary>First values of convolutions (He et al. 2015, backward), norms (1 and 0) and linear layers, which differ between networks.</summary>
    internal static void Initialize(nn.Module network, Action<Modules.Linear> linear)
    {
        foreach (var module in network.modules())
            switch (module)
            {
                case Modules.Conv2d convolution:
                    nn.init.kaiming_normal_(convolution.weight, mode: nn.init.FanInOut.FanOut);
                    Zero(convolution.bias);
                    break;
                case Modules.BatchNorm2d norm: Plain(norm.weight, norm.bias); break;
                case Modules.GroupNorm norm: Plain(norm.weight, norm.bias); break;
                case Modules.Linear layer: linear(layer); break;
            }
    }

    /// <summary>Normal weights with a deviation of 0.01 and no bias.</summary>
    internal static void Small(Modules.Linear layer)
    {
        nn.init.normal_(layer.weight, 0, 0.01);
        Zero(layer.bias);
    }

    internal static void Zero(Modules.Parameter? bias)
    {
        if (bias is not null) nn.init.zeros_(bias);
    }

    static void Plain(Modules.Parameter? weight, Modules.Parameter? bias)
    {
        if (weight is not null) nn.init.ones_(weight);
        Zero(bias);
    }
}

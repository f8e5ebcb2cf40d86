namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>Scales each channel by what two small layers make of all channels' means (Hu et al. 2018).</summary>
sealed class SqueezeExcitation : Layer
{
    readonly Layer avgpool, fc1, fc2, activation, scale_activation;

    internal SqueezeExcitation(long input_channels, long squeeze_channels, Func<Layer> activation, Func<Layer>? scale_activation = null) : base("SqueezeExcitation")
    {
        avgpool = this.Part("avgpool", nn.AdaptiveAvgPool2d(1));
        fc1 = this.Part("fc1", nn.Conv2d(input_channels, squeeze_channels, 1));
        fc2 = this.Part("fc2", nn.Conv2d(squeeze_channels, input_channels, 1));
        this.activation = this.Part("activation", activation());
        this.scale_activation = this.Part("scale_activation", scale_activation?.Invoke() ?? nn.Sigmoid());
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => scale_activation.call(fc2.call(activation.call(fc1.call(avgpool.call(input))))) * input;
}

/// <summary>Leaves out a branch for some of the rows of a batch while learning and scales the others up (Huang et al. 2016).</summary>
sealed class RowDepth : Layer
{
    readonly double p;

    internal RowDepth(double p) : base("StochasticDepth")
    {
        if (p is < 0 or > 1) throw new ArgumentValueException($"drop probability has to be between 0 and 1, but got {p}");
        this.p = p;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (!training || p == 0) return input;
        long[] rows = [input.size(0), .. Enumerable.Repeat(1L, (int)input.dim() - 1)];
        var kept = empty(rows, input.dtype, input.device).bernoulli_(1 - p);
        return input * (p < 1 ? kept / (1 - p) : kept);
    }

    /// <inheritdoc/>
    protected override string extra_repr() => $"p={p}, mode=row";
}

namespace Functional.Torch.Modules;

using static Functional.Torch.torch;

/// <summary>A tensor that a module learns.</summary>
public sealed class Parameter : torch.Tensor
{
    /// <summary>A parameter that starts as the given elements.</summary>
    public Parameter(torch.Tensor data, bool requires_grad = true) : base(Structure.share(History.Without(data.Recorded)))
    {
        if (requires_grad) requires_grad_();
    }

    /// <summary>The parameter as PyTorch prints it.</summary>
    public override string ToString() => "Parameter containing:\n" + base.ToString();
}

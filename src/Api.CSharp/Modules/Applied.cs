namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>A module that is nothing but a function of its input, and of whether it is learning.</summary>
public abstract class Applied : nn.Module<Tensor, Tensor>
{
    readonly Func<Tensor, bool, Tensor> function;

    private protected Applied(string name, Func<Tensor, bool, Tensor> function) : base(name) => this.function = function;
    private protected Applied(string name, Func<Tensor, Tensor> function) : this(name, (input, _) => function(input)) { }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => function(input, training);
}

/// <summary>A module that is nothing but a function of two inputs.</summary>
public abstract class AppliedToTwo : nn.Module<Tensor, Tensor, Tensor>
{
    readonly Func<Tensor, Tensor, Tensor> function;

    private protected AppliedToTwo(string name, Func<Tensor, Tensor, Tensor> function) : base(name) => this.function = function;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input1, Tensor input2) => function(input1, input2);
}

/// <summary>A module that is nothing but a function of three inputs.</summary>
public abstract class AppliedToThree : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    readonly Func<Tensor, Tensor, Tensor, Tensor> function;

    private protected AppliedToThree(string name, Func<Tensor, Tensor, Tensor, Tensor> function) : base(name) => this.function = function;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input1, Tensor input2, Tensor input3) => function(input1, input2, input3);
}

/// <summary>A module that picks elements, and knows where it found them.</summary>
public abstract class Picking : nn.Module<Tensor, Tensor>
{
    readonly Func<Tensor, (Tensor output, Tensor indices)> function;

    private protected Picking(string name, bool return_indices, Func<Tensor, (Tensor output, Tensor indices)> function) : base(name) => (this.return_indices, this.function) = (return_indices, function);

    /// <summary>Whether PyTorch's module would give the places as well; here forward_with_indices always does.</summary>
    public bool return_indices { get; }
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => function(input).output;
    /// <summary>What was picked, and where it was.</summary>
    public (Tensor output, Tensor indices) forward_with_indices(Tensor input) => function(input);
}

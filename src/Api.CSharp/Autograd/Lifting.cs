using Microsoft.FSharp.Core;

namespace Functional.Torch;

/// <summary>Functions written in C#, for transforms of the core.</summary>
internal static class Lifting
{
    public static FSharpFunc<CoreTensor[], CoreTensor[]> Lift(Func<torch.Tensor[], torch.Tensor[]> f) =>
        FuncConvert.FromFunc<CoreTensor[], CoreTensor[]>(x => Convert.Cores(f(Wrap(x))));

    /// <summary>A function that gives one number.</summary>
    public static FSharpFunc<CoreTensor[], CoreTensor> Scalar(Func<torch.Tensor[], torch.Tensor> f) =>
        FuncConvert.FromFunc<CoreTensor[], CoreTensor>(x => f(Wrap(x)).Core);

    /// <summary>A function of one tensor as one of several.</summary>
    public static Func<torch.Tensor[], torch.Tensor[]> Several(Func<torch.Tensor, torch.Tensor> f) => x => [f(x[0])];

    public static torch.Tensor[] Wrap(CoreTensor[] tensors) => Array.ConvertAll(tensors, t => new torch.Tensor(t));
    public static torch.Tensor[][] Wrap(CoreTensor[][] tensors) => Array.ConvertAll(tensors, Wrap);

    /// <summary>Without what is recorded outside, unless that is wanted.</summary>
    public static CoreTensor[] Inputs(torch.Tensor[] tensors, bool create_graph) =>
        Array.ConvertAll(tensors, t => create_graph ? t.Recorded : History.Without(t.Recorded));

    /// <inheritdoc cref="Inputs"/>
    public static torch.Tensor[] Outputs(CoreTensor[] tensors, bool create_graph) =>
        Array.ConvertAll(tensors, t => new torch.Tensor(create_graph ? t : History.Without(t)));
}

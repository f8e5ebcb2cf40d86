using Functional.Contract;

namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using F = Functional.Torch.torch.nn.functional;

/// <summary>What writing in place does to a graph that has used the tensor before: PyTorch 1.13 raises where it saved the tensor.</summary>
public static class InPlaceTests
{
    static bool Raises(Action<torch.Tensor, torch.Tensor> use)
    {
        var a = arange(1, 4).to(float64).requires_grad_();
        var b = arange(1, 4).to(float64).requires_grad_();
        try
        {
            use(a * 1, b * 1);
            return false;
        }
        catch (DifferentiationException e)
        {
            Check.True(e.Message.StartsWith("one of the variables needed for gradient computation has been modified by an inplace operation: [torch.DoubleTensor ["), e.Message);
            return true;
        }
    }

    static bool ByArgument(Func<torch.Tensor, torch.Tensor, torch.Tensor> f, bool second) => Raises((x, y) =>
    {
        var z = f(x, y);
        (second ? y : x).add_(1);
        z.sum().backward();
    });

    static bool ByResult(Func<torch.Tensor, torch.Tensor> f) => Raises((x, _) =>
    {
        var z = f(x);
        z.add_(1);
        z.sum().backward();
    });

    public static void WhatSavesItsArgument()
    {
        foreach (var f in new Func<torch.Tensor, torch.Tensor>[] { log, sin, abs, square, erf, sinh, acos, log1p, F_gelu, x => F.silu(x), x => F.elu(x), x => F.leaky_relu(x), x => F.softplus(x), x => clamp(x, 0, 2), x => x.pow(3), x => prod(x), x => max(x) })
            Check.True(ByArgument((x, _) => f(x), false), f.Method.Name);
        foreach (var f in new Func<torch.Tensor, torch.Tensor>[] { exp, sigmoid, tanh, sqrt, neg, relu, x => sum(x), x => mean(x), x => softmax(x, 0), x => log_softmax(x, 0), x => cumsum(x, 0), x => x * 2, x => x + 2, x => x / 2, x => reshape(x, 3, 1), x => flip(x, 0), floor, sign, x => F.dropout(x), x => F.hardtanh(x).detach() + x })
            Check.True(!ByArgument((x, _) => f(x), false), f.Method.Name);
    }

    static torch.Tensor F_gelu(torch.Tensor x) => F.gelu(x);

    public static void WhatSavesItsResult()
    {
        foreach (var f in new Func<torch.Tensor, torch.Tensor>[] { exp, sigmoid, tanh, sqrt, rsqrt, reciprocal, tan, expm1, relu, x => softmax(x, 0), x => log_softmax(x, 0), x => std(x) })
            Check.True(ByResult(f), f.Method.Name);
        foreach (var f in new Func<torch.Tensor, torch.Tensor>[] { log, sin, abs, square, x => sum(x), x => x * 2, x => F.gelu(x), x => F.silu(x), x => cumsum(x, 0), x => clamp(x, 0, 2), x => reshape(x, 3, 1) })
            Check.True(!ByResult(f), f.Method.Name);
    }

    public static void WhatSavesBothOfTwo()
    {
        foreach (var f in new Func<torch.Tensor, torch.Tensor, torch.Tensor>[] { mul, (x, y) => div(x, y), pow, atan2, dot, (x, y) => mul(reshape(x, 3, 1), y), outer, (x, y) => F.mse_loss(x, y), (x, y) => mv(reshape(x, 1, 3), y), (x, y) => F.linear(x, reshape(y, 1, 3)) })
            Check.True(ByArgument(f, true), f.Method.Name);
        foreach (var f in new Func<torch.Tensor, torch.Tensor, torch.Tensor>[] { (x, y) => add(x, y), (x, y) => sub(x, y), (x, y) => cat([x, y]), (x, y) => where(x > 1, x, y), (x, y) => F.l1_loss(x, y), (x, y) => lerp(x, y, 0.5) })
            Check.True(!ByArgument(f, false) && !ByArgument(f, true), f.Method.Name);
    }

    public static void WhoeverWrites()
    {
        Check.True(Raises((x, _) => { var z = x * x; x.detach().add_(1); z.sum().backward(); }));
        Check.True(Raises((x, _) => { var z = x * x; x[TensorIndex.Single(0)] = tensor(5.0); z.sum().backward(); }));
        Check.True(Raises((x, _) => { var z = x[0] * x[1]; x[TensorIndex.Single(2)] = tensor(5.0); z.backward(); }));
        Check.True(Raises((x, y) => { var z = x * y.detach(); y.add_(1); z.sum().backward(); }));
        Check.True(!Raises((x, _) => { var z = x * x; x.data.add_(1); z.sum().backward(); }));
        Check.True(!Raises((x, _) => { var z = x.clone(); x.add_(1); (z * z).sum().backward(); }));

        // The operation in place itself, and what follows it, see what they should.
        Check.True(!Raises((x, y) => { x.mul_(y); x.mul_(y); (x * y).sum().backward(); }));
        Check.True(!Raises((x, _) => F.leaky_relu(x, inplace: true).sum().backward()));
        Check.True(!Raises((x, _) => F.silu(x + 1, inplace: true).mul_(2).sum().backward()));
    }

    public static void TheMessageNamesVersions()
    {
        var w = arange(1, 4).to(float32).requires_grad_();
        var loss = (w * w).sum();
        loss.backward(retain_graph: true);
        optim.SGD([w], 0.1).step();
        Check.Throws<DifferentiationException>(
            () => loss.backward(),
            "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [3]] is at version 1; expected version 0 instead. Hint: enable anomaly detection");
    }
}

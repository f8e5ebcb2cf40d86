namespace Functional.Torch.Tests;

using static Functional.Torch.torch;

/// <summary>Recording, pulling back, and where it stops.</summary>
public static class AutogradTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();

    public static void GradientsAccumulate()
    {
        var x = torch.tensor(new double[] { 1, 2 }, requires_grad: true);
        (x * x).sum().backward();
        (x * 3).sum().backward();
        Check.Close([5.0, 7], Numbers(x.grad!));
    }

    public static void NothingIsRecordedUnderNoGrad()
    {
        var x = torch.ones(2, requires_grad: true);
        using (torch.no_grad())
        {
            Check.True(!(x * 2).requires_grad);
            using (torch.enable_grad()) Check.True((x * 2).requires_grad);
        }
        Check.True((x * 2).requires_grad && torch.is_grad_enabled());
    }

    public static void HigherOrders()
    {
        var x = torch.tensor(2.0, requires_grad: true);
        var first = torch.autograd.grad([x * x * x], [x], create_graph: true)[0]!;
        var second = torch.autograd.grad([first], [x], create_graph: true)[0]!;
        var third = torch.autograd.grad([second], [x])[0]!;
        Check.Close(12, first.ToDouble());
        Check.Close(12, second.ToDouble());
        Check.Close(6, third.ToDouble());
    }

    public static void InputsThatAreNotUsed()
    {
        var (x, y) = (torch.tensor(1.0, requires_grad: true), torch.tensor(1.0, requires_grad: true));
        Check.True(torch.autograd.grad([x * 2], [y], allow_unused: true)[0] is null);
        Check.Throws<Functional.Contract.DifferentiationException>(() => torch.autograd.grad([x * 2], [y]), "appears to not have been used in the graph");
    }

    public static void GradientsOfResults()
    {
        var x = torch.tensor(new double[] { 1, 2 }, requires_grad: true);
        var y = x * 2;
        y.retain_grad();
        var seen = 0.0;
        y.register_hook(g =>
        {
            seen = g.sum().ToDouble();
            return g * 10;
        });
        (y * y).sum().backward();
        Check.Close(12, seen);
        Check.Close([40.0, 80], Numbers(y.grad!));
        Check.Close([80.0, 160], Numbers(x.grad!));
    }

    public static void OnlyNumbersStartByThemselves() =>
        Check.Throws<Functional.Contract.ShapeException>(() => (torch.ones(2, requires_grad: true) * 2).backward(), "grad can be implicitly created only for scalar outputs");

    public static void IntegersHaveNoGradient() =>
        Check.Throws<Functional.Contract.DtypeException>(() => torch.ones([2], int64).requires_grad_(), "only Tensors of floating point and complex dtype can require gradients");

    public static void TransformsTakeFunctionsOfCSharp()
    {
        var x = torch.tensor(new double[] { 1, 2 });
        Check.Close([2.0, 4], Numbers(torch.func.grad(t => (t * t).sum())(x)));
        Check.Close([2.0, 0, 0, 2], Numbers(torch.func.hessian(t => (t * t).sum())(x)));
        Check.Close([3.0, 12], Numbers(torch.func.vmap(t => t * 3 * t.sum())(x)));
    }

    public static void BothKindsOfDifferentiationNest()
    {
        // d/dy (y * d/dx (x * y)) at y = 3 is 2y, whatever tape records what.
        var y = torch.tensor(3.0, requires_grad: true);
        var inner = torch.func.grad(x => x * y)(torch.tensor(2.0));
        (y * inner).backward();
        Check.Close(6, y.grad!.ToDouble());
    }
}

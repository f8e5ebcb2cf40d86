namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;

/// <summary>H447: functions with derivatives of their own; and pointwise functions written as lambdas.</summary>
public static class FunctionTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();
    static torch.Tensor Vector(params double[] numbers) => torch.tensor(numbers, requires_grad: true);

    sealed class Cube : autograd.SingleTensorFunction<Cube>
    {
        public static int Backwards;

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (torch.Tensor)vars[0];
            ctx.save_for_backward(x);
            return x * x * x;
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            Backwards++;
            var x = ctx.saved_tensors[0];
            return [grad_output * 3 * x * x];
        }
    }

    public static void AnyOrder()
    {
        var x = Vector(1, 2);
        var y = Cube.apply(x);
        Check.Equal("CubeBackward0", y.grad_fn!.name());
        var first = autograd.grad([y.sum()], [x], create_graph: true)[0]!;
        var second = autograd.grad([first.sum()], [x], create_graph: true)[0]!;
        var third = autograd.grad([second.sum()], [x])[0]!;
        Check.Close([3.0, 12], Numbers(first));
        Check.Close([6.0, 12], Numbers(second));
        Check.Close([6.0, 6], Numbers(third));
        Check.True(autograd.gradcheck(t => Cube.apply(t), x) && autograd.gradgradcheck(t => Cube.apply(t), x));
    }

    public static void EveryTransform()
    {
        var x = torch.tensor(new double[] { 1, 2 });
        Check.Close([3.0, 24], Numbers(func.jvp(t => Cube.apply(t), x, torch.tensor(new double[] { 1, 2 })).jvp_out));
        Check.Close([3.0, 12], Numbers(func.vmap(func.grad((torch.Tensor t) => Cube.apply(t)))(x)));
        Check.Close([6.0, 0, 0, 12], Numbers(func.hessian(t => Cube.apply(t).sum())(x)));
    }

    sealed class Divided : autograd.MultiTensorFunction<Divided>
    {
        public static bool[] Needs = [];

        public override List<torch.Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, b, scale) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (double)vars[2]);
            var quotient = a / b * scale;
            var whole = torch.floor(quotient);
            ctx.save_for_backward(a, b);
            ctx.save_data("scale", scale);
            ctx.mark_non_differentiable(whole);
            Needs = ctx.needs_input_grad;
            return [quotient, a * b, whole];
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, List<torch.Tensor?> grad_outputs)
        {
            var (a, b, scale) = (ctx.saved_tensors[0], ctx.saved_tensors[1], (double)ctx.get_data("scale")!);
            var (g, h) = (grad_outputs[0]! * scale, grad_outputs[1]!);
            return [g / b + h * b, -g * a / (b * b) + h * a, null];
        }
    }

    public static void SeveralResults()
    {
        var (a, b) = (Vector(3, 4), torch.tensor(new double[] { 2, 5 }));
        var made = Divided.apply(a, b, 10.0);
        Check.SequenceEqual([true, false, false], Divided.Needs);
        Check.True(made[0].requires_grad && made[1].requires_grad && !made[2].requires_grad);
        (made[0].sum() + made[1].sum()).backward();
        Check.Close([5.0 + 2, 2 + 5], Numbers(a.grad!));
        Check.True(autograd.gradgradcheck(x => [.. Divided.apply(x[0], x[1], 3.0).Take(2)], [Vector(1, 2), Vector(3, 4)]));
    }

    sealed class Once : autograd.SingleTensorFunction<Once>
    {
        public override bool once_differentiable => true;
        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((torch.Tensor)vars[0]).square();
        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) => [grad_output * 2];
    }

    public static void OnceOnly()
    {
        var x = Vector(1, 2);
        var gradient = autograd.grad([Once.apply(x).sum()], [x], create_graph: true)[0]!;
        Check.Close([2.0, 2], Numbers(gradient));
        Check.Throws<DifferentiationException>(() => autograd.grad([gradient.sum()], [x]), "trying to differentiate twice a function that was marked with @once_differentiable");
    }

    sealed class Doubled : autograd.SingleTensorFunction<Doubled>
    {
        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (torch.Tensor)vars[0];
            ctx.mark_dirty(x);
            return x.mul_(2);
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) => [grad_output * 2];
    }

    public static void InPlace()
    {
        var x = Vector(1, 2);
        var y = x * 3;
        var z = Doubled.apply(y);
        Check.True(ReferenceEquals(y, z));
        Check.Close([6.0, 12], Numbers(y));
        y.sum().backward();
        Check.Close([6.0, 6], Numbers(x.grad!));
    }

    sealed class Wrong : autograd.SingleTensorFunction<Wrong>
    {
        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((torch.Tensor)vars[0]).clone();
        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) => [torch.ones(7), grad_output];
    }

    public static void Mistakes()
    {
        var x = Vector(1, 2);
        Check.Throws<DifferentiationException>(() => Wrong.apply(x).sum().backward(), "returned an incorrect number of gradients (expected 1, got 2)");
        Check.Throws<ShapeException>(() => Wrong.apply(x, torch.ones(2)).sum().backward(), "returned an invalid gradient at index 0");
    }

    public static void BackwardRunsOnceForAllArguments()
    {
        var (a, b) = (Vector(3), Vector(2));
        Cube.Backwards = 0;
        (Cube.apply(a) * Cube.apply(b)).sum().backward();
        Check.Equal(2, Cube.Backwards);
    }

    public static void Lambdas()
    {
        var x = Vector(-1, 0.5, 2);
        var y = torch.map(e => Elementwise.where(e > 0, e * Elementwise.tanh(e), -e * e / 2), x);
        Check.Close([-0.5, 0.5 * Math.Tanh(0.5), 2 * Math.Tanh(2)], Numbers(y));
        Check.True(autograd.gradcheck(t => t.map(e => e * Elementwise.exp(-e * e)), x));
        Check.True(autograd.gradgradcheck(t => torch.map((a, b) => a * Elementwise.sin(b), t, t), x));
        Check.Close([2.0, 3, 3, 4], Numbers(torch.map((a, b) => a + b, torch.tensor(new double[,] { { 1 }, { 2 } }), torch.tensor(new double[] { 1, 2 }))));
    }
}

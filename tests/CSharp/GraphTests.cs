namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;

/// <summary>The graph that operations leave behind: walking it, letting go of it, looking at it.</summary>
public static class GraphTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();
    static torch.Tensor Vector(params double[] numbers) => torch.tensor(numbers, requires_grad: true);

    public static void ASecondTimeNeedsTheGraph()
    {
        var x = Vector(1, 2);
        var y = (x * x).sum();
        y.backward(retain_graph: true);
        y.backward();
        Check.Close([4.0, 8], Numbers(x.grad!));
        Check.Throws<DifferentiationException>(() => y.backward(), "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed).");
        Check.Throws<DifferentiationException>(() => autograd.grad([y], [x], create_graph: true), "Trying to backward through the graph a second time");
        Check.Close([4.0, 8], Numbers(x.grad!));
    }

    public static void WhatSavesNothingIsNeverFreed()
    {
        var x = Vector(1, 2);
        var y = (x + 1).reshape(2, 1).t().sum();
        y.backward();
        y.backward();
        Check.Close([2.0, 2], Numbers(x.grad!));
    }

    public static void OnlyWhatWasWalkedIsFreed()
    {
        var x = Vector(1, 2);
        var h = x * x;
        var y = (h * h).sum();
        Check.Close([2.0, 8], Numbers(autograd.grad([y], [h])[0]!));
        h.sum().backward();
        Check.Close([2.0, 4], Numbers(x.grad!));
    }

    public static void MemoryComesBackWhileTheLossIsHeld()
    {
        // 60 tensors of 4 MB on each tape: held by 20 losses, they would be 4.8 GB. What other tests took before does not count, nor
        // how much garbage was allowed to gather while they had gigabytes in use.
        Cpu.CpuMemory.Trim();
        var before = Environment.WorkingSet;
        var x = torch.ones([1000, 1000], requires_grad: true);
        var losses = new List<torch.Tensor>();
        for (var step = 0; step < 20; step++)
        {
            var h = x;
            for (var i = 0; i < 30; i++) h = torch.cumsum(h.tanh(), 0) * 0.001;
            losses.Add(h.sum());
            losses[^1].backward();
        }
        GC.Collect();
        Check.True(Environment.WorkingSet - before < 2_000_000_000);
        Check.True(losses.All(l => l.requires_grad));
    }

    public static void Functions()
    {
        var (x, w) = (Vector(1, 2), torch.tensor(new double[] { 3, 4 }));
        var y = torch.exp(x * w);
        Check.Equal("ExpBackward0", y.grad_fn!.name());
        Check.Equal("<MulBackward0>", y.grad_fn.next_functions[0].function!.ToString());
        var (leaf, constant) = (y.grad_fn.next_functions[0].function!.next_functions[0].function, y.grad_fn.next_functions[0].function!.next_functions[1].function);
        Check.Equal("AccumulateGrad", leaf!.name());
        Check.True(ReferenceEquals(x, leaf.variable) && constant is null && x.grad_fn is null && w.grad_fn is null);
    }

    public static void Hooks()
    {
        var x = Vector(1, 2);
        var log = new List<string>();
        using (x.register_hook(g => { log.Add("gradient"); return g * 10; }))
        {
            x.register_post_accumulate_grad_hook(t => log.Add($"accumulated {t.grad!.sum().ToDouble()}"));
            (x * 3).sum().backward();
        }
        (x * 3).sum().backward();
        Check.SequenceEqual(["gradient", "accumulated 60", "accumulated 66"], log);
        Check.Throws<DifferentiationException>(() => (x * 2).register_post_accumulate_grad_hook(_ => { }), "post accumulate grad hooks cannot be registered on non-leaf tensors");
    }

    public static void BatchesOfGradients()
    {
        var x = Vector(1, 2);
        var rows = autograd.grad([x * x], [x], [torch.eye(2, dtype: float64)], is_grads_batched: true)[0]!;
        Check.Close([2.0, 0, 0, 4], Numbers(rows));
    }

    public static void TheFirstNanHasAName()
    {
        using var _ = autograd.detect_anomaly();
        var x = Vector(0.0);
        var y = torch.sqrt(x) * 0;
        var error = Check.Throws<DifferentiationException>(() => y.sum().backward(), "Function 'SqrtBackward0' returned nan values in its 0th output.");
        Check.True(error.Message.Contains(nameof(TheFirstNanHasAName)));
        Check.True(torch.is_anomaly_enabled() && torch.is_anomaly_check_nan_enabled());
    }

    public static void Scopes()
    {
        using (torch.inference_mode()) Check.True(torch.is_inference_mode_enabled() && !torch.is_grad_enabled());
        using (torch.no_grad()) Check.True(!torch.is_inference_mode_enabled());
        torch.set_grad_enabled(false);
        Check.True(!(Vector(1) * 2).requires_grad);
        torch.set_grad_enabled(true);
        Check.True((Vector(1) * 2).requires_grad && !torch.is_anomaly_enabled());
    }

    public static void InPlaceOnLeaves()
    {
        var x = Vector(1, 2);
        Check.Throws<DifferentiationException>(() => x.add_(1), "a leaf Variable that requires grad is being used in an in-place operation.");
        Check.Throws<DtypeException>(() => torch.ones([2], int64).requires_grad_(), "only Tensors of floating point and complex dtype can require gradients");
        Check.Throws<DifferentiationException>(() => (x * 2).requires_grad_(false), "you can only change requires_grad flags of leaf variables.");
        using (torch.no_grad()) x.add_(1);
        Check.Close([2.0, 3], Numbers(x));
    }

    public static void Data()
    {
        var x = Vector(1, 2);
        x.data.mul_(10);
        Check.Close([10.0, 20], Numbers(x));
        x.data = torch.tensor(new double[] { 5, 6, 7 });
        Check.True(x.requires_grad && x.is_leaf && x.shape[0] == 3);
        (x * x).sum().backward();
        Check.Close([10.0, 12, 14], Numbers(x.grad!));
        Check.Throws<DtypeException>(() => x.data = torch.ones([2], int64));
    }

    public static void Recomputation()
    {
        var layer = nn.Linear(3, 3, dtype: float64);
        var x = torch.randn([2, 3], dtype: float64, requires_grad: true);
        var runs = 0;
        torch.Tensor Block(torch.Tensor t)
        {
            runs++;
            return nn.functional.dropout(layer.call(t).tanh(), 0.5);
        }

        torch.manual_seed(3);
        Block(x).square().sum().backward();
        var (gx, gw) = (x.grad!, layer.weight.grad!);
        (x.grad, layer.weight.grad, runs) = (null, null, 0);

        torch.manual_seed(3);
        var y = utils.checkpoint.checkpoint(Block, x).square().sum();
        Check.Equal(1, runs);
        y.backward();
        Check.Equal(2, runs);
        Check.SequenceEqual(Numbers(gx), Numbers(x.grad!));
        Check.SequenceEqual(Numbers(gw), Numbers(layer.weight.grad!));

        var z = torch.tensor(2.0, requires_grad: true);
        var first = autograd.grad([utils.checkpoint.checkpoint(t => t * t * t, z)], [z], create_graph: true)[0]!;
        Check.Close(12, autograd.grad([first], [z])[0]!.ToDouble());
        // What a second part takes comes from the first one, and what that took is taken again.
        torch.Tensor Twice(Func<Func<torch.Tensor[], torch.Tensor>, torch.Tensor[], torch.Tensor> part)
        {
            z.grad = null;
            var inner = part(t => t[0] * t[0], [z]);
            part(t => t[0] * t[1] * t[1], [z, inner]).backward();
            return z.grad!;
        }
        Check.Close(80, Twice((f, args) => f(args)).ToDouble());
        Check.Close(80, Twice((f, args) => utils.checkpoint.checkpoint(t => [f(t)], args)[0]).ToDouble());
        Check.Close([8.0 * 8], [utils.checkpoint.checkpoint_sequential([t => t * 2, t => t * 2, t => t * t], 2, z).ToDouble()]);
    }

    public static void Duals()
    {
        var (x, v) = (Vector(1, 2), torch.tensor(new double[] { 1, 10 }));
        using (autograd.forward_ad.dual_level())
        {
            var dual = autograd.forward_ad.make_dual(x, v);
            var (value, tangent) = autograd.forward_ad.unpack_dual(dual * dual);
            Check.Close([1.0, 4], Numbers(value));
            Check.Close([2.0, 40], Numbers(tangent!));
            Check.True(autograd.forward_ad.unpack_dual(x * 2).tangent is null);
            // Forward over reverse: the tangent is recorded too.
            tangent!.sum().backward();
            Check.Close([2.0, 20], Numbers(x.grad!));
            Check.Throws<ShapeException>(() => autograd.forward_ad.make_dual(x, torch.ones([3], float64)), "Trying to set a forward gradient that has a different size");
        }
        Check.Throws<DifferentiationException>(() => autograd.forward_ad.make_dual(x, v), "no level exists");
    }

    public static void FunctionalDerivatives()
    {
        var (x, v) = (Vector(1, 2), torch.tensor(new double[] { 1, 10 }));
        Check.Close([2.0, 0, 0, 4], Numbers(autograd.functional.jacobian(t => t * t, x)));
        Check.Close([2.0, 0, 0, 4], Numbers(autograd.functional.jacobian(t => t * t, x, strategy: "forward-mode")));
        Check.Close([6.0, 0, 0, 12], Numbers(autograd.functional.hessian(t => t.pow(3).sum(), x)));
        Check.Close([6.0, 120], Numbers(autograd.functional.hvp(t => t.pow(3).sum(), x, v).hvp));
        Check.Close([6.0, 120], Numbers(autograd.functional.vhp(t => t.pow(3).sum(), x, v).vhp));
        Check.Close([2.0, 40], Numbers(autograd.functional.jvp(t => t * t, x, v).jvp));
        Check.Close([2.0, 40], Numbers(autograd.functional.vjp(t => t * t, x, v).vjp));
        var both = autograd.functional.hessian(t => (t[0] * t[1].square()).sum(), [x, Vector(3, 4)]);
        Check.Close([6.0, 0, 0, 8], Numbers(both[0][1]));
        var again = autograd.functional.jacobian(t => t * t, x, create_graph: true);
        again.sum().backward();
        Check.Close([2.0, 2], Numbers(x.grad!));
        Check.True(!autograd.functional.jacobian(t => t * t, x).requires_grad);
        Check.Throws<DifferentiationException>(() => autograd.functional.jacobian(t => torch.ones([2], float64), x, strict: true), "is independent of input 0. This is not allowed in strict mode.");
        Check.Throws<ShapeException>(() => autograd.functional.vjp(t => t * t, x), "The vector v can only be None");
    }

    public static void TransformsOfSeveralArguments()
    {
        var (x, y) = (torch.tensor(new double[] { 1, 2 }), torch.tensor(new double[] { 3, 4 }));
        torch.Tensor Product(torch.Tensor[] t) => (t[0] * t[1].square()).sum();
        Check.Close([9.0, 16], Numbers(func.grad(Product)([x, y])[0]));
        Check.Close([6.0, 16], Numbers(func.grad(Product, 1)([x, y])[0]));
        Check.Close(41, func.grad_and_value(Product, 0, 1)([x, y]).value.ToDouble());
        Check.Close([6.0, 0, 0, 16], Numbers(func.jacrev(t => [t[0] * t[1].square()], 1)([x, y])[0][0]));
        Check.Close([6.0, 0, 0, 16], Numbers(func.jacfwd(t => [t[0] * t[1].square()], 1)([x, y])[0][0]));
        Check.Close([4.0, 6, 8], Numbers(func.vmap(t => [t[0] + t[1].sum()], [0, null])([torch.tensor(new double[] { 1, 3, 5 }), torch.tensor(new double[] { 1, 2 })])[0]));
        var (value, pull) = func.vjp(t => t * t, x);
        Check.Close([2.0, 4], Numbers(pull(torch.ones_like(value))));
    }

    public static void FunctionalCalls()
    {
        var layer = nn.Linear(2, 1, dtype: float64);
        var before = Numbers(layer.weight);
        var given = new Dictionary<string, torch.Tensor> { ["weight"] = torch.tensor(new double[,] { { 1, 2 } }), ["bias"] = torch.tensor(new double[] { 3 }) };
        var x = torch.tensor(new double[] { 10, 20 });
        Check.Close([53.0], Numbers(func.functional_call(layer, given, x)));
        Check.SequenceEqual(before, Numbers(layer.weight));
        var slope = func.grad(w => func.functional_call(layer, new Dictionary<string, torch.Tensor> { ["weight"] = w }, x).sum())(given["weight"]);
        Check.Close([10.0, 20], Numbers(slope));
        Check.Throws<ArgumentValueException>(() => func.functional_call(layer, new Dictionary<string, torch.Tensor> { ["weights"] = x }, x), "has no attribute `weights`");
    }

    public static void GradientsThatAreWrongAreFound()
    {
        var x = Vector(1, 2);
        Check.True(!autograd.gradcheck(t => Lying.apply(t), x, raise_exception: false));
        Check.Throws<DifferentiationException>(() => autograd.gradcheck(t => Lying.apply(t), x), "Jacobian mismatch for output 0 with respect to input 0,\nnumerical:");
        Check.Throws<DtypeException>(() => autograd.gradcheck(t => t * t, torch.ones([2], float32)), "double precision");
    }

    sealed class Lying : autograd.SingleTensorFunction<Lying>
    {
        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((torch.Tensor)vars[0]).square();
        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) => [grad_output];
    }

    public static void Storages()
    {
        var x = torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        var storage = x[1].storage();
        Check.True(torch.is_storage(storage) && !torch.is_storage(x));
        storage[3] = 9;
        Check.Equal(4, storage.Count);
        Check.Close([1.0, 2, 3, 9], Numbers(x));
    }
}

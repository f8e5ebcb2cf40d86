namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>DataParallel over threads: results and gradients are those of one worker, bit for bit.</summary>
public static class DataParallelTests
{
    static float[] Bits(Tensor tensor) => [.. tensor.detach().reshape(-1).data<float>()];

    static nn.Module<Tensor, Tensor> Net() =>
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3), nn.ReLU(inplace: true), nn.Flatten(), nn.Linear(64, 3));

    /// <summary>Result, gradients of input and parameters, running statistics, and what the default generator gives next.</summary>
    static float[][] Trained(nn.Module<Tensor, Tensor> model, Tensor x)
    {
        manual_seed(5);
        x = x.clone().requires_grad_();
        var y = model.call(x);
        (y * y + y).sum().backward();
        return [Bits(y), Bits(x.grad!), .. model.parameters().Select(p => Bits(p.grad!)), .. model.buffers().Select(b => Bits(b.to(ScalarType.Float32))), Bits(rand(3))];
    }

    static void Same(float[][] expected, float[][] actual)
    {
        Check.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual)) Check.SequenceEqual(e.Select(BitConverter.SingleToInt32Bits), a.Select(BitConverter.SingleToInt32Bits));
    }

    public static void Any_number_of_workers_gives_the_bits_of_one()
    {
        manual_seed(3);
        var model = Net();
        // 13 is cut into parts of two and one of one, 16 evenly, 3 into single examples.
        foreach (var batch in new[] { 13L, 16, 3 })
        {
            var x = randn(batch, 1, 6, 6);
            var one = Trained(nn.DataParallel(model.deepcopy(), [0]), x);
            foreach (var workers in new long[]?[] { [0, 1], [0, 1, 2], null })
                for (var again = 0; again < 5; again++)
                    Same(one, Trained(nn.DataParallel(model.deepcopy(), workers), x));
        }
    }

    public static void Parts_come_together_as_in_the_whole()
    {
        manual_seed(3);
        var model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 2));
        var (alone, parallel) = (model.deepcopy(), nn.DataParallel(model.deepcopy(), [0, 1]));
        Check.SequenceEqual(alone.state_dict().Keys.Select(k => "module." + k), parallel.state_dict().Keys);
        var x = randn(11, 5);
        var (whole, parts) = (Trained(alone, x), Trained(parallel, x));
        Check.Equal(whole.Length, parts.Length);
        foreach (var (a, b) in whole.Zip(parts)) Check.Close(a.Select(v => (double)v), b.Select(v => (double)v), 1e-5);
        // Along another dimension.
        var turned = nn.DataParallel(nn.ReLU(), [0, 1], dim: 1).call(x);
        Check.SequenceEqual(Bits(x.relu()), Bits(turned));
    }

    /// <summary>Weights that are computed before each call are computed in every copy, and their sources learn.</summary>
    public static void Computed_weights_and_hooks_work_in_parts()
    {
        manual_seed(4);
        var model = nn.Sequential(nn.utils.weight_norm(nn.Linear(5, 6)), nn.Tanh(), nn.utils.spectral_norm(nn.Linear(6, 4)), nn.utils.prune.l1_unstructured(nn.Linear(4, 2), "weight", 0.5));
        model.register_forward_hook((_, _, result) => result * 2);
        var (alone, parallel) = (model.deepcopy(), nn.DataParallel(model.deepcopy(), [0, 1]));
        var x = randn(9, 5);
        var (whole, parts) = (Trained(alone, x), Trained(parallel, x));
        Check.Equal(whole.Length, parts.Length);
        foreach (var (a, b) in whole.Zip(parts)) Check.Close(a.Select(v => (double)v), b.Select(v => (double)v), 1e-5);
        Same(Trained(nn.DataParallel(model.deepcopy(), [0]), x), Trained(nn.DataParallel(model.deepcopy(), [0, 1, 2]), x));
    }

    public static void Directions_pass_through_the_parts()
    {
        manual_seed(5);
        var model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid());
        var (x, direction) = (randn(10, 3), randn(10, 3));
        using var level = autograd.forward_ad.dual_level();
        Tensor Tangent(nn.Module<Tensor, Tensor> m) => autograd.forward_ad.unpack_dual(m.call(autograd.forward_ad.make_dual(x, direction))).tangent!;
        Check.Close(Bits(Tangent(model)).Select(v => (double)v), Bits(Tangent(nn.DataParallel(model, [0, 1]))).Select(v => (double)v), 1e-5);
    }

    public static void Gradients_can_be_differentiated_again()
    {
        manual_seed(6);
        var model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid());
        var x = randn(10, 3).requires_grad_();
        double[] Second(nn.Module<Tensor, Tensor> m)
        {
            var slope = autograd.grad(m.call(x).sum(), [x], create_graph: true)[0]!;
            return [.. autograd.grad(slope.square().sum(), model.parameters()).Take(1).SelectMany(g => Bits(g!)).Select(v => (double)v)];
        }
        Check.Close(Second(model), Second(nn.DataParallel(model, [0, 1, 2])), 1e-5);
    }

    public static void A_batch_of_one_is_the_module_itself()
    {
        manual_seed(3);
        var model = Net();
        var x = randn(1, 1, 6, 6);
        Same(Trained(model.deepcopy(), x), Trained(nn.DataParallel(model.deepcopy(), [0, 1, 2]), x));
    }

    sealed class Asking : nn.Module<Tensor, Tensor>
    {
        // Static, since copies of a module have collections of their own.
        public static readonly System.Collections.Concurrent.ConcurrentBag<(bool, bool, bool)> Seen = [];
        public static readonly System.Collections.Concurrent.ConcurrentDictionary<int, bool> Threads = [];
        public static bool NeedsSeveral;

        public override Tensor forward(Tensor input)
        {
            Seen.Add((is_grad_enabled(), is_inference_mode_enabled(), is_autocast_enabled("cpu")));
            Threads[Environment.CurrentManagedThreadId] = true;
            // Nobody does everything alone.
            if (NeedsSeveral) Check.True(SpinWait.SpinUntil(() => Threads.Count > 1, 10_000));
            return input.size(0) == 2 && input[1].ToDouble() == 5 ? throw new InvalidOperationException("example 5 is broken") : input;
        }
    }

    public static void Scopes_hold_in_workers()
    {
        var parallel = nn.DataParallel(new Asking(), [0, 1, 2]);
        var x = ones(16).requires_grad_();
        (bool, bool, bool)[] Saw()
        {
            Asking.Seen.Clear();
            Asking.Threads.Clear();
            Asking.NeedsSeveral = true;
            for (var i = 0; i < 5; i++) Check.Equal(is_grad_enabled(), parallel.call(x).requires_grad);
            Check.Equal(5 * 8, Asking.Seen.Count);
            Asking.NeedsSeveral = false;
            return [.. Asking.Seen.Distinct()];
        }
        Check.SequenceEqual([(true, false, false)], Saw());
        using (no_grad()) Check.SequenceEqual([(false, false, false)], Saw());
        using (inference_mode()) Check.SequenceEqual([(false, true, false)], Saw());
        using (autocast("cpu")) Check.SequenceEqual([(true, false, true)], Saw());
        // A thread of the pool is as it was before.
        Check.SequenceEqual([(true, false, false)], Saw());
    }

    public static void An_exception_arrives()
    {
        foreach (var workers in new long[][] { [0], [0, 1, 2] })
        {
            var error = Check.Throws<InvalidOperationException>(() => nn.DataParallel(new Asking(), workers).call(arange(16).to(ScalarType.Float32)), "example 5 is broken");
            Check.True(error.StackTrace!.Contains(nameof(Asking)));
        }
    }

    public static void A_module_that_is_not_made_yet_is_refused() =>
        Check.Throws<Contract.ArgumentValueException>(() => nn.DataParallel(nn.Sequential(nn.LazyLinear(2)), [0, 1]).call(ones(4, 3)),
            "Modules with uninitialized parameters can't be used with `DataParallel`. Run a dummy forward pass to correctly initialize the modules");
}

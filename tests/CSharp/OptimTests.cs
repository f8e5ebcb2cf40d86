namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Optimizers and schedulers as users of PyTorch write them.</summary>
public static class OptimTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).data<double>()];

    static void Step(optim.Optimizer optimizer, Tensor w)
    {
        optimizer.zero_grad();
        (w * w * w + w).sum().backward();
        optimizer.step();
    }

    static readonly Dictionary<string, Func<Tensor[], optim.Optimizer>> all = new()
    {
        ["SGD"] = w => optim.SGD(w, 0.1, momentum: 0.9),
        ["Adam"] = w => optim.Adam(w, amsgrad: true),
        ["AdamW"] = w => optim.AdamW(w),
        ["NAdam"] = w => optim.NAdam(w),
        ["RAdam"] = w => optim.RAdam(w),
        ["Adamax"] = w => optim.Adamax(w),
        ["Adagrad"] = w => optim.Adagrad(w, lr_decay: 0.1),
        ["Adadelta"] = w => optim.Adadelta(w),
        ["RMSprop"] = w => optim.RMSprop(w, momentum: 0.5, centered: true),
        ["Rprop"] = w => optim.Rprop(w),
        ["ASGD"] = w => optim.ASGD(w, t0: 2),
    };

    /// <summary>maximize goes up: as the same optimizer with the gradient turned round goes down.</summary>
    public static void Maximize_is_minimizing_the_opposite()
    {
        (Func<Tensor[], optim.Optimizer> Up, Func<Tensor[], optim.Optimizer> Down)[] pairs =
        [
            (w => optim.NAdam(w, 0.1, weight_decay: 0, maximize: true), w => optim.NAdam(w, 0.1)),
            (w => optim.RAdam(w, 0.1, maximize: true), w => optim.RAdam(w, 0.1)),
            (w => optim.Adam(w, 0.1, maximize: true), w => optim.Adam(w, 0.1)),
        ];
        foreach (var (makeUp, makeDown) in pairs)
        {
            var (a, b) = (tensor(new[] { 1.0, -2.0, 0.5 }).requires_grad_(), tensor(new[] { 1.0, -2.0, 0.5 }).requires_grad_());
            var (up, down) = (makeUp([a]), makeDown([b]));
            for (var i = 0; i < 7; i++)
            {
                Step(up, a);
                down.zero_grad();
                (-(b * b * b + b)).sum().backward();
                down.step();
            }
            Check.Close(Numbers(a), Numbers(b), 1e-9);
            Check.Equal(true, up.param_groups[0]["maximize"]);
        }
    }

    /// <summary>H448, H449, H451, H471</summary>
    public static void A_saved_optimizer_goes_on_as_the_first_would()
    {
        foreach (var (name, make) in all)
        {
            var w = tensor(new[] { 1.0, -2.0, 0.5 }).requires_grad_();
            var first = make([w]);
            for (var i = 0; i < 3; i++) Step(first, w);

            var other = w.detach().clone().requires_grad_();
            var second = make([other]);
            second.load_state_dict(first.state_dict());
            for (var i = 0; i < 4; i++)
            {
                Step(first, w);
                Step(second, other);
            }
            Check.Close(Numbers(w), Numbers(other), 1e-6, name);
        }
    }

    /// <summary>H493, H497, H498: what Adam keeps.</summary>
    public static void State_has_PyTorchs_names()
    {
        var w = ones(2).requires_grad_();
        var optimizer = optim.Adam([w]);
        Step(optimizer, w);
        var saved = optimizer.state_dict();
        Check.SequenceEqual(["state", "param_groups"], saved.Keys);
        var state = ((Dictionary<long, Dictionary<string, object?>>)saved["state"])[0];
        Check.SequenceEqual(["step", "exp_avg", "exp_avg_sq"], state.Keys);
        var group = ((List<Dictionary<string, object?>>)saved["param_groups"])[0];
        Check.SequenceEqual([0L], (IEnumerable<long>)group["params"]!);
        Check.Equal(0.001, (double)group["lr"]!);
    }

    /// <summary>
    /// H458, H488, H489, H490, H491, H492, H494, H495, H496, H499, H500, H501, H502, H503, H504, H505, H506, H507:
    /// Adam against its recurrence, with every option.
    /// </summary>
    public static void Adam_is_its_recurrence()
    {
        foreach (var amsgrad in new[] { false, true })
        {
            var (lr, beta1, beta2, eps, decay) = (0.1, 0.8, 0.95, 1e-6, 0.05);
            var w = tensor(new[] { 1.5 }).requires_grad_();
            var optimizer = optim.Adam([w], lr, betas: (beta1, beta2), eps: eps, weight_decay: decay, amsgrad: amsgrad);
            var (p, m, v, largest) = (1.5, 0.0, 0.0, 0.0);
            for (var t = 1; t <= 10; t++)
            {
                Step(optimizer, w);
                var g = 3 * p * p + 1 + decay * p;
                (m, v) = (beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g);
                largest = Math.Max(largest, v);
                p -= lr * (m / (1 - Math.Pow(beta1, t))) / (Math.Sqrt((amsgrad ? largest : v) / (1 - Math.Pow(beta2, t))) + eps);
            }
            Check.Close([p], Numbers(w), 1e-10);
        }
        var defaults = optim.Adam([ones(1).requires_grad_()]).defaults;
        Check.Equal(0.001, (double)defaults["lr"]!);
        Check.SequenceEqual([0.9, 0.999], (double[])defaults["betas"]!);
        Check.Equal(1e-8, (double)defaults["eps"]!);
        Check.Equal(0.0, (double)defaults["weight_decay"]!);
    }

    public static void Factors_have_TorchSharps_names_too()
    {
        foreach (var (pair, names) in new (Func<Tensor[], optim.Optimizer>, Func<Tensor[], optim.Optimizer>)[]
        {
            (w => optim.Adam(w, 0.1, betas: (0.8, 0.9), amsgrad: true), w => optim.Adam(w, 0.1, beta1: 0.8, beta2: 0.9, amsgrad: true)),
            (w => optim.AdamW(w, 0.1, betas: (0.8, 0.9)), w => optim.AdamW(w, 0.1, beta1: 0.8, beta2: 0.9)),
            (w => optim.NAdam(w, 0.1, betas: (0.8, 0.9)), w => optim.NAdam(w, 0.1, beta1: 0.8, beta2: 0.9)),
            (w => optim.RAdam(w, 0.1, betas: (0.8, 0.9)), w => optim.RAdam(w, 0.1, 0.8, 0.9)),
            (w => optim.Adamax(w, 0.1, betas: (0.8, 0.9)), w => optim.Adamax(w, 0.1, 0.8, 0.9)),
        })
        {
            Tensor a = tensor(new[] { 1.0, -2.0 }).requires_grad_(), b = tensor(new[] { 1.0, -2.0 }).requires_grad_();
            var (first, second) = (pair([a]), names([b]));
            for (var i = 0; i < 7; i++) { Step(first, a); Step(second, b); }
            Check.SequenceEqual(Numbers(a), Numbers(b));
        }
    }

    /// <summary>H472, H473, H474: RMSprop against its recurrence.</summary>
    public static void RMSprop_is_its_recurrence()
    {
        var w = tensor(new[] { 1.5 }).requires_grad_();
        var optimizer = optim.RMSprop([w], 0.01, alpha: 0.9, momentum: 0.5, centered: true);
        var (p, square, mean, buffer) = (1.5, 0.0, 0.0, 0.0);
        for (var t = 0; t < 10; t++)
        {
            Step(optimizer, w);
            var g = 3 * p * p + 1;
            (square, mean) = (0.9 * square + 0.1 * g * g, 0.9 * mean + 0.1 * g);
            buffer = 0.5 * buffer + g / (Math.Sqrt(square - mean * mean) + 1e-8);
            p -= 0.01 * buffer;
        }
        Check.Close([p], Numbers(w), 1e-10);
    }

    public static void LBFGS_goes_on_after_loading()
    {
        Tensor Start() => tensor(new[] { 1.0, -2.0, 0.5 }).requires_grad_();
        optim.Optimizer Make(Tensor w) => optim.LBFGS([w], max_iter: 3, line_search_fn: "strong_wolfe");
        static Func<Tensor> Closure(optim.Optimizer optimizer, Tensor w) => () =>
        {
            optimizer.zero_grad();
            var loss = (w.pow(4) - w).sum();
            loss.backward();
            return loss;
        };
        var w = Start();
        var first = Make(w);
        first.step(Closure(first, w));
        var other = w.detach().clone().requires_grad_();
        var second = Make(other);
        second.load_state_dict(first.state_dict());
        for (var i = 0; i < 8; i++)
        {
            first.step(Closure(first, w));
            second.step(Closure(second, other));
        }
        Check.Close(Numbers(w), Numbers(other));
        Check.Close(Enumerable.Repeat(Math.Pow(0.25, 1.0 / 3), 3), Numbers(w), 1e-4);
    }

    public static void Options_that_make_no_sense_are_refused()
    {
        Tensor[] w = [ones(1).requires_grad_()];
        Check.Throws<Functional.Contract.ArgumentValueException>(() => optim.Adam(w, lr: -1), "Invalid learning rate: -1");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => optim.Adam(w, betas: (0.9, 1.0)), "Invalid beta parameter at index 1: 1");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => optim.SGD(w, 0.1, nesterov: true), "Nesterov momentum requires a momentum and zero dampening");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => optim.Adadelta(w, rho: 2), "Invalid rho value: 2");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => optim.Adam(Array.Empty<Tensor>().Select(t => new optim.ParamGroup([t]))), "optimizer got an empty parameter list");
    }

    public static void Averages_of_models()
    {
        var model = nn.Linear(1, 1, bias: false);
        void Set(double value) { using (no_grad()) model.weight.fill_(value); }
        var (mean, faded) = (optim.swa_utils.AveragedModel(model), optim.swa_utils.AveragedModel(model, avg_fn: optim.swa_utils.get_ema_avg_fn(0.9)));
        foreach (var value in new[] { 1.0, 4.0, 10.0 })
        {
            Set(value);
            mean.update_parameters(model);
            faded.update_parameters(model);
        }
        Check.Close([5], Numbers(mean.call(ones(1, 1))));
        Check.Close([0.9 * (0.9 * 1 + 0.1 * 4) + 0.1 * 10], Numbers(faded.call(ones(1, 1))), 1e-5);

        var norm = nn.BatchNorm1d(1);
        optim.swa_utils.update_bn([tensor(new[,] { { 1f }, { 3f } }), tensor(new[,] { { 5f }, { 7f } })], norm);
        Check.Close([4], Numbers(norm.running_mean!));
    }

    public static void Schedulers_go_on_after_loading()
    {
        optim.Optimizer Make() => optim.SGD([ones(1).requires_grad_()], 0.5, momentum: 0.9);
        var kinds = new Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>[]
        {
            o => optim.lr_scheduler.StepLR(o, 2),
            o => optim.lr_scheduler.CosineAnnealingLR(o, 5),
            o => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 3),
            o => optim.lr_scheduler.OneCycleLR(o, 0.4, 12),
            o => optim.swa_utils.SWALR(o, 0.05, 4),
            o => optim.lr_scheduler.MultiStepLR(o, [2, 5]),
            o => optim.lr_scheduler.ExponentialLR(o, 0.8),
            o => optim.lr_scheduler.LambdaLR(o, t => 1.0 / (1 + t)),
            o => optim.lr_scheduler.MultiplicativeLR(o, t => 0.9),
            o => optim.lr_scheduler.ConstantLR(o, 0.5, 6),
            o => optim.lr_scheduler.LinearLR(o, 0.2, 0.9, 6),
            o => optim.lr_scheduler.PolynomialLR(o, 7, 2),
            o => optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
            o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 2, cooldown: 1),
            o => optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.ConstantLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)]),
            o => optim.lr_scheduler.SequentialLR(o, [optim.lr_scheduler.ConstantLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)], [3]),
        };
        foreach (var kind in kinds)
        {
            var (first, second) = (Make(), Make());
            var (a, b) = (kind(first), kind(second));
            // A measure that gets no better.
            for (var i = 0; i < 4; i++) a.step(1.0);
            using var file = new MemoryStream();
            save(new Dictionary<string, object> { ["schedule"] = a.state_dict(), ["optimizer"] = first.state_dict() }, file);
            file.Position = 0;
            var saved = (Dictionary<string, object>)load(file)!;
            b.load_state_dict((Dictionary<string, object>)saved["schedule"]);
            second.load_state_dict((Dictionary<string, object>)saved["optimizer"]);
            for (var i = 0; i < 4; i++)
            {
                a.step(1.0);
                b.step(1.0);
                Check.SequenceEqual(a.get_last_lr(), b.get_last_lr());
                Check.Equal(first.param_groups[0]["momentum"], second.param_groups[0]["momentum"]);
            }
        }
    }
}

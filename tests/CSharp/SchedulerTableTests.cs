namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Learning rates of the schedulers against those of PyTorch 1.13.</summary>
public static class SchedulerTableTests
{
    static optim.Optimizer SGD() => optim.SGD([ones(1).requires_grad_()], 0.5, momentum: 0.9);

    static double Rate(optim.Optimizer optimizer) => optimizer.param_groups[0].LearningRate;

    /// <summary>The rate at first and after each step, from 0.5. Cyclic schedules: after each step the momentum too.</summary>
    static readonly (string Name, Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> Make, double[] Expected)[] table =
    [
        ("MultiplicativeLR", o => optim.lr_scheduler.MultiplicativeLR(o, t => 1 / (1 + 0.1 * t)),
            [0.5, 0.45454545454545453, 0.3787878787878788, 0.29137529137529133, 0.2081252081252081, 0.13875013875013872, 0.0867188367188367, 0.05101108042284511, 0.028339489123802842]),
        ("ChainedScheduler", o => optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.ConstantLR(o, 0.1, 3), optim.lr_scheduler.ExponentialLR(o, 0.9)]),
            [0.05, 0.045000000000000005, 0.04050000000000001, 0.3645000000000001, 0.3280500000000001, 0.2952450000000001, 0.2657205000000001, 0.23914845000000007, 0.21523360500000008]),
        ("ChainedScheduler of three", o => optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.LinearLR(o, 0.2, 0.8, 4), optim.lr_scheduler.StepLR(o, 2, 0.5), optim.lr_scheduler.CosineAnnealingLR(o, 6, 0.01)]),
            [0.1, 0.16394709581221623, 0.09609614977916182, 0.08661666314194025, 0.03165128096675086, 0.015801443250140226, 0.01, 0.04282377607281252, 0.05258974596215561]),
        ("SWALR cos", o => optim.swa_utils.SWALR(o, 0.05, 4),
            [0.5, 0.4340990257669732, 0.275, 0.11590097423302682, 0.05, 0.05, 0.05, 0.05, 0.05]),
        ("SWALR linear", o => optim.swa_utils.SWALR(o, 0.05, 3, "linear"),
            [0.5, 0.35000000000000003, 0.2, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]),
        ("SWALR at once", o => optim.swa_utils.SWALR(o, 0.05, 0),
            [0.05, 0.05, 0.05, 0.05]),
        ("WarmRestarts", o => optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2, eta_min: 0.01),
            [0.5, 0.3775, 0.13250000000000006, 0.5, 0.4671762239271875, 0.3775, 0.255, 0.13250000000000006, 0.04282377607281252, 0.5, 0.4916518274408217, 0.4671762239271875]),
        ("WarmRestarts alike", o => optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
            [0.5, 0.375, 0.12500000000000006, 0.5, 0.375, 0.12500000000000006, 0.5, 0.375]),
        ("CyclicLR exp_range", o => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 3, 2, mode: "exp_range", gamma: 0.9),
            [0.1, 0.19, 0.87, 0.262, 0.8460000000000001, 0.31870000000000004, 0.8271000000000001, 0.198415, 0.867195, 0.1, 0.9, 0.15314410000000006, 0.8822853, 0.19565938, 0.8681135400000001, 0.22914016300000004, 0.8569532790000001, 0.15811307335000008, 0.88062897555]),
        ("CyclicLR triangular2", o => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 2, 3, mode: "triangular2", base_momentum: 0.7, max_momentum: 0.95),
            [0.1, 0.25, 0.825, 0.4, 0.7, 0.3, 0.7833333333333333, 0.2, 0.8666666666666667, 0.1, 0.95, 0.1750000000000001, 0.8875, 0.25, 0.825, 0.2, 0.8666666666666667, 0.15000000000000005, 0.9083333333333332, 0.1, 0.95, 0.13750000000000004, 0.91875]),
        ("CyclicLR scale_fn of cycles", o => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 2, scale_fn: x => 1 / Math.Pow(5, x * 0.5), cycle_momentum: false),
            [0.1, 0.16708203932499371, 0.9, 0.2341640786499874, 0.9, 0.16708203932499371, 0.9, 0.1, 0.9, 0.13, 0.9, 0.16000000000000003, 0.9, 0.13, 0.9, 0.1, 0.9]),
        ("CyclicLR scale_fn of iterations", o => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 2, scale_fn: x => Math.Pow(0.8, x), scale_mode: "iterations"),
            [0.1, 0.22000000000000003, 0.86, 0.29200000000000004, 0.8360000000000001, 0.17680000000000004, 0.8744000000000001, 0.1, 0.9, 0.14915200000000003, 0.8836160000000001, 0.17864320000000006, 0.8737856, 0.13145728, 0.88951424, 0.1, 0.9]),
        ("OneCycleLR epochs", o => optim.lr_scheduler.OneCycleLR(o, 0.4, epochs: 3, steps_per_epoch: 4),
            [0.016000000000000014, 0.1399158616878332, 0.9177302443521267, 0.3517140636488515, 0.8625744625914449, 0.39776617418036475, 0.8505584586887436, 0.3732051879365647, 0.856698729810778, 0.3246982615799052, 0.8688255099070633, 0.25895159907804133, 0.8852622412794547, 0.18505484106679002, 0.9037365046793212, 0.11322439928347969, 0.9216941869558779, 0.05339101207553224, 0.9366525935914912, 0.01382679497015809, 0.9465436874322102, 1.6e-06, 0.95]),
        ("OneCycleLR linear", o => optim.lr_scheduler.OneCycleLR(o, 0.4, total_steps: 10, pct_start: 0.4, anneal_strategy: "linear", three_phase: true, div_factor: 10, final_div_factor: 100, base_momentum: 0.8, max_momentum: 0.9),
            [0.04, 0.16, 0.8666666666666667, 0.28, 0.8333333333333334, 0.4, 0.8, 0.28, 0.8333333333333334, 0.16, 0.8666666666666667, 0.03999999999999998, 0.9, 0.0268, 0.9, 0.013600000000000001, 0.9, 0.0003999999999999976, 0.9]),
        ("OneCycleLR of Adam", o => optim.lr_scheduler.OneCycleLR(o, 0.4, total_steps: 6),
            [0.016000000000000014, 0.39776617418036475, 0.8505584586887436, 0.3246982615799052, 0.8688255099070633, 0.18505484106679002, 0.9037365046793212, 0.05339101207553224, 0.9366525935914912, 1.6e-06, 0.95]),
    ];

    public static void Rates_are_PyTorchs()
    {
        foreach (var (name, make, expected) in table)
        {
            var optimizer = name.Contains("Adam") ? optim.Adam([ones(1).requires_grad_()], 0.5) : SGD();
            var schedule = make(optimizer);
            var cyclic = name.StartsWith("Cyclic") || name.StartsWith("OneCycle");
            List<double> rates = [Rate(optimizer)];
            while (rates.Count < expected.Length)
            {
                schedule.step();
                rates.Add(Rate(optimizer));
                var group = optimizer.param_groups[0];
                if (cyclic) rates.Add(name.Contains("Adam") ? ((double[])group["betas"]!)[0] : (double)group["momentum"]!);
            }
            Check.Near(expected, rates, 1e-12, name);
        }
    }

    public static void Warm_restarts_go_to_any_time()
    {
        List<double> rates = [];
        var optimizer = SGD();
        var schedule = optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, 2, eta_min: 0.01);
        foreach (var epoch in new[] { 0.5, 1.25, 2.9, 3.0, 5.5, 9.0, 20.75, 1.0 })
        {
            schedule.step(epoch);
            rates.Add(Rate(optimizer));
        }
        // A plain step goes on from there.
        schedule.step();
        rates.Add(Rate(optimizer));
        optimizer = SGD();
        schedule = optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3);
        foreach (var epoch in new[] { 0.5, 4.25, 7.0 })
        {
            schedule.step(epoch);
            rates.Add(Rate(optimizer));
        }
        Check.Near([0.4671762239271875, 0.3184106660501176, 0.011342135634773045, 0.5, 0.3184106660501176, 0.5, 0.010524563806542148, 0.3775, 0.13250000000000006, 0.4665063509461097, 0.3147047612756302, 0.375], rates, 1e-12);
    }

    static readonly double[] measures = [1.0, 0.9, 0.9, 0.91, 0.92, 0.95, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.49999, 0.6, 0.6, 0.6];

    /// <summary>The rate after each measure, from 0.5.</summary>
    static readonly (Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> Make, double[] Expected)[] plateaus =
    [
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 1, factor: 0.5),
            [0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.03125, 0.03125, 0.015625, 0.015625, 0.0078125, 0.0078125, 0.00390625, 0.00390625]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, mode: "max", patience: 1, factor: 0.3),
            [0.5, 0.5, 0.15, 0.15, 0.045, 0.045, 0.0135, 0.0135, 0.00405, 0.00405, 0.001215, 0.001215, 0.00036449999999999997, 0.00036449999999999997, 0.00010934999999999999, 0.00010934999999999999, 3.2804999999999995e-05, 3.2804999999999995e-05]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, mode: "max", patience: 0, factor: 0.5, threshold: 0.05, threshold_mode: "abs"),
            [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625, 0.001953125, 0.0009765625, 0.00048828125, 0.000244140625, 0.0001220703125, 6.103515625e-05, 3.0517578125e-05, 1.52587890625e-05, 7.62939453125e-06, 3.814697265625e-06]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 1, factor: 0.5, cooldown: 2),
            [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625, 0.0625, 0.03125, 0.03125]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 0, factor: 0.1, min_lr: 0.02),
            [0.5, 0.5, 0.05, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 0, factor: 0.5, eps: 0.05),
            [0.5, 0.5, 0.25, 0.125, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 1, factor: 0.5, threshold: 0.2),
            [0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.03125, 0.03125, 0.015625, 0.015625, 0.0078125, 0.0078125, 0.00390625, 0.00390625]),
        (o => optim.lr_scheduler.ReduceLROnPlateau(o, patience: 1, factor: 0.5, threshold: 0.2, threshold_mode: "abs", cooldown: 1, min_lr: 0.1),
            [0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    ];

    public static void Plateaus_are_seen_as_by_PyTorch()
    {
        foreach (var ((make, expected), row) in plateaus.Select((entry, i) => (entry, i)))
        {
            var optimizer = SGD();
            var schedule = make(optimizer);
            List<double> rates = [];
            foreach (var measure in measures)
            {
                schedule.step(measure);
                rates.Add(Rate(optimizer));
            }
            Check.Near(expected, rates, 1e-12, $"row {row}");
        }
    }

    /// <summary>A second scheduler takes over after two steps of a first one by `last_epoch`: its first rate, and those of four more steps.</summary>
    static readonly (string Name, Func<optim.Optimizer, long, optim.lr_scheduler.LRScheduler> Make, double[] Expected)[] resumed =
    [
        ("StepLR", (o, last) => optim.lr_scheduler.StepLR(o, 2, last_epoch: last),
            [0.05, 0.005000000000000001, 0.005000000000000001, 0.0005000000000000001, 0.0005000000000000001]),
        ("MultiStepLR", (o, last) => optim.lr_scheduler.MultiStepLR(o, [2, 5], last_epoch: last),
            [0.05, 0.05, 0.005000000000000001, 0.005000000000000001, 0.005000000000000001]),
        ("ExponentialLR", (o, last) => optim.lr_scheduler.ExponentialLR(o, 0.8, last_epoch: last),
            [0.25600000000000006, 0.20480000000000007, 0.16384000000000007, 0.13107200000000005, 0.10485760000000005]),
        ("LambdaLR", (o, last) => optim.lr_scheduler.LambdaLR(o, t => 1.0 / (1 + t), last_epoch: last),
            [0.125, 0.1, 0.08333333333333333, 0.07142857142857142, 0.0625]),
        ("MultiplicativeLR", (o, last) => optim.lr_scheduler.MultiplicativeLR(o, t => 0.9, last_epoch: last),
            [0.36450000000000005, 0.32805000000000006, 0.2952450000000001, 0.2657205000000001, 0.23914845000000007]),
        ("CosineAnnealingLR", (o, last) => optim.lr_scheduler.CosineAnnealingLR(o, 5, 0.01, last_epoch: last),
            [0.17929083637813792, 0.05679083637813791, 0.01, 0.05679083637813787, 0.17929083637813795]),
        ("ConstantLR", (o, last) => optim.lr_scheduler.ConstantLR(o, 0.5, 6, last_epoch: last),
            [0.25, 0.25, 0.25, 0.5, 0.5]),
        ("LinearLR", (o, last) => optim.lr_scheduler.LinearLR(o, 0.2, 0.9, 6, last_epoch: last),
            [0.2749999999999999, 0.33333333333333326, 0.3916666666666666, 0.44999999999999996, 0.44999999999999996]),
        ("PolynomialLR", (o, last) => optim.lr_scheduler.PolynomialLR(o, 7, 2, last_epoch: last),
            [0.16326530612244897, 0.09183673469387758, 0.040816326530612256, 0.010204081632653073, 0.0]),
        ("CosineAnnealingWarmRestarts", (o, last) => optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2, last_epoch: last),
            [0.5, 0.4665063509461097, 0.375, 0.25, 0.12500000000000006]),
        ("CyclicLR", (o, last) => optim.lr_scheduler.CyclicLR(o, 0.1, 0.4, 3, last_epoch: last),
            [0.4, 0.30000000000000016, 0.19999999999999993, 0.1, 0.20000000000000018]),
        ("OneCycleLR", (o, last) => optim.lr_scheduler.OneCycleLR(o, 0.4, 12, last_epoch: last),
            [0.39776617418036475, 0.3732051879365647, 0.3246982615799052, 0.25895159907804133, 0.18505484106679002]),
        ("SWALR", (o, last) => optim.swa_utils.SWALR(o, 0.05, 4, last_epoch: last),
            [0.275, 0.2420495128834866, 0.1625, 0.08295048711651341, 0.05]),
    ];

    public static void The_last_epoch_is_where_another_one_goes_on()
    {
        foreach (var (name, make, expected) in resumed)
        {
            var optimizer = SGD();
            var first = make(optimizer, -1);
            first.step();
            first.step();
            var second = make(optimizer, first.last_epoch);
            List<double> rates = [Rate(optimizer)];
            for (var i = 0; i < 4; i++)
            {
                second.step();
                rates.Add(Rate(optimizer));
            }
            // The polynomial ends at 0, where PyTorch leaves what rounding left.
            Check.Near(expected.Select(r => r + 1), rates.Select(r => r + 1), 1e-12, name);
        }
    }

    public static void A_group_without_its_first_rate_cannot_go_on()
    {
        foreach (var (name, make, _) in resumed)
            Check.Throws<Contract.ArgumentValueException>(() => make(SGD(), 3), "param 'initial_lr' is not specified in param_groups[0] when resuming an optimizer", name);
    }
}

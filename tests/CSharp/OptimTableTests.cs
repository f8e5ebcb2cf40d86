namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Every option of the optimizers against the numbers of PyTorch 1.13, in double precision.</summary>
public static class OptimTableTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().data<double>()];

    /// <summary>
    /// Parameters after five steps on sum(c (w - t)^2) from w = [1, -2, 0.5], c = [1, 3, 0.5], t = [0.3, -0.1, 2]. SparseAdam sees elements
    /// 0 and 1, then 0 and 2, and so on. NAdam's numbers are those of PyTorch with foreach, whose
    /// products are in single precision, as the rates of ASGD are; without it 1.13 multiplies one of its factors twice, which PyTorch 2 has mended.
    /// </summary>
    static readonly (string Options, Func<Tensor, bool?, optim.Optimizer> Make, double[] Expected)[] table =
    [
        ("SGD lr=0.05, momentum=0.9, dampening=0.3", (w, each) => optim.SGD([w], lr: 0.05, momentum: 0.9, dampening: 0.3, @foreach: each),
            [0.39362695229999994, 1.2817599007000002, 1.2138516416093752]),
        ("SGD lr=0.05, momentum=0.9, nesterov=True", (w, each) => optim.SGD([w], lr: 0.05, momentum: 0.9, nesterov: true, @foreach: each),
            [0.22679282126999994, 0.56091925543, 1.5260865424015626]),
        ("SGD lr=0.01, maximize=True", (w, each) => optim.SGD([w], lr: 0.01, maximize: true, @foreach: each),
            [1.0728565622400001, -2.64262859744, 0.42348492484999994]),
        ("SGD lr=0.05, weight_decay=0.2", (w, each) => optim.SGD([w], lr: 0.05, weight_decay: 0.2, @foreach: each),
            [0.6788406872, -0.39444467609999995, 0.8104453072]),
        ("SGD lr=0.05, momentum=0.5, weight_decay=0.1, maximize=True, dampening=0.1", (w, each) => optim.SGD([w], lr: 0.05, momentum: 0.5, weight_decay: 0.1, maximize: true, dampening: 0.1, @foreach: each),
            [1.5913724283507666, -9.558978406746235, -0.13535668667314868]),
        ("Adam lr=0.1", (w, each) => optim.Adam([w], lr: 0.1, @foreach: each),
            [0.5145516422825562, -1.5031614487186167, 0.9956418287998464]),
        ("Adam lr=0.1, betas=(0.8, 0.9), eps=0.001", (w, each) => optim.Adam([w], lr: 0.1, betas: (0.8, 0.9), eps: 0.001, @foreach: each),
            [0.516263072634952, -1.5034879654703113, 0.9949106364352308]),
        ("Adam lr=0.1, weight_decay=0.3, amsgrad=True", (w, each) => optim.Adam([w], lr: 0.1, weight_decay: 0.3, amsgrad: true, @foreach: each),
            [0.5132043501555892, -1.503151029837906, 0.9924957746867381]),
        ("Adam lr=0.1, maximize=True", (w, each) => optim.Adam([w], lr: 0.1, maximize: true, @foreach: each),
            [1.5022022207487742, -2.5016118541311285, -0.0018522007883012837]),
        ("AdamW lr=0.1, weight_decay=0.3", (w, each) => optim.AdamW([w], lr: 0.1, weight_decay: 0.3, @foreach: each),
            [0.40999476532937235, -1.2522813977332938, 0.8969975781634445]),
        ("AdamW lr=0.1, betas=(0.7, 0.9), eps=0.01, amsgrad=True", (w, each) => optim.AdamW([w], lr: 0.1, betas: (0.7, 0.9), eps: 0.01, amsgrad: true, @foreach: each),
            [0.5252097499360167, -1.4979900521842875, 0.9846171609516616]),
        ("AdamW lr=0.1, maximize=True", (w, each) => optim.AdamW([w], lr: 0.1, maximize: true, @foreach: each),
            [1.4962168507327391, -2.490609554525803, -0.0033504067039588498]),
        ("NAdam lr=0.1", (w, each) => optim.NAdam([w], lr: 0.1, @foreach: each),
            [0.6381872626831525, -1.6092138057454644, 0.8866785560953215]),
        ("NAdam lr=0.05, betas=(0.8, 0.9), eps=0.001, weight_decay=0.2, momentum_decay=0.1", (w, each) => optim.NAdam([w], lr: 0.05, betas: (0.8, 0.9), eps: 0.001, weight_decay: 0.2, momentum_decay: 0.1, @foreach: each),
            [0.7839502931911052, -1.7770747944424239, 0.7202582809471247]),
        ("RAdam lr=0.1", (w, each) => optim.RAdam([w], lr: 0.1, @foreach: each),
            [0.4411535741566112, 0.7474797373209565, 1.171453707347153]),
        ("RAdam lr=0.1, betas=(0.5, 0.6), eps=0.001, weight_decay=0.2", (w, each) => optim.RAdam([w], lr: 0.1, betas: (0.5, 0.6), eps: 0.001, weight_decay: 0.2, @foreach: each),
            [0.43149678950635945, 0.15199057936253973, 1.0825124553496774]),
        ("Adamax lr=0.1", (w, each) => optim.Adamax([w], lr: 0.1, @foreach: each),
            [0.5728657843169186, -1.5271590113612632, 0.9655199740476355]),
        ("Adamax lr=0.1, betas=(0.8, 0.9), eps=0.01, weight_decay=0.3", (w, each) => optim.Adamax([w], lr: 0.1, betas: (0.8, 0.9), eps: 0.01, weight_decay: 0.3, @foreach: each),
            [0.4907887982689968, -1.473956254942616, 1.0367235370836188]),
        ("Adamax lr=0.1, maximize=True", (w, each) => optim.Adamax([w], lr: 0.1, maximize: true, @foreach: each),
            [1.4560615009913178, -2.4797284962687742, 0.024682918539340265]),
        ("Adagrad lr=0.1", (w, each) => optim.Adagrad([w], lr: 0.1, @foreach: each),
            [0.7079301709462109, -1.6873122367786155, 0.8097027457988417]),
        ("Adagrad lr=0.2, lr_decay=0.1, weight_decay=0.3, initial_accumulator_value=0.5, eps=0.01", (w, each) => optim.Adagrad([w], lr: 0.2, lr_decay: 0.1, weight_decay: 0.3, initial_accumulator_value: 0.5, eps: 0.01, @foreach: each),
            [0.5521785204629708, -1.4674469026612438, 0.9651437965202669]),
        ("Adagrad lr=0.1, maximize=True", (w, each) => optim.Adagrad([w], lr: 0.1, maximize: true, @foreach: each),
            [1.3464217257744873, -2.332567356224257, 0.1650977019033571]),
        ("Adadelta ", (w, each) => optim.Adadelta([w], @foreach: each),
            [0.9836589826860765, -1.983600828055854, 0.5163901129412387]),
        ("Adadelta lr=0.5, rho=0.7, eps=0.01, weight_decay=0.3", (w, each) => optim.Adadelta([w], lr: 0.5, rho: 0.7, eps: 0.01, weight_decay: 0.3, @foreach: each),
            [0.5693034313071031, -1.5125120728785488, 0.9553213456832903]),
        ("Adadelta eps=0.001, maximize=True", (w, each) => optim.Adadelta([w], eps: 0.001, maximize: true, @foreach: each),
            [1.598648355430012, -2.5518779505028024, -0.05868535943840725]),
        ("RMSprop lr=0.05", (w, each) => optim.RMSprop([w], lr: 0.05, @foreach: each),
            [0.3017720626233923, -0.6967038140451232, 1.6987433268494758]),
        ("RMSprop lr=0.05, alpha=0.8, eps=0.01, weight_decay=0.3", (w, each) => optim.RMSprop([w], lr: 0.05, alpha: 0.8, eps: 0.01, weight_decay: 0.3, @foreach: each),
            [0.6492600727780637, -1.6209879696462985, 0.8623825689944088]),
        ("RMSprop lr=0.01, momentum=0.7", (w, each) => optim.RMSprop([w], lr: 0.01, momentum: 0.7, @foreach: each),
            [0.38850684398178964, -1.3178361047945621, 1.1724368375548284]),
        ("RMSprop lr=0.01, centered=True, momentum=0.5, alpha=0.9", (w, each) => optim.RMSprop([w], lr: 0.01, centered: true, momentum: 0.5, alpha: 0.9, @foreach: each),
            [0.8050275867116587, -1.7993470864590384, 0.6998131219219029]),
        ("RMSprop lr=0.05, maximize=True", (w, each) => optim.RMSprop([w], lr: 0.05, maximize: true, @foreach: each),
            [2.972468573630028, -3.8119986903496437, -1.3470220831427513]),
        ("Rprop ", (w, each) => optim.Rprop([w], @foreach: each),
            [0.9255840000000001, -1.925584, 0.5744159999999999]),
        ("Rprop lr=0.5, etas=(0.3, 1.7), step_sizes=(0.1, 0.9)", (w, each) => optim.Rprop([w], lr: 0.5, etas: (0.3, 1.7), step_sizes: (0.1, 0.9), @foreach: each),
            [0.3385, -0.020000000000000018, 2.48]),
        ("Rprop maximize=True", (w, each) => optim.Rprop([w], maximize: true, @foreach: each),
            [1.074416, -2.074416, 0.42558399999999996]),
        ("ASGD ", (w, each) => optim.ASGD([w], @foreach: each),
            [0.9327399859530978, -1.4944104550662034, 0.5735122186738786]),
        ("ASGD lr=0.05, lambd=0.1, alpha=0.5, t0=2.0, weight_decay=0.2", (w, each) => optim.ASGD([w], lr: 0.05, lambd: 0.1, alpha: 0.5, t0: 2.0, weight_decay: 0.2, @foreach: each),
            [0.6634308051388028, -0.3857892297834525, 0.7951092322778619]),
        ("ASGD maximize=True", (w, each) => optim.ASGD([w], maximize: true, @foreach: each),
            [1.0728510979345132, -2.642614951856882, 0.4234826454194766]),
        ("SparseAdam lr=0.1", (w, each) => optim.SparseAdam([w], lr: 0.1),
            [0.5145517141127008, -1.7292947822192395, 0.6523791737033448]),
        ("SparseAdam lr=0.1, betas=(0.8, 0.9), eps=0.01", (w, each) => optim.SparseAdam([w], lr: 0.1, betas: (0.8, 0.9), eps: 0.01),
            [0.5236811059393318, -1.7238966085004503, 0.6556152735667591]),
        ("SparseAdam lr=0.1, maximize=True", (w, each) => optim.SparseAdam([w], lr: 0.1, maximize: true),
            [1.5022021579743916, -2.2715376188184897, 0.3474164114533587]),
    ];

    public static void Options_do_what_PyTorchs_do()
    {
        var (c, t) = (tensor(new[] { 1, 3, 0.5 }), tensor(new[] { 0.3, -0.1, 2 }));
        Tensor[] seen = [tensor(new[] { 1.0, 1, 0 }), tensor(new[] { 1.0, 0, 1 })];
        foreach (var (options, make, expected) in table)
            foreach (var each in new bool?[] { null, true, false })
            {
                var w = tensor(new[] { 1, -2, 0.5 }).requires_grad_();
                var optimizer = make(w, each);
                for (var step = 0; step < 5; step++)
                {
                    optimizer.zero_grad();
                    (c * (w - t).square()).sum().backward();
                    if (options.StartsWith("SparseAdam")) w.grad = w.grad! * seen[step % 2];
                    optimizer.step();
                }
                Check.Near(expected, Numbers(w), options.StartsWith("NAdam") || options.StartsWith("ASGD") ? 1e-8 : 1e-10, options);
            }
    }

    /// <summary>Parameters after three steps on Rosenbrock's function from [-1.2, 1], and how often it was computed.</summary>
    static readonly (Func<Tensor, optim.Optimizer> Make, double[] Expected, int Evaluations)[] lbfgs =
    [
        (w => optim.LBFGS([w], lr: 0.001, max_iter: 4), [-1.1978335026862539, 1.0012464793011828], 12),
        (w => optim.LBFGS([w], lr: 1, max_iter: 6, line_search_fn: "strong_wolfe"), [-0.04619019171258308, -0.01801156636469505], 21),
        (w => optim.LBFGS([w], lr: 1, max_iter: 20, max_eval: 7, line_search_fn: "strong_wolfe"), [-0.04619019171258308, -0.01801156636469505], 21),
        (w => optim.LBFGS([w], lr: 1, max_iter: 50, history_size: 2, line_search_fn: "strong_wolfe"), [0.9999989964557376, 0.999997843633606], 48),
        (w => optim.LBFGS([w], lr: 1, max_iter: 50, tolerance_grad: 1.0, line_search_fn: "strong_wolfe"), [0.6803460312870351, 0.46120580018830387], 30),
        (w => optim.LBFGS([w], lr: 1, max_iter: 50, tolerance_change: 0.05, line_search_fn: "strong_wolfe"), [-1.0245319303460325, 1.0716196202669255], 5),
        (w => optim.LBFGS([w], lr: 0.001, max_iter: 20, tolerance_change: 5.0), [-1.1990098705121806, 1.0004214247845], 6),
        (w => optim.LBFGS([w], lr: 0.5, max_iter: 5, history_size: 1, line_search_fn: "strong_wolfe"), [-0.711326411188613, 0.5073614729307817], 18),
    ];

    public static void LBFGS_searches_as_PyTorch_does()
    {
        foreach (var ((make, expected, evaluations), row) in lbfgs.Select((entry, i) => (entry, i)))
        {
            var w = tensor(new[] { -1.2, 1 }).requires_grad_();
            var optimizer = make(w);
            var count = 0;
            for (var step = 0; step < 3; step++)
                optimizer.step(() =>
                {
                    count++;
                    optimizer.zero_grad();
                    var loss = 100 * (w[1] - w[0].square()).square() + (1 - w[0]).square();
                    loss.backward();
                    return loss;
                });
            Check.Equal(evaluations, count, $"evaluations of row {row}");
            Check.Near(expected, Numbers(w), 1e-7, $"row {row}");
        }
    }
}

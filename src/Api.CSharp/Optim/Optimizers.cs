namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        static double[] Betas((double, double)? betas) => betas is var (first, second) ? [first, second] : [0.9, 0.999];

        /// <summary>Stochastic gradient descent, with momentum if asked for (Sutskever et al. 2013).</summary>
        public static Optimizer SGD(IEnumerable<Tensor> @params, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false, bool? @foreach = null) =>
            SGD(One(@params), lr, momentum, dampening, weight_decay, nesterov, maximize, @foreach);

        /// <summary>Stochastic gradient descent, with momentum if asked for (Sutskever et al. 2013).</summary>
        public static Optimizer SGD(IEnumerable<ParamGroup> @params, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false, bool? @foreach = null) =>
            nesterov && (momentum <= 0 || dampening != 0)
                ? throw new ArgumentValueException("Nesterov momentum requires a momentum and zero dampening")
                : new RuleOptimizer("SGD", @params,
                    g => Rules.sgd(g.LearningRate, g.Number("momentum"), g.Number("dampening"), g.Number("weight_decay"), g.Truth("nesterov"), g.Truth("maximize")),
                    ("lr", lr), ("momentum", momentum), ("dampening", dampening), ("weight_decay", weight_decay), ("nesterov", nesterov), ("maximize", maximize), ("foreach", @foreach));

        /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
        [Forms(Forms.Groups)]
        public static Optimizer Adam(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false, bool? @foreach = null, bool capturable = false, bool differentiable = false, bool? fused = null) =>
            new RuleOptimizer("Adam", @params,
                g => Rules.adam(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("amsgrad"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("weight_decay", weight_decay), ("amsgrad", amsgrad), ("maximize", maximize), ("foreach", @foreach));

        /// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer AdamW(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0.01, bool amsgrad = false, bool maximize = false, bool? @foreach = null, bool capturable = false, bool differentiable = false, bool? fused = null) =>
            new RuleOptimizer("AdamW", @params,
                g => Rules.adamW(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("amsgrad"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("weight_decay", weight_decay), ("amsgrad", amsgrad), ("maximize", maximize), ("foreach", @foreach));

        /// <summary>
        /// Adam for tables of which a step sees few rows, such as embeddings: rows whose gradient is all 0 keep their moments and
        /// values. Gradients are not sparse here, so a row that was used counts as seen unless its gradient happens to be all 0.
        /// </summary>
        [Forms(Forms.Groups)]
        public static Optimizer SparseAdam(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, bool maximize = false) =>
            new RuleOptimizer("SparseAdam", @params,
                g => Rules.sparseAdam(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("maximize", maximize));

        /// <summary>Adam with Nesterov's momentum (Dozat 2016).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer NAdam(IEnumerable<ParamGroup> @params, double lr = 0.002, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, double momentum_decay = 0.004, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("NAdam", @params,
                g => Rules.nadam(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Number("weight_decay"), g.Number("momentum_decay"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("weight_decay", weight_decay), ("momentum_decay", momentum_decay), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>Adam that waits with its denominator until its variance can be told (Liu et al. 2020).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer RAdam(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("RAdam", @params,
                g => Rules.radam(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("weight_decay", weight_decay), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>Adam with the largest gradient instead of the mean square (Kingma and Ba 2015).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer Adamax(IEnumerable<ParamGroup> @params, double lr = 0.002, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("Adamax", @params,
                g => Rules.adamax(g.LearningRate, g.Pair("betas")[0], g.Pair("betas")[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("maximize")),
                ("lr", lr), ("betas", Betas(betas)), ("eps", eps), ("weight_decay", weight_decay), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>The gradient over the root of the sum of its squares (Duchi, Hazan and Singer 2011).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer Adagrad(IEnumerable<ParamGroup> @params, double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("Adagrad", @params,
                g => Rules.adagrad(g.LearningRate, g.Number("lr_decay"), g.Number("weight_decay"), g.Number("initial_accumulator_value"), g.Number("eps"), g.Truth("maximize")),
                ("lr", lr), ("lr_decay", lr_decay), ("weight_decay", weight_decay), ("initial_accumulator_value", initial_accumulator_value), ("eps", eps), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>The gradient in units of the updates so far (Zeiler 2012).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer Adadelta(IEnumerable<ParamGroup> @params, double lr = 1.0, double rho = 0.9, double eps = 1e-06, double weight_decay = 0, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("Adadelta", @params,
                g => Rules.adadelta(g.LearningRate, g.Number("rho"), g.Number("eps"), g.Number("weight_decay"), g.Truth("maximize")),
                ("lr", lr), ("rho", rho), ("eps", eps), ("weight_decay", weight_decay), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>The gradient over the root of its running square (Hinton 2012), centered if asked for (Graves 2013).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer RMSprop(IEnumerable<ParamGroup> @params, double lr = 0.01, double alpha = 0.99, double eps = 1e-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("RMSprop", @params,
                g => Rules.rmsprop(g.LearningRate, g.Number("alpha"), g.Number("eps"), g.Number("weight_decay"), g.Number("momentum"), g.Truth("centered"), g.Truth("maximize")),
                ("lr", lr), ("alpha", alpha), ("eps", eps), ("weight_decay", weight_decay), ("momentum", momentum), ("centered", centered), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>Steps of the gradient's sign, longer while it stays and shorter when it turns (Riedmiller and Braun 1993).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer Rprop(IEnumerable<ParamGroup> @params, double lr = 0.01, (double, double)? etas = null, (double, double)? step_sizes = null, bool? @foreach = null, bool maximize = false)
        {
            var (shrink, grow) = etas ?? (0.5, 1.2);
            var (shortest, longest) = step_sizes ?? (1e-06, 50);
            if (!(shrink > 0 && shrink < 1 && grow > 1)) throw new ArgumentValueException($"Invalid eta values: {shrink}, {grow}");
            return new RuleOptimizer("Rprop", @params,
                g => Rules.rprop(g.LearningRate, g.Pair("etas")[0], g.Pair("etas")[1], g.Pair("step_sizes")[0], g.Pair("step_sizes")[1], g.Truth("maximize")),
                ("lr", lr), ("etas", new[] { shrink, grow }), ("step_sizes", new[] { shortest, longest }), ("foreach", @foreach), ("maximize", maximize));
        }

        /// <summary>Gradient descent with a falling rate, and the average of the parameters beside it (Polyak and Juditsky 1992).</summary>
        [Forms(Forms.Groups)]
        public static Optimizer ASGD(IEnumerable<ParamGroup> @params, double lr = 0.01, double lambd = 0.0001, double alpha = 0.75, double t0 = 1000000.0, double weight_decay = 0, bool? @foreach = null, bool maximize = false) =>
            new RuleOptimizer("ASGD", @params,
                g => Rules.asgd(g.LearningRate, g.Number("lambd"), g.Number("alpha"), g.Number("t0"), g.Number("weight_decay"), g.Truth("maximize")),
                ("lr", lr), ("lambd", lambd), ("alpha", alpha), ("t0", t0), ("weight_decay", weight_decay), ("foreach", @foreach), ("maximize", maximize));

        /// <summary>Limited-memory BFGS (Liu and Nocedal 1989); line_search_fn may be "strong_wolfe". Its step needs a closure.</summary>
        [Forms(Forms.Groups)]
        public static Optimizer LBFGS(IEnumerable<ParamGroup> @params, double lr = 1, long max_iter = 20, long? max_eval = null, double tolerance_grad = 1e-07, double tolerance_change = 1e-09, long history_size = 100, string? line_search_fn = null) =>
            new LBFGSOptimizer(@params, ("lr", lr), ("max_iter", max_iter), ("max_eval", max_eval ?? max_iter * 5 / 4), ("tolerance_grad", tolerance_grad), ("tolerance_change", tolerance_change), ("history_size", history_size), ("line_search_fn", line_search_fn));
    }
}

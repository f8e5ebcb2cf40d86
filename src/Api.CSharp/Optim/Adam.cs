namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
        public static AdamOptimizer Adam(IEnumerable<Tensor> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
            new(One(@params), lr, betas ?? (0.9, 0.999), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
        public static AdamOptimizer Adam(IEnumerable<Tensor> @params, double lr, double beta1, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
            new(One(@params), lr, (beta1, beta2), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
        public static AdamOptimizer Adam(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
            new(@params, lr, betas ?? (0.9, 0.999), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam (Kingma and Ba 2015); weight decay is added to the gradient.</summary>
        public sealed class AdamOptimizer : Optimizer
        {
            internal AdamOptimizer(IEnumerable<ParamGroup> groups, double lr, (double, double) betas, double eps, double weight_decay, bool amsgrad, bool maximize)
                : base(groups, Options(("lr", lr), ("betas", new[] { betas.Item1, betas.Item2 }), ("eps", eps), ("weight_decay", weight_decay), ("amsgrad", amsgrad), ("maximize", maximize)))
            {
                Require(lr >= 0, "learning rate", lr);
                Require(eps >= 0, "epsilon value", eps);
                Require(betas.Item1 is >= 0 and < 1, "beta parameter at index 0", betas.Item1);
                Require(betas.Item2 is >= 0 and < 1, "beta parameter at index 1", betas.Item2);
                Require(weight_decay >= 0, "weight_decay value", weight_decay);
            }

            private protected override Functional.Optimizer Rule(ParamGroup g)
            {
                var betas = (double[])g["betas"];
                return Rules.adam(g.LearningRate, betas[0], betas[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("amsgrad"), g.Truth("maximize"));
            }
        }

        /// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).</summary>
        public static AdamWOptimizer AdamW(IEnumerable<Tensor> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0.01, bool amsgrad = false, bool maximize = false) =>
            new(One(@params), lr, betas ?? (0.9, 0.999), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).</summary>
        public static AdamWOptimizer AdamW(IEnumerable<Tensor> @params, double lr, double beta1, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0.01, bool amsgrad = false, bool maximize = false) =>
            new(One(@params), lr, (beta1, beta2), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).</summary>
        public static AdamWOptimizer AdamW(IEnumerable<ParamGroup> @params, double lr = 0.001, (double, double)? betas = null, double eps = 1e-08, double weight_decay = 0.01, bool amsgrad = false, bool maximize = false) =>
            new(@params, lr, betas ?? (0.9, 0.999), eps, weight_decay, amsgrad, maximize);

        /// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).</summary>
        public sealed class AdamWOptimizer : Optimizer
        {
            internal AdamWOptimizer(IEnumerable<ParamGroup> groups, double lr, (double, double) betas, double eps, double weight_decay, bool amsgrad, bool maximize)
                : base(groups, Options(("lr", lr), ("betas", new[] { betas.Item1, betas.Item2 }), ("eps", eps), ("weight_decay", weight_decay), ("amsgrad", amsgrad), ("maximize", maximize)))
            {
                Require(lr >= 0, "learning rate", lr);
                Require(eps >= 0, "epsilon value", eps);
                Require(betas.Item1 is >= 0 and < 1, "beta parameter at index 0", betas.Item1);
                Require(betas.Item2 is >= 0 and < 1, "beta parameter at index 1", betas.Item2);
                Require(weight_decay >= 0, "weight_decay value", weight_decay);
            }

            private protected override Functional.Optimizer Rule(ParamGroup g)
            {
                var betas = (double[])g["betas"];
                return Rules.adamW(g.LearningRate, betas[0], betas[1], g.Number("eps"), g.Number("weight_decay"), g.Truth("amsgrad"), g.Truth("maximize"));
            }
        }

    }
}

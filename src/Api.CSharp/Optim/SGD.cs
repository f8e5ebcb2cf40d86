namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Stochastic gradient descent, with momentum if asked for (Sutskever et al. 2013).</summary>
        public static SGDOptimizer SGD(IEnumerable<Tensor> @params, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
            new(One(@params), lr, momentum, dampening, weight_decay, nesterov, maximize);

        /// <inheritdoc cref="SGD(IEnumerable{Tensor}, double, double, double, double, bool, bool)"/>
        public static SGDOptimizer SGD(IEnumerable<ParamGroup> @params, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
            new(@params, lr, momentum, dampening, weight_decay, nesterov, maximize);

        /// <summary>Stochastic gradient descent.</summary>
        public sealed class SGDOptimizer : Optimizer
        {
            internal SGDOptimizer(IEnumerable<ParamGroup> groups, double lr, double momentum, double dampening, double weight_decay, bool nesterov, bool maximize)
                : base(groups, Options(("lr", lr), ("momentum", momentum), ("dampening", dampening), ("weight_decay", weight_decay), ("nesterov", nesterov), ("maximize", maximize)))
            {
                Require(lr >= 0, "learning rate", lr);
                Require(momentum >= 0, "momentum value", momentum);
                Require(weight_decay >= 0, "weight_decay value", weight_decay);
                if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentValueException("Nesterov momentum requires a momentum and zero dampening");
            }

            private protected override Functional.Optimizer Rule(ParamGroup g) =>
                Rules.sgd(g.LearningRate, g.Number("momentum"), g.Number("dampening"), g.Number("weight_decay"), g.Truth("nesterov"), g.Truth("maximize"));
        }
    }
}

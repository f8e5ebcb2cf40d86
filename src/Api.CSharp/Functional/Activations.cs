namespace Functional.Torch;

public static partial class torch
{
    static Tensor In(bool inplace, Tensor input, Tensor result) => inplace ? input.Writable("an in-place activation", History.Of(result.Recorded)?.Id - 1).Assign(result) : result;

    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>max(x, 0).</summary>
            public static Tensor relu(Tensor input, bool inplace = false) => In(inplace, input, torch.relu(input));
            /// <summary>max(x, 0), in place.</summary>
            public static Tensor relu_(Tensor input) => relu(input, true);
            /// <summary>min(max(x, 0), 6).</summary>
            public static Tensor relu6(Tensor input, bool inplace = false) => In(inplace, input, Unary(Formulas.relu6, input));
            /// <summary>x * Phi(x), or its approximation by "tanh".</summary>
            [Forms(Forms.Out)]
            public static Tensor gelu(Tensor input, string approximate = "none") =>
                approximate switch
                {
                    "none" => Unary(Functions.gelu, input),
                    "tanh" => Unary(Functions.geluTanh, input),
                    _ => throw new ArgumentValueException($"approximate argument must be either none or tanh, but got '{approximate}'."),
                };
            /// <summary>1 / (1 + exp(-x)).</summary>
            public static Tensor sigmoid(Tensor input) => torch.sigmoid(input);
            /// <summary>The hyperbolic tangent.</summary>
            public static Tensor tanh(Tensor input) => torch.tanh(input);
            /// <summary>x * sigmoid(x).</summary>
            public static Tensor silu(Tensor input, bool inplace = false) => In(inplace, input, Unary(Functions.silu, input));
            /// <summary>x * tanh(softplus(x)).</summary>
            public static Tensor mish(Tensor input, bool inplace = false) => In(inplace, input, Unary(Formulas.mish, input));
            /// <summary>x above 0, a part of it below.</summary>
            [Forms(Forms.InPlace | Forms.Out)]
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => In(inplace, input, Shaped(Formulas.leakyRelu, input, negative_slope));
            /// <summary>x above 0, alpha * (exp(x) - 1) below.</summary>
            [Forms(Forms.InPlace | Forms.Out)]
            public static Tensor elu(Tensor input, double alpha = 1.0, bool inplace = false) => In(inplace, input, Shaped(Formulas.elu, input, alpha, 1, 1));
            /// <summary>elu with the constants that keep mean and variance (Klambauer et al. 2017).</summary>
            [Forms(Forms.InPlace, ".selu")]
            public static Tensor selu(Tensor input, bool inplace = false) => In(inplace, input, Shaped(Formulas.elu, input, 1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1));
            /// <summary>x above 0, alpha * (exp(x / alpha) - 1) below.</summary>
            [Forms(Forms.InPlace, ".celu")]
            public static Tensor celu(Tensor input, double alpha = 1.0, bool inplace = false) =>
                alpha == 0 ? throw new ArgumentValueException("ZeroDivisionError: alpha cannot be 0 for CELU") : In(inplace, input, Shaped(Formulas.celu, input, alpha));
            /// <summary>x held within [min_val, max_val].</summary>
            [Forms(Forms.InPlace | Forms.Out)]
            public static Tensor hardtanh(Tensor input, double min_val = -1.0, double max_val = 1.0, bool inplace = false) => In(inplace, input, Shaped(Formulas.hardtanh, input, min_val, max_val));
            /// <summary>x above a threshold, a value elsewhere.</summary>
            [Forms(Forms.InPlace | Forms.Out, ".threshold")]
            public static Tensor threshold(Tensor input, double threshold, double value, bool inplace = false) => In(inplace, input, Shaped(Formulas.threshold, input, threshold, value));
            /// <summary>log(1 + exp(beta x)) / beta, x itself where that is large.</summary>
            [Forms(Forms.Out)]
            public static Tensor softplus(Tensor input, double beta = 1.0, double threshold = 20.0) => Shaped(Formulas.softplus, Autocast.As(input), beta, threshold);
            /// <summary>x / (1 + |x|).</summary>
            public static Tensor softsign(Tensor input) => Real(Formulas.softsign, input);
            /// <summary>x moved towards 0 by lambd.</summary>
            [Forms(Forms.Out)]
            public static Tensor softshrink(Tensor input, double lambd = 0.5) =>
                lambd < 0 ? throw new ArgumentValueException($"lambda must be greater or equal to 0, but found to be {lambd}.") : Shaped(Formulas.softshrink, input, lambd);
            /// <summary>x where it is further from 0 than lambd, 0 elsewhere.</summary>
            [Forms(Forms.MethodOut, ".hardshrink")]
            public static Tensor hardshrink(Tensor input, double lambd = 0.5) => Shaped(Formulas.hardshrink, input, lambd);
            /// <summary>x - tanh(x).</summary>
            public static Tensor tanhshrink(Tensor input) => Real(Formulas.tanhshrink, input);
            /// <summary>x / 6 + 1/2 within [0, 1].</summary>
            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => In(inplace, input, Unary(Formulas.hardsigmoid, input));
            /// <summary>x * hardsigmoid(x).</summary>
            public static Tensor hardswish(Tensor input, bool inplace = false) => In(inplace, input, Unary(Formulas.hardswish, input));
            /// <summary>log(sigmoid(x)).</summary>
            [Forms(Forms.Out)]
            public static Tensor logsigmoid(Tensor input) => Unary(Formulas.logSigmoid, input);
            /// <summary>softmax(-x).</summary>
            public static Tensor softmin(Tensor input, long dim, ScalarType? dtype = null) => torch.softmax(neg(input), dim, dtype);
            /// <summary>x above 0, weight * x below: one weight, or one for each channel.</summary>
            [Forms(Forms.Method, ".prelu")]
            public static Tensor prelu(Tensor input, Tensor weight)
            {
                if (weight.dim() > 1) throw new ShapeException($"prelu: Expected `weight` to be a scalar or 1D tensor, but got ndim = {weight.dim()}");
                if (weight.numel() != 1)
                {
                    if (input.dim() == 0) throw new ShapeException("Not allow zero-dim input tensor.");
                    var channels = input.dim() > 1 ? input.size(1) : 1;
                    if (channels != weight.numel()) throw new ShapeException($"Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight.numel()} and channel size = {channels}.");
                    weight = reshape(weight, [.. Enumerable.Range(0, (int)input.dim()).Select(d => d == 1 ? -1L : 1L)]);
                }
                else weight = reshape(weight, [.. Enumerable.Repeat(1L, (int)input.dim())]);
                return Binary(Formulas.prelu, Autocast.As(input), Autocast.As(weight));
            }
            /// <summary>The first half times the sigmoid of the second, along a dimension.</summary>
            public static Tensor glu(Tensor input, long dim = -1)
            {
                if (input.dim() == 0) throw new ShapeException("glu does not support 0-dimensional tensors");
                var size = input.size(dim);
                if (size % 2 != 0) throw new ShapeException($"Halving dimension must be even, but dimension {dim} is size {size}");
                return mul(narrow(input, dim, 0, size / 2), torch.sigmoid(narrow(input, dim, size / 2, size / 2)));
            }
        }
    }
}

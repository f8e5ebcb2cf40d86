namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>max(x, 0).</summary>
    public sealed class ReLU(bool inplace) : Applied("ReLU", input => nn.functional.relu(input, inplace));
    /// <summary>min(max(x, 0), 6).</summary>
    public sealed class ReLU6(bool inplace) : Applied("ReLU6", input => nn.functional.relu6(input, inplace));
    /// <summary>x * Phi(x) (Hendrycks and Gimpel 2016), or its approximation by "tanh".</summary>
    public sealed class GELU(string approximate) : Applied("GELU", input => nn.functional.gelu(input, approximate));
    /// <summary>1 / (1 + exp(-x)).</summary>
    public sealed class Sigmoid() : Applied("Sigmoid", input => torch.sigmoid(input));
    /// <summary>The hyperbolic tangent.</summary>
    public sealed class Tanh() : Applied("Tanh", input => torch.tanh(input));
    /// <summary>x * sigmoid(x).</summary>
    public sealed class SiLU(bool inplace) : Applied("SiLU", input => nn.functional.silu(input, inplace));
    /// <summary>x * tanh(softplus(x)).</summary>
    public sealed class Mish(bool inplace) : Applied("Mish", input => nn.functional.mish(input, inplace));
    /// <summary>x above 0, a part of it below.</summary>
    public sealed class LeakyReLU(double negative_slope, bool inplace) : Applied("LeakyReLU", input => nn.functional.leaky_relu(input, negative_slope, inplace));
    /// <summary>x above 0, alpha * (exp(x) - 1) below.</summary>
    public sealed class ELU(double alpha, bool inplace) : Applied("ELU", input => nn.functional.elu(input, alpha, inplace));
    /// <summary>elu with the constants that keep mean and variance.</summary>
    public sealed class SELU(bool inplace) : Applied("SELU", input => nn.functional.selu(input, inplace));
    /// <summary>x above 0, alpha * (exp(x / alpha) - 1) below.</summary>
    public sealed class CELU(double alpha, bool inplace) : Applied("CELU", input => nn.functional.celu(input, alpha, inplace));
    /// <summary>x held within [min_val, max_val].</summary>
    public sealed class Hardtanh(double min_val, double max_val, bool inplace) : Applied("Hardtanh", input => nn.functional.hardtanh(input, min_val, max_val, inplace));
    /// <summary>x / 6 + 1/2 within [0, 1].</summary>
    public sealed class Hardsigmoid(bool inplace) : Applied("Hardsigmoid", input => nn.functional.hardsigmoid(input, inplace));
    /// <summary>x * hardsigmoid(x).</summary>
    public sealed class Hardswish(bool inplace) : Applied("Hardswish", input => nn.functional.hardswish(input, inplace));
    /// <summary>x where it is further from 0 than lambd, 0 elsewhere.</summary>
    public sealed class Hardshrink(double lambd) : Applied("Hardshrink", input => nn.functional.hardshrink(input, lambd));
    /// <summary>x moved towards 0 by lambd.</summary>
    public sealed class Softshrink(double lambd) : Applied("Softshrink", input => nn.functional.softshrink(input, lambd));
    /// <summary>x - tanh(x).</summary>
    public sealed class Tanhshrink() : Applied("Tanhshrink", input => nn.functional.tanhshrink(input));
    /// <summary>x above a threshold, a value elsewhere.</summary>
    public sealed class Threshold(double threshold, double value, bool inplace) : Applied("Threshold", input => nn.functional.threshold(input, threshold, value, inplace));
    /// <summary>log(1 + exp(beta x)) / beta.</summary>
    public sealed class Softplus(double beta, double threshold) : Applied("Softplus", input => nn.functional.softplus(input, beta, threshold));
    /// <summary>x / (1 + |x|).</summary>
    public sealed class Softsign() : Applied("Softsign", input => nn.functional.softsign(input));
    /// <summary>log(sigmoid(x)).</summary>
    public sealed class LogSigmoid() : Applied("LogSigmoid", input => nn.functional.logsigmoid(input));
    /// <summary>exp(x) / sum(exp(x)) along a dimension.</summary>
    public sealed class Softmax(long dim) : Applied("Softmax", input => torch.softmax(input, dim));
    /// <summary>log(softmax(x)) along a dimension.</summary>
    public sealed class LogSoftmax(long dim) : Applied("LogSoftmax", input => torch.log_softmax(input, dim));
    /// <summary>softmax(-x) along a dimension.</summary>
    public sealed class Softmin(long dim) : Applied("Softmin", input => nn.functional.softmin(input, dim));
    /// <summary>The first half times the sigmoid of the second, along a dimension.</summary>
    public sealed class GLU(long dim) : Applied("GLU", input => nn.functional.glu(input, dim));
    /// <summary>The same.</summary>
    public sealed class Identity() : Applied("Identity", input => input);
    /// <summary>One dimension becomes several.</summary>
    public sealed class Unflatten(long dim, long[] unflattened_size) : Applied("Unflatten", input => input.unflatten(dim, unflattened_size));

    /// <summary>softmax over the channels of images.</summary>
    public sealed class Softmax2d() : Applied("Softmax2d", input => input.dim() is 3 or 4 ? torch.softmax(input, -3) : throw new ShapeException($"Softmax2d requires a 3D or 4D tensor as input (got {input.dim()}D)"));

    /// <summary>x above 0, a learned slope times x below: one for all, or one for each channel (He et al. 2015).</summary>
    public sealed class PReLU : nn.Module<Tensor, Tensor>
    {
        /// <summary>The slopes below 0.</summary>
        public Parameter weight { get; }

        internal PReLU(long num_parameters, double init, ScalarType? dtype) : base("PReLU")
        {
            weight = new Parameter(full([num_parameters], init, dtype ?? get_default_dtype()));
            register_parameter("weight", weight);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => nn.functional.prelu(input, weight);
    }

    /// <summary>Dimensions start_dim to end_dim become one.</summary>
    public sealed class Flatten(long start_dim, long end_dim) : Applied("Flatten", input => torch.flatten(input, start_dim, end_dim));
}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>max(x, 0).</summary>
            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);
            /// <summary>min(max(x, 0), 6).</summary>
            public static Modules.ReLU6 ReLU6(bool inplace = false) => new(inplace);
            /// <summary>x * Phi(x) (Hendrycks and Gimpel 2016), or its approximation by "tanh".</summary>
            public static Modules.GELU GELU(string approximate = "none") => new(approximate);
            /// <summary>1 / (1 + exp(-x)).</summary>
            public static Modules.Sigmoid Sigmoid() => new();
            /// <summary>The hyperbolic tangent.</summary>
            public static Modules.Tanh Tanh() => new();
            /// <summary>x * sigmoid(x).</summary>
            public static Modules.SiLU SiLU(bool inplace = false) => new(inplace);
            /// <summary>x * tanh(softplus(x)).</summary>
            public static Modules.Mish Mish(bool inplace = false) => new(inplace);
            /// <summary>x above 0, a part of it below.</summary>
            public static Modules.LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);
            /// <summary>x above 0, alpha * (exp(x) - 1) below.</summary>
            public static Modules.ELU ELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);
            /// <summary>elu with the constants that keep mean and variance.</summary>
            public static Modules.SELU SELU(bool inplace = false) => new(inplace);
            /// <summary>x above 0, alpha * (exp(x / alpha) - 1) below.</summary>
            public static Modules.CELU CELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);
            /// <summary>x held within [min_val, max_val].</summary>
            public static Modules.Hardtanh Hardtanh(double min_val = -1.0, double max_val = 1.0, bool inplace = false) => new(min_val, max_val, inplace);
            /// <summary>x / 6 + 1/2 within [0, 1].</summary>
            public static Modules.Hardsigmoid Hardsigmoid(bool inplace = false) => new(inplace);
            /// <summary>x * hardsigmoid(x).</summary>
            public static Modules.Hardswish Hardswish(bool inplace = false) => new(inplace);
            /// <summary>x where it is further from 0 than lambd, 0 elsewhere.</summary>
            public static Modules.Hardshrink Hardshrink(double lambd = 0.5) => new(lambd);
            /// <summary>x moved towards 0 by lambd.</summary>
            public static Modules.Softshrink Softshrink(double lambd = 0.5) => new(lambd);
            /// <summary>x - tanh(x).</summary>
            public static Modules.Tanhshrink Tanhshrink() => new();
            /// <summary>x above a threshold, a value elsewhere.</summary>
            public static Modules.Threshold Threshold(double threshold, double value, bool inplace = false) => new(threshold, value, inplace);
            /// <summary>log(1 + exp(beta x)) / beta.</summary>
            public static Modules.Softplus Softplus(double beta = 1.0, double threshold = 20.0) => new(beta, threshold);
            /// <summary>x / (1 + |x|).</summary>
            public static Modules.Softsign Softsign() => new();
            /// <summary>log(sigmoid(x)).</summary>
            public static Modules.LogSigmoid LogSigmoid() => new();
            /// <summary>exp(x) / sum(exp(x)) along a dimension.</summary>
            public static Modules.Softmax Softmax(long dim) => new(dim);
            /// <summary>log(softmax(x)) along a dimension.</summary>
            public static Modules.LogSoftmax LogSoftmax(long dim) => new(dim);
            /// <summary>softmax(-x) along a dimension.</summary>
            public static Modules.Softmin Softmin(long dim) => new(dim);
            /// <summary>The first half times the sigmoid of the second, along a dimension.</summary>
            public static Modules.GLU GLU(long dim = -1) => new(dim);
            /// <summary>The same.</summary>
            public static Modules.Identity Identity() => new();
            /// <summary>One dimension becomes several.</summary>
            public static Modules.Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);
            /// <summary>softmax over the channels of images.</summary>
            public static Modules.Softmax2d Softmax2d() => new();
            /// <summary>x above 0, a learned slope times x below.</summary>
            public static Modules.PReLU PReLU(long num_parameters = 1, double init = 0.25, Device? device = null, ScalarType? dtype = null) => new Modules.PReLU(num_parameters, init, dtype).On(device);
            /// <summary>Dimensions start_dim to end_dim become one.</summary>
            public static Modules.Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
        }
    }
}

using Functional.Torch.Modules;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>First values for parameters. All work in place and are not recorded.</summary>
        public static partial class init
        {
            /// <summary>Which number of connections keeps its variance.</summary>
            public enum FanInOut
            {
                /// <summary>Forward.</summary>
                FanIn,
                /// <summary>Backward.</summary>
                FanOut,
            }

            static Tensor Quietly(Tensor tensor, Func<Tensor, Tensor> change)
            {
                using (no_grad()) change(tensor);
                return tensor;
            }

            /// <summary>Uniform numbers in [a, b).</summary>
            public static Tensor uniform_(Tensor tensor, double a = 0, double b = 1) => Quietly(tensor, t => t.uniform_(a, b));
            /// <summary>Normal numbers.</summary>
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1) => Quietly(tensor, t => t.normal_(mean, std));
            /// <summary>One number.</summary>
            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));
            /// <summary>Ones.</summary>
            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);
            /// <summary>Zeros.</summary>
            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            /// <summary>The identity matrix.</summary>
            public static Tensor eye_(Tensor tensor)
            {
                if (tensor.dim() != 2) throw new ArgumentValueException("Only tensors with 2 dimensions are supported");
                return Quietly(tensor, t => t.copy_(eye(t.size(0), t.size(1), t.dtype)));
            }

            /// <summary>1 where a channel passes through the middle of the kernel, 0 elsewhere: convolution as identity.</summary>
            public static Tensor dirac_(Tensor tensor, long groups = 1) => Quietly(tensor, t => t.copy_(new Tensor(Initial.dirac(Convert.Int(groups), Convert.List(t.shape)))));

            /// <summary>Normal numbers within [a, b].</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2)
            {
                var (low, high) = Initial.truncatedRange(mean, std, a, b);
                return Quietly(tensor, t => t.copy_(new Tensor(Initial.truncated(mean, std, a, b, t.uniform_(low, high).Core))));
            }

            /// <summary>A matrix with orthogonal rows or columns (Saxe, McClelland and Ganguli 2014); dimensions behind the first count as one.</summary>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                if (tensor.dim() < 2) throw new ArgumentValueException("Only tensors with 2 or more dimensions are supported");
                if (tensor.numel() == 0) return tensor;
                var normal = randn([tensor.size(0), tensor.numel() / tensor.size(0)], tensor.dtype);
                return Quietly(tensor, t => t.copy_(new Tensor(Initial.orthogonalized(gain, normal.Core)).reshape(t.shape)));
            }

            /// <summary>Normal numbers, with a part of each column set to 0 (Martens 2010).</summary>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                if (tensor.dim() != 2) throw new ArgumentValueException("Only tensors with 2 dimensions are supported");
                var zeros = Initial.emptyRows(sparsity, Convert.Int(tensor.size(0)));
                return Quietly(tensor, t =>
                {
                    t.normal_(0, std);
                    for (var column = 0L; column < t.size(1); column++)
                        t.index_put_(torch.zeros([], t.dtype), TensorIndex.Tensor(randperm(t.size(0)).narrow(0, 0, zeros)), TensorIndex.Single(column));
                    return t;
                });
            }

            /// <summary>The number of connections into and out of an element.</summary>
            public static (long fan_in, long fan_out) _calculate_fan_in_and_fan_out(Tensor tensor) => Initial.fans(tensor.Core.Shape);

            /// <summary>The factor that keeps the variance of a nonlinearity's results.</summary>
            public static double calculate_gain(string nonlinearity, double? param = null) => Initial.gain(nonlinearity, param ?? 0.01);

            static Tensor Within(Tensor tensor, double bound) => uniform_(tensor, -bound, bound);

            /// <summary>Uniform numbers of Glorot and Bengio 2010.</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0) => Within(tensor, Initial.bound(Initial.xavier(gain, tensor.Core.Shape)));
            /// <summary>Normal numbers of Glorot and Bengio 2010.</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, Initial.xavier(gain, tensor.Core.Shape));

            static double Kaiming(Tensor tensor, double a, FanInOut mode, string nonlinearity) =>
                Initial.kaiming(calculate_gain(nonlinearity, a), mode == FanInOut.FanIn, tensor.Core.Shape);

            /// <summary>Uniform numbers of He et al. 2015.</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, string nonlinearity = "leaky_relu") =>
                tensor.numel() == 0 ? tensor : Within(tensor, Initial.bound(Kaiming(tensor, a, mode, nonlinearity)));

            /// <summary>Normal numbers of He et al. 2015.</summary>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, string nonlinearity = "leaky_relu") =>
                tensor.numel() == 0 ? tensor : normal_(tensor, 0, Kaiming(tensor, a, mode, nonlinearity));

            /// <summary>The default of layers with weights and biases: uniform within 1 / sqrt(fan in).</summary>
            internal static void Default(Parameter weight, Parameter? bias)
            {
                kaiming_uniform_(weight, Math.Sqrt(5));
                if (bias is null) return;
                var (fan_in, _) = _calculate_fan_in_and_fan_out(weight);
                if (fan_in > 0) uniform_(bias, -1 / Math.Sqrt(fan_in), 1 / Math.Sqrt(fan_in));
            }
        }
    }
}

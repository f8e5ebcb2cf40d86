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

            /// <summary>The number of connections into and out of an element.</summary>
            public static (long fan_in, long fan_out) _calculate_fan_in_and_fan_out(Tensor tensor)
            {
                if (tensor.dim() < 2) throw new ArgumentValueException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                var field = tensor.shape[2..].Aggregate(1L, (a, b) => a * b);
                return (tensor.size(1) * field, tensor.size(0) * field);
            }

            /// <summary>The factor that keeps the variance of a nonlinearity's results.</summary>
            public static double calculate_gain(string nonlinearity, double? param = null) =>
                nonlinearity switch
                {
                    "linear" or "conv1d" or "conv2d" or "conv3d" or "conv_transpose1d" or "conv_transpose2d" or "conv_transpose3d" or "sigmoid" => 1,
                    "tanh" => 5.0 / 3,
                    "relu" => Math.Sqrt(2),
                    "leaky_relu" => Math.Sqrt(2.0 / (1 + (param ?? 0.01) * (param ?? 0.01))),
                    "selu" => 0.75,
                    _ => throw new ArgumentValueException($"Unsupported nonlinearity {nonlinearity}"),
                };

            /// <summary>Uniform numbers of Glorot and Bengio 2010.</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fan_in, fan_out) = _calculate_fan_in_and_fan_out(tensor);
                var bound = Math.Sqrt(3) * gain * Math.Sqrt(2.0 / (fan_in + fan_out));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Normal numbers of Glorot and Bengio 2010.</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0)
            {
                var (fan_in, fan_out) = _calculate_fan_in_and_fan_out(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fan_in + fan_out)));
            }

            static double KaimingStd(Tensor tensor, double a, FanInOut mode, string nonlinearity)
            {
                var (fan_in, fan_out) = _calculate_fan_in_and_fan_out(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fan_in : fan_out);
            }

            /// <summary>Uniform numbers of He et al. 2015.</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, string nonlinearity = "leaky_relu")
            {
                if (tensor.numel() == 0) return tensor;
                var bound = Math.Sqrt(3) * KaimingStd(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Normal numbers of He et al. 2015.</summary>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, string nonlinearity = "leaky_relu") =>
                tensor.numel() == 0 ? tensor : normal_(tensor, 0, KaimingStd(tensor, a, mode, nonlinearity));

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

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// Normalizes every channel: by the batch's statistics while training (then the running ones move), by the running ones else.
            /// </summary>
            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-05)
            {
                if (!training)
                {
                    if (running_mean is null || running_var is null) throw new ArgumentValueException("Expected running_mean and running_var to be defined when training=False");
                    return new(Normalization.byChannel(running_mean.Core, running_var.Core, Maybe(weight), Maybe(bias), eps, input.Core));
                }

                var count = input.numel() / Math.Max(1, input.size(1));
                if (count == 1) throw new ShapeException($"Expected more than 1 value per channel when training, got input size {ShapeModule.format(input.Core.Shape)}");
                var (mean, variance) = Normalization.channelStatistics(input.Core);
                using (no_grad())
                {
                    running_mean?.Replace(Moved(running_mean.Core, mean, momentum));
                    running_var?.Replace(Moved(running_var.Core, Operands.withRight(Functions.mul, variance, Number.NewReal(count / (count - 1.0))), momentum));
                }
                return new(Normalization.byChannel(mean, variance, Maybe(weight), Maybe(bias), eps, input.Core));
            }

            static CoreTensor Moved(CoreTensor running, CoreTensor now, double momentum)
            {
                var kept = Operands.withRight(Functions.mul, running, Number.NewReal(1 - momentum));
                return Operands.binary(Functions.add, kept, Engine.cast(running.Dtype, Operands.withRight(Functions.mul, History.Without(now), Number.NewReal(momentum))));
            }

            /// <summary>Normalizes over the last dimensions.</summary>
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                var rank = normalized_shape.Length;
                if (rank == 0) throw new ShapeException("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []");
                if (rank > input.dim() || !input.shape[^rank..].AsSpan().SequenceEqual(normalized_shape))
                    throw new ShapeException($"Given normalized_shape=[{string.Join(", ", normalized_shape)}], expected input with shape [*, {string.Join(", ", normalized_shape)}], but got input of size{ShapeModule.format(input.Core.Shape)}");
                return new(Normalization.byLayer(rank, Maybe(weight), Maybe(bias), eps, input.Core));
            }

            /// <summary>Normalizes over groups of channels.</summary>
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                if (input.dim() < 2) throw new ShapeException($"Expected at least 2 dimensions for input tensor but received {input.dim()}");
                if (num_groups <= 0 || input.size(1) % num_groups != 0)
                    throw new ShapeException($"Expected number of channels in input to be divisible by num_groups, but got input of shape {ShapeModule.format(input.Core.Shape)} and num_groups={num_groups}");
                return new(Normalization.byGroup(Convert.Int(num_groups), Maybe(weight), Maybe(bias), eps, input.Core));
            }
        }
    }
}

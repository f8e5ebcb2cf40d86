using Microsoft.FSharp.Core;

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
                if (input.dim() < 2)
                {
                    if (input.numel() == 0) return input.clone();
                    throw new ShapeException($"batch_norm expects an input with channels, [N, C] at least, but got {ShapeModule.format(input.Core.Shape)}");
                }
                if (!training)
                {
                    if (running_mean is null || running_var is null) throw new ArgumentValueException("Expected running_mean and running_var to be defined when training=False");
                    return new(Normalization.byChannel(running_mean.Core, running_var.Core, Maybe(weight), Maybe(bias), eps, input.Core));
                }

                var count = input.numel() / Math.Max(1, input.size(1));
                if (count == 1) throw new ShapeException($"Expected more than 1 value per channel when training, got input size {ShapeModule.format(input.Core.Shape)}");
                var batch = Normalization.byBatch(Running(running_mean), Running(running_var), momentum, Maybe(weight), Maybe(bias), eps, input.Core);
                Keep(running_mean, batch.RunningMean);
                Keep(running_var, batch.RunningVariance);
                return new(batch.Result);
            }

            /// <summary>A statistic without its history, which it has no use for.</summary>
            static FSharpValueOption<CoreTensor> Running(Tensor? statistic) => statistic is null ? FSharpValueOption<CoreTensor>.None : FSharpValueOption<CoreTensor>.Some(History.Without(statistic.Core));

            static void Keep(Tensor? statistic, FSharpValueOption<CoreTensor> next)
            {
                if (statistic is not null && next.IsSome) statistic.Refresh(next.Value);
            }

            /// <summary>batch_norm with the mean and the inverse deviation that it used; both empty unless training.</summary>
            [Forms(Forms.Plain, ".native_batch_norm")]
            public static (Tensor output, Tensor save_mean, Tensor save_invstd) native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, double momentum, double eps)
            {
                if (!training) return (batch_norm(input, running_mean, running_var, weight, bias, false, momentum, eps), empty([0], input.dtype), empty([0], input.dtype));
                var batch = Normalization.byBatch(Running(running_mean), Running(running_var), momentum, Maybe(weight), Maybe(bias), eps, input.Core);
                Keep(running_mean, batch.RunningMean);
                Keep(running_var, batch.RunningVariance);
                // Statistics are for those who write gradients by hand; they have none themselves.
                return (new(batch.Result), new(Structure.detach(batch.Mean)), new(Structure.detach(Normalization.inverseDeviation(eps, batch.Variance))));
            }

            /// <summary>Normalizes every channel of every example: by its own statistics, or by running ones.</summary>
            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-05)
            {
                if (!use_input_stats)
                {
                    if (running_mean is null || running_var is null) throw new ArgumentValueException("Expected running_mean and running_var to be defined when use_input_stats is false");
                    return batch_norm(input, running_mean, running_var, weight, bias, false, momentum, eps);
                }
                if (input.dim() < 3 || input.shape[2..].Aggregate(1L, (a, b) => a * b) == 1) throw new ShapeException($"Expected more than 1 spatial element when training, got input size {ShapeModule.format(input.Core.Shape)}");
                if (running_mean is not null && running_var is not null)
                    using (no_grad())
                    {
                        var (mean, variance) = Normalization.runByInstance(momentum, running_mean.Core, running_var.Core, input.Core);
                        running_mean.Replace(mean);
                        running_var.Replace(variance);
                    }
                return new(Normalization.byInstance(Maybe(weight), Maybe(bias), eps, input.Core));
            }

            /// <summary>Divides by what the neighbouring channels' squares make.</summary>
            public static Tensor local_response_norm(Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) =>
                new(Normalization.byNeighbours(Convert.Int(size), alpha, beta, k, input.Core));

            /// <summary>Divides by the root of the mean square over the last dimensions; eps is the dtype's precision unless given.</summary>
            [Forms(Forms.Plain, ".rms_norm")]
            public static Tensor rms_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, double? eps = null)
            {
                Normalizes(input, normalized_shape);
                return new(Normalization.byRootMeanSquare(normalized_shape.Length, Maybe(weight), eps ?? Normalization.precision(input.Core.Dtype), input.Core));
            }

            static void Normalizes(Tensor input, long[] normalized_shape)
            {
                var rank = normalized_shape.Length;
                if (rank == 0) throw new ShapeException("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []");
                if (rank > input.dim() || !input.shape[^rank..].AsSpan().SequenceEqual(normalized_shape))
                    throw new ShapeException($"Given normalized_shape=[{string.Join(", ", normalized_shape)}], expected input with shape [*, {string.Join(", ", normalized_shape)}], but got input of size{ShapeModule.format(input.Core.Shape)}");
            }

            /// <summary>Normalizes over the last dimensions.</summary>
            [Forms(Forms.Plain, ".layer_norm")]
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                Normalizes(input, normalized_shape);
                return new(Normalization.byLayer(normalized_shape.Length, Maybe(Autocast.Maybe(weight)), Maybe(Autocast.Maybe(bias)), eps, Autocast.As(input).Core));
            }

            /// <summary>Normalizes over groups of channels.</summary>
            [Forms(Forms.Plain, ".group_norm")]
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                if (input.dim() < 2) throw new ShapeException($"Expected at least 2 dimensions for input tensor but received {input.dim()}");
                if (num_groups <= 0 || input.size(1) % num_groups != 0)
                    throw new ShapeException($"Expected number of channels in input to be divisible by num_groups, but got input of shape {ShapeModule.format(input.Core.Shape)} and num_groups={num_groups}");
                return new(Normalization.byGroup(Convert.Int(num_groups), Maybe(Autocast.Maybe(weight)), Maybe(Autocast.Maybe(bias)), eps, Autocast.As(input).Core));
            }
        }
    }
}

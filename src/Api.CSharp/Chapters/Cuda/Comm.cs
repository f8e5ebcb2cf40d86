namespace Functional.Torch;

public static partial class torch
{
    public static partial class cuda
    {
        /// <summary>Tensors between several cards. Gradients go back the way the elements came.</summary>
        public static class comm
        {
            static Device At(long device) => new(DeviceType.CUDA, Checked(Convert.Int(device)));

            static Tensor OnCard(Tensor tensor, string name) =>
                tensor.is_cuda ? tensor : throw new DeviceException($"{name} expects all inputs to be on GPUs, but got a tensor on {tensor.device}: move it with .cuda()");

            /// <summary>Copies a tensor to several cards; on the one where it lives it is the tensor itself.</summary>
            public static Tensor[] broadcast(Tensor tensor, long[] devices)
            {
                if (devices.Length == 0) throw new ArgumentValueException("Expected at least one device to broadcast to, but got none");
                return [.. devices.Select(d => tensor.to(At(d)))];
            }

            /// <summary>The sum of tensors of several cards, on one of them: the current one, if none is named.</summary>
            public static Tensor reduce_add(IReadOnlyList<Tensor> inputs, long? destination = null)
            {
                if (inputs.Count == 0) throw new ArgumentValueException("reduce_add expects at least one input, but got none");
                foreach (var input in inputs)
                    if (!OnCard(input, "reduce_add").is_same_size(inputs[0]))
                        throw new ShapeException($"input {inputs.ToList().IndexOf(input)} has invalid size: got {ShapeModule.format(input.Core.Shape)}, but expected {ShapeModule.format(inputs[0].Core.Shape)}");
                var target = At(destination ?? current_device());
                return inputs.Select(i => i.to(target)).Aggregate((sum, next) => sum + next);
            }

            /// <summary>Cuts a tensor along a dimension and hands the parts out to several cards: equal parts, if no sizes are given.</summary>
            public static Tensor[] scatter(Tensor tensor, long[]? devices = null, long[]? chunk_sizes = null, long dim = 0, IReadOnlyList<Stream?>? streams = null)
            {
                devices ??= [.. Enumerable.Range(0, device_count()).Select(i => (long)i)];
                if (devices.Length == 0) throw new ArgumentValueException("Expected at least one device to scatter to");
                if (chunk_sizes is not null && chunk_sizes.Length != devices.Length)
                    throw new ArgumentValueException($"Expected devices and chunk_sizes to be of same length, but got len(devices) = {devices.Length} and len(chunk_sizes) = {chunk_sizes.Length}");
                var parts = chunk_sizes is null ? chunk(tensor, devices.Length, dim) : split(tensor, chunk_sizes, dim);
                var result = new Tensor[parts.Length];
                for (var i = 0; i < parts.Length; i++)
                    using (stream(streams?[i])) result[i] = parts[i].to(At(devices[i]));
                return result;
            }

            /// <summary>Joins tensors of several cards along a dimension, on one of them: the current one, if none is named, and the processor for -1.</summary>
            public static Tensor gather(IReadOnlyList<Tensor> tensors, long dim = 0, long? destination = null)
            {
                if (tensors.Count == 0) throw new ArgumentValueException("Expected at least one tensor to gather from, but got none");
                foreach (var tensor in tensors) OnCard(tensor, "gather");
                var target = destination is < 0 ? CPU : At(destination ?? current_device());
                return cat([.. tensors.Select(t => t.to(target))], dim);
            }
        }
    }
}

namespace Functional.Torch.Modules
{
    using System.Runtime.ExceptionServices;
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>
    /// A module over several graphics cards, or over threads of the processor where there is no card: each takes a part of the batch with
    /// a copy of the module, and gradients meet in the module itself.
    /// </summary>
    /// <remarks>
    /// On the processor the batch is cut into at most eight parts by its size alone, and gradients of the parts are added in a fixed order.
    /// So results and gradients have the same bits for any number of workers, one included. As on cards, each part is a batch of
    /// its own: batch norms normalize within a part, and running statistics and whatever else a module changes about itself are
    /// those of the first part. A batch that is not cut (of one example) is the module itself, bit for bit. The first part draws its
    /// random numbers from the default generator and the others from generators seeded by its state.
    /// </remarks>
    public sealed class DataParallel : nn.Module<Tensor, Tensor>
    {
        const long MostParts = 8;

        readonly long[] cards;
        readonly long output, dim;
        readonly int? workers;

        /// <summary>The module.</summary>
        public nn.Module<Tensor, Tensor> module { get; }

        internal DataParallel(nn.Module<Tensor, Tensor> module, long[]? device_ids, long? output_device, long dim) : base("DataParallel")
        {
            this.module = module;
            var count = cuda.device_count();
            cards = count == 0 ? [] : device_ids ?? [.. Enumerable.Range(0, count).Select(i => (long)i)];
            workers = device_ids is { Length: > 0 } ? device_ids.Length : null;
            (output, this.dim) = (output_device ?? cards.FirstOrDefault(), dim);
            register_module("module", module);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => cards.Length == 0 ? OverThreads(input) : OverCards(input);

        Tensor OverCards(Tensor input)
        {
            var first = new Device(DeviceType.CUDA, Convert.Int(cards[0]));
            foreach (var tensor in module.parameters().Concat(module.buffers()))
                if (!tensor.device.Equals(first))
                    throw new DeviceException($"module must have its parameters and buffers on device {first} (device_ids[0]) but found one of them on device: {tensor.device}");
            var parts = cuda.comm.scatter(input, cards[..(int)Math.Min(cards.Length, Math.Max(1, input.size(dim)))], dim: dim);
            // The first part runs in the module itself, so that running statistics are kept.
            return cuda.comm.gather([.. parts.Select((part, i) => i == 0 ? module.call(part) : func.functional_call(module, Copies(part.device), part))], dim, output);
        }

        Dictionary<string, Tensor> Copies(Device device) =>
            module.named_parameters().Select(p => (p.name, tensor: (Tensor)p.parameter))
                .Concat(module.named_buffers().Select(b => (b.name, tensor: b.buffer)))
                .ToDictionary(entry => entry.name, entry => entry.tensor.to(device));

        Tensor OverThreads(Tensor input)
        {
            var count = Math.Min(MostParts, input.size(dim));
            if (count < 2) return module.call(input);
            if (module.modules().Any(m => m is ILazy lazy && lazy.has_uninitialized_params()))
                throw new ArgumentValueException("Modules with uninitialized parameters can't be used with `DataParallel`. Run a dummy forward pass to correctly initialize the modules");

            // Cells of their own, since views of one tensor are read out of it again whenever somebody writes to it.
            Tensor[] parts = [.. chunk(input, count, dim).Select(part => new Tensor(part.Core))];
            // What pulling back meets last, in the falling order of its making, are these copies: there the parts' gradients come together.
            nn.Module<Tensor, Tensor>[] replicas = [module, .. parts.Skip(1).Select(_ => Replica())];
            var generators = Generators(parts.Length);
            var here = ThreadState.Now;
            var results = new Tensor[parts.Length];
            var errors = new ExceptionDispatchInfo?[parts.Length];

            void Run(int i)
            {
                try { results[i] = here.Within(generators[i], () => replicas[i].call(parts[i])); }
                catch (Exception error) { errors[i] = ExceptionDispatchInfo.Capture(error); }
            }

            var threads = workers ?? Convert.Int(get_num_threads());
            if (threads == 1)
                for (var i = 0; i < parts.Length; i++) Run(i);
            else Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, Run);
            errors.FirstOrDefault(error => error is not null)?.Throw();
            return cat(results, dim);
        }

        nn.Module<Tensor, Tensor> Replica()
        {
            var copy = module.deepcopy();
            foreach (var (own, original) in copy.parameters().Zip(module.parameters())) own.Lend(Structure.share(original.Core));
            return copy;
        }

        static Generator[] Generators(int count)
        {
            var first = Generator.Default;
            // Drawn from a copy: a module that needs no random numbers takes none from the default generator.
            var seed = Choosing.seed(new Generator().set_state(first.get_state()).Source);
            return [first, .. Enumerable.Range(1, count - 1).Select(i => new Generator(seed + (ulong)i))];
        }
    }
}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>
            /// A module over several graphics cards: all, if none are named. Where there is no card, a module over as many threads as
            /// `device_ids` names or else as set_num_threads() allows; results do not depend on their number.
            /// </summary>
            public static Modules.DataParallel DataParallel(Module<Tensor, Tensor> module, long[]? device_ids = null, long? output_device = null, long dim = 0) => new(module, device_ids, output_device, dim);
        }
    }
}

using System.Collections;
using Microsoft.FSharp.Core;

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Places = IEnumerable<long[]>;

    /// <summary>Who makes batches, and how many ahead of their reader.</summary>
    internal sealed record LoaderWorkers(object Dataset, long Count, long PrefetchFactor, double Timeout, Action<long>? Init, bool Persist, Generator? Generator)
    {
        Lazy<bool>[]? ready;

        public LoaderWorkers Checked()
        {
            if (Count < 0) throw new ArgumentValueException("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.");
            if (PrefetchFactor <= 0) throw new ArgumentValueException("prefetch_factor option should be positive");
            if (!(Timeout >= 0)) throw new ArgumentValueException("timeout option should be non-negative");
            return this;
        }

        /// <summary>What workers begin with, once each: for every reading, or for all where they persist.</summary>
        public Lazy<bool>[] Ready()
        {
            Lazy<bool>[] Fresh() => [.. Enumerable.Range(0, (int)Count).Select(id => new Lazy<bool>(() => { Init?.Invoke(id); return true; }))];
            return Persist ? ready ??= Fresh() : Fresh();
        }
    }

    /// <summary>Batches of a data set, made when they are read or ahead of that by workers.</summary>
    public sealed class DataLoader<TBatch> : IEnumerable<TBatch>, IDisposable
    {
        readonly IEnumerable<Func<TBatch>> work;
        readonly Func<long> count;
        readonly LoaderWorkers workers;

        internal DataLoader(IEnumerable<Func<TBatch>> work, Func<long> count, LoaderWorkers workers) =>
            (this.work, this.count, this.workers) = (work, count, workers.Checked());

        /// <summary>The number of batches. Raises ArgumentValueException where the data set does not know how many examples it has.</summary>
        public long Count => count();

        /// <inheritdoc/>
        public IEnumerator<TBatch> GetEnumerator()
        {
            // PyTorch draws a seed for its workers each time, before anything is shuffled.
            var seed = Choosing.seed((workers.Generator ?? Generator.Default).Source);
            int several = Convert.Int(workers.Count);
            var ready = workers.Ready();
            TBatch Make(int number, Func<TBatch> batch)
            {
                if (several == 0) return batch();
                // Batches go around, as in PyTorch. A worker's random numbers belong to the batch, whoever makes it.
                int id = number % several;
                var info = new WorkerInfo(id, several, (long)(seed + (ulong)id), workers.Dataset);
                return Generator.Within(new Generator(seed + (ulong)number), () => WorkerInfo.Within(info, () => { _ = ready[id].Value; return batch(); }));
            }
            var timeout = workers.Timeout > 0 ? FSharpValueOption<TimeSpan>.NewValueSome(TimeSpan.FromSeconds(workers.Timeout)) : default;
            return Loader.prefetchWithin(timeout, several, Convert.Int(workers.Count * workers.PrefetchFactor), FuncConvert.FromFunc<int, Func<TBatch>, TBatch>(Make), work).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
        public void Dispose() => GC.SuppressFinalize(this);
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class utils
        {
            public static partial class data
            {
                static DataLoader<TBatch> Load<T, TBatch>(Dataset<T> dataset, Func<long[], TBatch> batch, Func<long, TBatch> alone, long? batch_size, bool shuffle, IEnumerable<long>? sampler, IEnumerable<long[]>? batch_sampler, bool drop_last, LoaderWorkers workers)
                {
                    if (sampler is not null && shuffle) throw new ArgumentValueException("sampler option is mutually exclusive with shuffle");
                    if (batch_sampler is not null && (batch_size != 1 || shuffle || sampler is not null || drop_last))
                        throw new ArgumentValueException("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last");
                    if (batch_size is null && batch_sampler is null && drop_last) throw new ArgumentValueException("batch_size=None option disables auto-batching and is mutually exclusive with drop_last");
                    sampler ??= shuffle ? RandomSampler(dataset, generator: workers.Generator) : SequentialSampler(dataset);
                    if (batch_size is null && batch_sampler is null)
                        return new(sampler.Select<long, Func<TBatch>>(place => () => alone(place)), () => sampler.Count(), workers);
                    batch_sampler ??= BatchSampler(sampler, batch_size ?? 1, drop_last);
                    return new(batch_sampler.Select<long[], Func<TBatch>>(places => () => batch(places)), () => batch_sampler.Count(), workers);
                }

                /// <summary>The worker that makes a batch on this thread, null where no worker does: within data sets, collate functions and worker_init_fn.</summary>
                public static WorkerInfo? get_worker_info() => WorkerInfo.Current;

                /// <summary>The examples of a data set in batches: tensors of one name are stacked. Without a batch size examples come one by one.</summary>
                public static DataLoader<Dictionary<string, Tensor>> DataLoader(Dataset dataset, long? batch_size = 1, bool shuffle = false, IEnumerable<long>? sampler = null, IEnumerable<long[]>? batch_sampler = null, long num_workers = 0, bool pin_memory = false, bool drop_last = false, double timeout = 0, Action<long>? worker_init_fn = null, Generator? generator = null, long prefetch_factor = 2, bool persistent_workers = false) =>
                    Load(dataset, places => default_collate([.. places.Select(dataset.GetTensor)]), dataset.GetTensor, batch_size, shuffle, sampler, batch_sampler, drop_last, new(dataset, num_workers, prefetch_factor, timeout, worker_init_fn, persistent_workers, generator));

                /// <summary>The examples of tensors in batches: tensors of one place are stacked. Without a batch size examples come one by one.</summary>
                public static DataLoader<IList<Tensor>> DataLoader(Dataset<IList<Tensor>> dataset, long? batch_size = 1, bool shuffle = false, IEnumerable<long>? sampler = null, IEnumerable<long[]>? batch_sampler = null, long num_workers = 0, bool pin_memory = false, bool drop_last = false, double timeout = 0, Action<long>? worker_init_fn = null, Generator? generator = null, long prefetch_factor = 2, bool persistent_workers = false) =>
                    // Slices of tensors are taken in one step.
                    Load<IList<Tensor>, IList<Tensor>>(dataset, dataset is TensorsDataset slices ? slices.Batch : places => default_collate([.. places.Select(dataset.GetTensor)]), dataset.GetTensor, batch_size, shuffle, sampler, batch_sampler, drop_last, new(dataset, num_workers, prefetch_factor, timeout, worker_init_fn, persistent_workers, generator));

                /// <summary>The examples of any data set in batches that a function puts together.</summary>
                public static DataLoader<TBatch> DataLoader<T, TBatch>(Dataset<T> dataset, Func<IList<T>, TBatch> collate_fn, long? batch_size = 1, bool shuffle = false, IEnumerable<long>? sampler = null, IEnumerable<long[]>? batch_sampler = null, long num_workers = 0, bool pin_memory = false, bool drop_last = false, double timeout = 0, Action<long>? worker_init_fn = null, Generator? generator = null, long prefetch_factor = 2, bool persistent_workers = false) =>
                    Load(dataset, places => collate_fn([.. places.Select(dataset.GetTensor)]), place => collate_fn([dataset.GetTensor(place)]), batch_size, shuffle, sampler, batch_sampler, drop_last, new(dataset, num_workers, prefetch_factor, timeout, worker_init_fn, persistent_workers, generator));

                /// <summary>The examples of a data set that nobody can count, in batches: tensors of one place are stacked.</summary>
                public static DataLoader<IList<Tensor>> DataLoader(IterableDataset<IList<Tensor>> dataset, long batch_size = 1, long num_workers = 0, bool pin_memory = false, bool drop_last = false, double timeout = 0, Action<long>? worker_init_fn = null, Generator? generator = null, long prefetch_factor = 2, bool persistent_workers = false) =>
                    DataLoader(dataset, default_collate, batch_size, num_workers, pin_memory, drop_last, timeout, worker_init_fn, generator, prefetch_factor, persistent_workers);

                /// <summary>The examples of a data set that nobody can count, in batches that a function puts together.</summary>
                public static DataLoader<TBatch> DataLoader<T, TBatch>(IterableDataset<T> dataset, Func<IList<T>, TBatch> collate_fn, long batch_size = 1, long num_workers = 0, bool pin_memory = false, bool drop_last = false, double timeout = 0, Action<long>? worker_init_fn = null, Generator? generator = null, long prefetch_factor = 2, bool persistent_workers = false) =>
                    new(Loader.batches(Convert.Int(batch_size), drop_last, dataset).Select<T[], Func<TBatch>>(examples => () => collate_fn(examples)),
                        () => throw new ArgumentValueException($"object of type '{dataset.GetType().Name}' has no len()"), new(dataset, num_workers, prefetch_factor, timeout, worker_init_fn, persistent_workers, generator));
            }
        }
    }
}

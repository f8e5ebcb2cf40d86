using System.Collections;

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;

    /// <summary>The examples of a data set in batches, in order or shuffled anew each time they are gone through.</summary>
    public sealed class DataLoader<TBatch> : IEnumerable<TBatch>, IDisposable
    {
        readonly Func<long[], TBatch> batch;
        readonly long count, size;
        readonly bool shuffle, drop_last;
        readonly Generator? generator;

        internal DataLoader(long count, Func<long[], TBatch> batch, long batch_size, bool shuffle, bool drop_last, Generator? generator)
        {
            if (batch_size <= 0) throw new ArgumentValueException($"batch_size should be a positive integer value, but got batch_size={batch_size}");
            (this.count, this.batch, size, this.shuffle, this.drop_last, this.generator) = (count, batch, batch_size, shuffle, drop_last, generator);
        }

        /// <summary>The number of batches.</summary>
        public long Count => drop_last ? count / size : (count + size - 1) / size;

        /// <inheritdoc/>
        public IEnumerator<TBatch> GetEnumerator()
        {
            var order = shuffle ? randperm(count, generator: generator).data<long>().ToArray() : null;
            for (var i = 0L; i < Count; i++)
            {
                var places = new long[Math.Min(size, count - i * size)];
                for (var j = 0; j < places.Length; j++) places[j] = order is null ? i * size + j : order[i * size + j];
                yield return batch(places);
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
        public void Dispose() => GC.SuppressFinalize(this);
    }
}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class utils
        {
            public static partial class data
            {
                /// <summary>The examples of a data set in batches: tensors of one name are stacked.</summary>
                public static Modules.DataLoader<Dictionary<string, Tensor>> DataLoader(Dataset dataset, long batch_size = 1, bool shuffle = false, bool drop_last = false, Generator? generator = null) =>
                    new(dataset.Count, places =>
                    {
                        var examples = places.Select(dataset.GetTensor).ToArray();
                        return examples[0].Keys.ToDictionary(name => name, name => stack(examples.Select(e => e[name])));
                    }, batch_size, shuffle, drop_last, generator);

                /// <summary>The slices of tensors in batches.</summary>
                public static Modules.DataLoader<IList<Tensor>> DataLoader(TensorsDataset dataset, long batch_size = 1, bool shuffle = false, bool drop_last = false, Generator? generator = null) =>
                    new(dataset.Count, places => dataset.Batch(tensor(places)), batch_size, shuffle, drop_last, generator);

                /// <summary>The examples of any data set in batches that a function puts together.</summary>
                public static Modules.DataLoader<TBatch> DataLoader<T, TBatch>(Dataset<T> dataset, Func<IList<T>, TBatch> collate_fn, long batch_size = 1, bool shuffle = false, bool drop_last = false, Generator? generator = null) =>
                    new(dataset.Count, places => collate_fn([.. places.Select(dataset.GetTensor)]), batch_size, shuffle, drop_last, generator);
            }
        }
    }
}

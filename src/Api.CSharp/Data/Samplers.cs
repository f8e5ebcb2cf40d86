using System.Collections;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class utils
    {
        public static partial class data
        {
            /// <summary>Which examples come, in what order: new numbers each time they are gone through.</summary>
            public abstract class Sampler : IReadOnlyCollection<long>
            {
                /// <summary>How many numbers come.</summary>
                public abstract int Count { get; }
                /// <inheritdoc/>
                public abstract IEnumerator<long> GetEnumerator();
                IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
            }

            /// <summary>A sampler that draws all its numbers when somebody begins to go through them.</summary>
            sealed class Drawn(int count, Func<IEnumerable<long>> draw) : Sampler
            {
                public override int Count => count;
                public override IEnumerator<long> GetEnumerator() => draw().GetEnumerator();
            }

            static IEnumerable<long> InOrder(long count)
            {
                for (var i = 0L; i < count; i++) yield return i;
            }

            /// <summary>0, 1, ... for as many examples as there are.</summary>
            public static Sampler SequentialSampler(ICollection data_source) => SequentialSampler(data_source.Count);
            /// <summary>0, 1, ... for as many examples as there are.</summary>
            public static Sampler SequentialSampler<T>(Dataset<T> data_source) => SequentialSampler(data_source.Count);
            /// <summary>0 .. count - 1.</summary>
            public static Sampler SequentialSampler(long count) => new Drawn(Convert.Int(count), () => InOrder(count));

            /// <summary>Numbers of examples in random order, or each drawn from all.</summary>
            public static Sampler RandomSampler(ICollection data_source, bool replacement = false, long? num_samples = null, Generator? generator = null) => RandomSampler(data_source.Count, replacement, num_samples, generator);
            /// <summary>Numbers of examples in random order, or each drawn from all.</summary>
            public static Sampler RandomSampler<T>(Dataset<T> data_source, bool replacement = false, long? num_samples = null, Generator? generator = null) => RandomSampler(data_source.Count, replacement, num_samples, generator);

            /// <summary>Numbers below count in random order, or each drawn from all.</summary>
            public static Sampler RandomSampler(long count, bool replacement = false, long? num_samples = null, Generator? generator = null)
            {
                if (num_samples is <= 0) throw new ArgumentValueException($"num_samples should be a positive integer value, but got num_samples={num_samples}");
                var (n, wanted) = (Convert.Int(count), Convert.Int(num_samples ?? count));

                IEnumerable<long> Draw()
                {
                    // PyTorch draws a seed for a generator of its own unless it is given one.
                    var source = generator?.Source ?? new MersenneTwister(Choosing.seed(Generator.Default.Source));
                    for (var left = wanted; left > 0;)
                    {
                        var part = replacement ? Choosing.anywhere(source, count, Math.Min(32, left)) : Choosing.permutation(source, n);
                        foreach (var place in part.Take(left)) yield return place;
                        left -= part.Length;
                    }
                }
                return new Drawn(wanted, Draw);
            }

            /// <summary>Given numbers in random order.</summary>
            public static Sampler SubsetRandomSampler(IEnumerable<long> indices, Generator? generator = null)
            {
                long[] items = [.. indices];
                return new Drawn(items.Length, () => Choosing.permutation(From(generator), items.Length).Select(i => items[i]));
            }

            /// <summary>
            /// Numbers with probabilities in the ratio of their weights, each at most once unless `replacement`: multinomial() in double
            /// precision, whose errors are raised when somebody begins to read.
            /// </summary>
            public static Sampler WeightedRandomSampler(IEnumerable<double> weights, long num_samples, bool replacement = true, Generator? generator = null)
            {
                if (num_samples <= 0) throw new ArgumentValueException($"num_samples should be a positive integer value, but got num_samples={num_samples}");
                double[] items = [.. weights];
                return new Drawn(Convert.Int(num_samples), () => multinomial(tensor(items), num_samples, replacement, generator).data<long>().ToArray());
            }

            /// <summary>The part of a data set that process number `rank` of `num_replicas` goes through.</summary>
            public static Modules.DistributedSampler<T> DistributedSampler<T>(Dataset<T> dataset, long num_replicas, long rank, bool shuffle = true, long seed = 0, bool drop_last = false) => new(dataset, num_replicas, rank, shuffle, seed, drop_last);

            /// <summary>The numbers of a sampler in batches.</summary>
            public sealed class Batches : IReadOnlyCollection<long[]>
            {
                readonly IEnumerable<long> sampler;
                readonly int size;
                readonly bool drop_last;

                internal Batches(IEnumerable<long> sampler, long batch_size, bool drop_last)
                {
                    if (batch_size <= 0) throw new ArgumentValueException($"batch_size should be a positive integer value, but got batch_size={batch_size}");
                    (this.sampler, size, this.drop_last) = (sampler, Convert.Int(batch_size), drop_last);
                }

                /// <inheritdoc/>
                public int Count => sampler.Count() is var n && drop_last ? n / size : (n + size - 1) / size;
                /// <inheritdoc/>
                public IEnumerator<long[]> GetEnumerator() => Loader.batches(size, drop_last, sampler).GetEnumerator();
                IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
            }

            /// <summary>The numbers of a sampler in batches.</summary>
            public static Batches BatchSampler(IEnumerable<long> sampler, long batch_size, bool drop_last) => new(sampler, batch_size, drop_last);
        }
    }
}

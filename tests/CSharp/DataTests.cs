namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Data sets, samplers and loaders (H539, H540, H541, H551, H552, H553); orders are those that PyTorch draws from the same seed.</summary>
public static class DataTests
{
    static long[] Longs(Tensor tensor) => [.. tensor.data<long>()];
    static utils.data.TensorsDataset Ten() => utils.data.TensorDataset(arange(10));

    static IEnumerable<long> Flat(IEnumerable<IList<Tensor>> loader) => loader.SelectMany(batch => Longs(batch[0]));

    public static void Shuffled_as_in_PyTorch()
    {
        manual_seed(0);
        Check.SequenceEqual([6, 7, 1, 4, 2, 0, 9, 8, 3, 5], Flat(utils.data.DataLoader(Ten(), batch_size: 4, shuffle: true)));
        Check.SequenceEqual([7, 4, 2, 9, 1, 5, 0, 8, 6, 3], Flat(utils.data.DataLoader(Ten(), batch_size: 4, shuffle: true, generator: new Generator(3))));
    }

    public static void Sampled_as_in_PyTorch()
    {
        manual_seed(1);
        Check.SequenceEqual([0, 0, 2, 0, 3], utils.data.RandomSampler(6, replacement: true, num_samples: 5));
        Check.SequenceEqual([0, 1, 4, 3, 2, 5, 0, 4, 5], utils.data.RandomSampler(6, num_samples: 9));
        manual_seed(1);
        Check.SequenceEqual([5, 7, 6, 4], utils.data.SubsetRandomSampler([4, 5, 6, 7]));
        var halves = utils.data.random_split(utils.data.TensorDataset(arange(6)), [0.5, 0.5]);
        Check.SequenceEqual([2, 4, 3], halves[0].indices);
        Check.SequenceEqual([5, 0, 1], halves[1].indices);
    }

    public static void Workers_change_nothing()
    {
        foreach (var workers in new[] { 0, 1, 2, 4 })
        {
            manual_seed(0);
            Check.SequenceEqual([6, 7, 1, 4, 2, 0, 9, 8, 3, 5], Flat(utils.data.DataLoader(Ten(), batch_size: 4, shuffle: true, num_workers: workers)));
        }
    }

    sealed class Noisy : utils.data.Dataset<IList<Tensor>>
    {
        public override long Count => 20;
        public override IList<Tensor> GetTensor(long index) => index == 13 ? throw new InvalidOperationException("example 13 is broken") : [rand(1)];
    }

    public static void Random_numbers_of_workers_depend_on_the_seed_alone()
    {
        double[] Draw(int workers)
        {
            manual_seed(7);
            var loader = utils.data.DataLoader(utils.data.Subset(new Noisy(), [1, 2, 3, 4, 5, 6, 7]), batch_size: 2, num_workers: workers);
            return [.. loader.SelectMany(b => b[0].data<float>().ToArray()).Select(x => (double)x)];
        }
        Check.Close(Draw(1), Draw(4));
        Check.Equal(7, Draw(2).Distinct().Count());
    }

    public static void Workers_know_who_they_are()
    {
        Check.True(utils.data.get_worker_info() is null);
        var data = Ten();
        var begun = new System.Collections.Concurrent.ConcurrentBag<long>();
        foreach (var persistent in new[] { false, true })
        {
            begun.Clear();
            var loader = utils.data.DataLoader(data, batch => utils.data.get_worker_info()!, batch_size: 2, num_workers: 3, worker_init_fn: begun.Add, persistent_workers: persistent);
            for (var epoch = 0; epoch < 2; epoch++)
            {
                var workers = loader.ToArray();
                // Batches go around.
                Check.SequenceEqual([0L, 1, 2, 0, 1], workers.Select(w => w.id));
                Check.True(workers.All(w => w.num_workers == 3 && w.dataset == (object)data && w.seed == workers[0].seed + w.id));
            }
            Check.SequenceEqual(persistent ? [0L, 1, 2] : [0, 0, 1, 1, 2, 2], begun.Order());
        }
        Check.True(utils.data.DataLoader(data, batch => utils.data.get_worker_info() is null).All(isNobody => isNobody));
        Check.True(utils.data.get_worker_info() is null);
    }

    public static void Nobody_waits_longer_than_the_timeout()
    {
        using var gate = new ManualResetEventSlim();
        var loader = utils.data.DataLoader(Ten(), batch => gate.Wait(60_000), num_workers: 1, timeout: 0.05);
        Check.Throws<LoaderTimeoutException>(() => loader.First(), "DataLoader timed out after 0.05 seconds");
        gate.Set();
        Check.Equal(10, utils.data.DataLoader(Ten(), batch => true, num_workers: 2, timeout: 60).Count());
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), timeout: -1), "timeout option should be non-negative");
    }

    public static void A_workers_error_is_raised_with_its_origin()
    {
        var loader = utils.data.DataLoader(new Noisy(), batch_size: 5, num_workers: 2);
        var read = 0;
        var error = Check.Throws<WorkerException>(() => { foreach (var _ in loader) read++; }, "example 13 is broken");
        Check.Equal(2, read);
        Check.Equal(2, error.Batch);
        Check.True(error.Cause.StackTrace!.Contains(nameof(Noisy)));
        Check.Throws<InvalidOperationException>(() => { foreach (var _ in utils.data.DataLoader(new Noisy(), batch_size: 5)) ; }, "example 13 is broken");
    }

    sealed class Counting : utils.data.IterableDataset<long>
    {
        public override IEnumerator<long> GetEnumerator() => Enumerable.Range(0, 7).Select(i => (long)i).GetEnumerator();
    }

    public static void Data_that_nobody_can_count()
    {
        foreach (var workers in new[] { 0, 3 })
        {
            var loader = utils.data.DataLoader(new Counting(), batch => batch.Sum(), batch_size: 3, num_workers: workers);
            Check.SequenceEqual([3, 12, 6], loader);
        }
        Check.Throws<Functional.Contract.ArgumentValueException>(() => _ = utils.data.DataLoader(new Counting(), batch => batch.Count).Count, "has no len()");
    }

    public static void Data_sets_together_and_in_part()
    {
        var both = Ten() + utils.data.TensorDataset(arange(100, 103));
        Check.Equal(13, both.Count);
        Check.Equal(101, both[11][0].ToInt64());
        Check.Equal(102, both[-1][0].ToInt64());
        Check.SequenceEqual([10, 13], ((Modules.ConcatDataset<IList<Tensor>>)both).cumulative_sizes);
        Check.Equal(3, utils.data.DataLoader(both, batch_size: 4, drop_last: true).Count);
        Check.Throws<Functional.Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), shuffle: true, sampler: [1]), "mutually exclusive");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => utils.data.random_split(Ten(), [3L, 4L]), "Sum of input lengths does not equal");
        Check.SequenceEqual([9, 1], Flat(utils.data.DataLoader(Ten(), batch_size: 2, sampler: [9, 1])));
    }

    public static void Weights_choose()
    {
        manual_seed(0);
        Check.True(utils.data.WeightedRandomSampler([0.0, 2.0, 0.0, 1.0], 100).All(i => i is 1 or 3));
        Check.SequenceEqual([1L, 3L], utils.data.WeightedRandomSampler([0.0, 2.0, 0.0, 1.0], 2, replacement: false).Order());
    }
}

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

        // PyTorch's draws from the same seed, twice each.
        void Draws(long[] first, long[] second, long count, bool replacement, Generator? generator = null)
        {
            manual_seed(1);
            var sampler = utils.data.WeightedRandomSampler([0.5, 2, 0, 1, 3.5], count, replacement, generator);
            Check.SequenceEqual(first, sampler);
            Check.SequenceEqual(second, sampler);
        }
        Draws([0, 1, 1, 1, 4, 1, 3, 4], [4, 3, 4, 1, 4, 3, 1, 1], 8, true);
        Draws([0, 1, 3, 4], [4, 0, 1, 3], 4, false);
        Draws([0], [1], 1, true);
        Draws([0], [4], 1, false);
        Draws([0, 1, 3, 4], [4, 0, 1, 3], 4, false, new Generator(1));
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.WeightedRandomSampler([1], 0), "num_samples should be a positive integer value, but got num_samples=0");
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.WeightedRandomSampler([0, 0], 1).ToArray(), "invalid multinomial distribution");
    }

    public static void Examples_of_all_kinds_come_together()
    {
        Check.SequenceEqual([1L, 2, 3], Longs(utils.data.default_collate(new long[] { 1, 2, 3 })));
        Check.Equal(ScalarType.Float64, utils.data.default_collate(new[] { 0.5, 1.5 }).dtype);
        Check.SequenceEqual(["a", "b"], utils.data.default_collate(new[] { "a", "b" }));
        Check.SequenceEqual([2L, 3], utils.data.default_collate(new[] { ones(3), ones(3) }).shape);

        object Example(int i) => new Dictionary<string, object>
        {
            ["image"] = full([2], i),
            ["label"] = (long)i,
            ["name"] = $"example {i}",
            ["pair"] = (i + 0.5, i % 2 == 0),
            ["list"] = new List<object> { (float)i, new[] { i, i + 1 } },
            ["inner"] = new Dictionary<string, object> { ["x"] = tensor(i) },
        };
        var batch = (Dictionary<object, object>)utils.data.default_collate([Example(0), Example(1), Example(2)]);
        Check.SequenceEqual(["image", "label", "name", "pair", "list", "inner"], batch.Keys.Cast<string>());
        Check.SequenceEqual([3L, 2], ((Tensor)batch["image"]).shape);
        Check.SequenceEqual([0L, 1, 2], Longs((Tensor)batch["label"]));
        Check.SequenceEqual(["example 0", "example 1", "example 2"], (List<string>)batch["name"]);
        var pair = (List<object>)batch["pair"];
        Check.SequenceEqual([0.5, 1.5, 2.5], ((Tensor)pair[0]).data<double>());
        Check.SequenceEqual([true, false, true], ((Tensor)pair[1]).data<bool>());
        var list = (List<object>)batch["list"];
        Check.Equal(ScalarType.Float32, ((Tensor)list[0]).dtype);
        Check.SequenceEqual([3L, 2], ((Tensor)list[1]).shape);
        Check.SequenceEqual([3L], ((Tensor)((Dictionary<object, object>)batch["inner"])["x"]).shape);

        Check.Throws<Contract.ArgumentValueException>(() => utils.data.default_collate([new object()]), "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found System.Object");
        Check.Throws<Contract.ShapeException>(() => utils.data.default_collate([new List<object> { 1 }, new List<object> { 1, 2 }]), "each element in list of batch should be of equal size");
        Check.Throws<Contract.ShapeException>(() => utils.data.default_collate([new List<Tensor> { ones(1) }, new List<Tensor> { ones(1), ones(1) }]), "each element in list of batch should be of equal size");
    }

    sealed class Named : utils.data.Dataset
    {
        public override long Count => 7;
        public override Dictionary<string, Tensor> GetTensor(long index) => new() { ["x"] = tensor([index, index * index]), ["y"] = tensor(-index) };
    }

    public static void Examples_with_names()
    {
        foreach (var workers in new[] { 0, 2 })
        {
            // Pinning memory means nothing to a processor: it is accepted.
            var batches = utils.data.DataLoader(new Named(), batch_size: 3, drop_last: true, num_workers: workers, pin_memory: true).ToArray();
            Check.Equal(2, batches.Length);
            Check.SequenceEqual(["x", "y"], batches[1].Keys);
            Check.SequenceEqual([3L, 9, 4, 16, 5, 25], Longs(batches[1]["x"].reshape(-1)));
            Check.SequenceEqual([-3L, -4, -5], Longs(batches[1]["y"]));
        }
    }

    public static void Batches_that_somebody_else_samples()
    {
        long[][] wanted = [[3, 1], [4], [1, 5, 9]];
        foreach (var workers in new[] { 0, 2 })
        {
            var loader = utils.data.DataLoader(Ten(), batch_sampler: wanted, num_workers: workers);
            Check.Equal(3, loader.Count);
            foreach (var (expected, batch) in wanted.Zip(loader)) Check.SequenceEqual(expected, Longs(batch[0]));
        }
        var sampler = utils.data.BatchSampler(utils.data.SequentialSampler(10), 4, drop_last: false);
        Check.SequenceEqual([4L, 4, 2], utils.data.DataLoader(Ten(), batch_sampler: sampler).Select(b => b[0].numel()));

        const string exclusive = "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last";
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), batch_size: 2, batch_sampler: wanted), exclusive);
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), shuffle: true, batch_sampler: wanted), exclusive);
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), sampler: [1], batch_sampler: wanted), exclusive);
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), drop_last: true, batch_sampler: wanted), exclusive);
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), batch_size: null, drop_last: true), "batch_size=None option disables auto-batching and is mutually exclusive with drop_last");
        Check.Throws<Contract.ArgumentValueException>(() => utils.data.DataLoader(Ten(), batch_size: 0), "batch_size should be a positive integer value, but got batch_size=0");
    }

    sealed class Slow(int count) : utils.data.Dataset<IList<Tensor>>
    {
        public override long Count => count;
        public override IList<Tensor> GetTensor(long index)
        {
            // Examples take turns in being late.
            Thread.SpinWait((int)(index * 7919 % 13) * 500);
            return [tensor(index), rand(1)];
        }
    }

    /// <summary>For data sets, batch sizes, orders and numbers of workers at random: the batches of k workers are those of one, and their examples those of none.</summary>
    public static void Any_number_of_workers_gives_the_batches_of_none()
    {
        var seed = Environment.TickCount;
        var random = new System.Random(seed);
        for (var trial = 0; trial < 25; trial++)
        {
            var (count, size, workers, ahead, drop, shuffle) = (random.Next(1, 40), random.Next(1, 9), random.Next(2, 6), random.Next(1, 4), random.Next(2) == 0, random.Next(2) == 0);
            (long[] Examples, float[] Drawn)[] Read(int k)
            {
                manual_seed(trial);
                return [.. utils.data.DataLoader(new Slow(count), size, shuffle, num_workers: k, drop_last: drop, prefetch_factor: ahead).Select(b => (Longs(b[0]), b[1].reshape(-1).data<float>().ToArray()))];
            }
            var (none, one, several) = (Read(0), Read(1), Read(workers));
            var told = $"seed {seed}, trial {trial}: {count} examples by {size}, {workers} workers, {ahead} ahead, drop_last {drop}, shuffle {shuffle}";
            Check.SequenceEqual(none.SelectMany(b => b.Examples.Append(-1)), several.SelectMany(b => b.Examples.Append(-1)), told);
            Check.SequenceEqual(one.SelectMany(b => b.Drawn), several.SelectMany(b => b.Drawn), told);
        }
    }

    public static void Who_stops_early_leaves_nobody_working()
    {
        foreach (var workers in new[] { 1, 3 })
        {
            var (running, begun) = (0, 0);
            var loader = utils.data.DataLoader(utils.data.TensorDataset(arange(1000)), batch =>
            {
                Interlocked.Increment(ref running);
                Interlocked.Increment(ref begun);
                Thread.Sleep(2);
                Interlocked.Decrement(ref running);
                return batch.Count;
            }, num_workers: workers);
            foreach (var _ in loader.Take(3)) { }
            Check.Equal(0, running);
            var count = begun;
            Check.True(count <= 3 + 2 * workers);
            Thread.Sleep(20);
            Check.Equal(count, begun);
        }
    }
}

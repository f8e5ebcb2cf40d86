namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Lazy modules, norms, paddings, pruning and data sets beyond the handbook; numbers are PyTorch's.</summary>
public static class MoreModuleTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];

    public static void Lazy_modules_load_a_state_dict_before_their_first_call()
    {
        var made = nn.Sequential(nn.Conv2d(4, 6, 3, groups: 2), nn.BatchNorm2d(6), nn.ConvTranspose2d(6, 2, 2), nn.InstanceNorm2d(2, affine: true, track_running_stats: true), nn.Flatten(), nn.Linear(18, 3));
        var lazy = nn.Sequential(nn.LazyConv2d(6, 3, groups: 2), nn.LazyBatchNorm2d(), nn.LazyConvTranspose2d(2, 2), nn.LazyInstanceNorm2d(affine: true), nn.Flatten(), nn.LazyLinear(3));
        var x = randn(2, 4, 4, 4);
        made.call(x);
        lazy.load_state_dict(made.state_dict());
        Check.True(!((Modules.LazyLinear)lazy.get_submodule("5")).has_uninitialized_params());
        Check.Equal(4, ((Modules.LazyConvolution)lazy.get_submodule("0")).in_channels);
        made.eval();
        lazy.eval();
        Check.Close(Numbers(made.call(x)), Numbers(lazy.call(x)), 1e-6);
        // A second one has another size, which is refused.
        Check.Throws<Functional.Contract.ArgumentValueException>(() => lazy.load_state_dict(nn.Sequential(nn.Conv2d(6, 6, 3, groups: 2)).state_dict(), strict: false), "size mismatch for 0.weight");
    }

    public static void A_lazy_module_without_saved_tensors_waits()
    {
        var lazy = nn.LazyLinear(3);
        lazy.load_state_dict(new Dictionary<string, Tensor>(), strict: false);
        Check.True(lazy.has_uninitialized_params());
        Check.SequenceEqual([2L, 3L], lazy.call(ones(2, 5)).shape);
    }

    public static void State_dicts_of_old_files_load()
    {
        var old = nn.BatchNorm1d(2).state_dict();
        old.Remove("num_batches_tracked");
        var (missing, unexpected) = nn.BatchNorm1d(2).load_state_dict(old);
        Check.Equal(0, missing.Count + unexpected.Count);
        old.Remove("weight");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => nn.BatchNorm1d(2).load_state_dict(old), "Error(s) in loading state_dict for BatchNorm1d:\n\tMissing key(s) in state_dict: \"weight\". ");
        var norm = nn.BatchNorm1d(2);
        norm.load_state_dict(new Dictionary<string, Tensor> { ["num_batches_tracked"] = tensor(new[] { 7L }) }, strict: false);
        Check.Equal(7L, norm.num_batches_tracked!.item().ToInt64());
    }

    public static void Root_mean_squares()
    {
        var norm = nn.RMSNorm(2, eps: 0.5);
        norm.weight!.detach().copy_(tensor(new[] { 1f, 2f }));
        // The mean of squares of 1 and 2 is 2.5.
        Check.Close([1 / Math.Sqrt(3), 4 / Math.Sqrt(3)], Numbers(norm.call(tensor(new[] { 1f, 2f }).reshape(1, 2))), 1e-6);
        Check.SequenceEqual(["weight"], norm.state_dict().Keys);
        Check.Equal(0, nn.RMSNorm([2, 3], elementwise_affine: false).state_dict().Count);
    }

    public static void Opposite_edges_and_zeros()
    {
        var row = arange(3).to(ScalarType.Float32).reshape(1, 1, 3);
        Check.Close([1, 2, 0, 1, 2, 0], Numbers(nn.CircularPad1d(new long[] { 2, 1 }).call(row)));
        Check.Close([0, 0, 1, 2, 0, 0], Numbers(nn.ZeroPad1d(new long[] { 1, 2 }).call(row)));
        var square = arange(4).to(ScalarType.Float32).reshape(1, 1, 2, 2);
        Check.Close([3, 2, 3, 2, 1, 0, 1, 0, 3, 2, 3, 2, 1, 0, 1, 0], Numbers(nn.CircularPad2d(1).call(square)));
        Check.SequenceEqual([1L, 1L, 4L, 4L, 4L], nn.ZeroPad3d(1).call(ones(1, 1, 2, 2, 2)).shape);
        Check.SequenceEqual([1L, 1L, 4L, 4L, 4L], nn.CircularPad3d(1).call(ones(1, 1, 2, 2, 2)).shape);
    }

    public static void Pruning_slices_and_several_parameters_together()
    {
        var linear = nn.Linear(2, 3, bias: false);
        linear.weight.detach().copy_(tensor(new[] { 1f, 2f, 0.1f, 0.2f, 3f, -4f }).reshape(3, 2));
        nn.utils.prune.ln_structured(linear, "weight", amount: 1.0 / 3, n: 2, dim: 0);
        Check.Close([1, 2, 0, 0, 3, -4], Numbers(linear.weight), 1e-6);
        nn.utils.prune.ln_structured(linear, "weight", amount: 0.5, n: 1, dim: 1);
        Check.Close([0, 2, 0, 0, 0, -4], Numbers(linear.weight), 1e-6);

        var (a, b) = (nn.Linear(2, 1), nn.Linear(2, 1));
        a.weight.detach().copy_(tensor(new[] { 1f, 5f }).reshape(1, 2));
        b.weight.detach().copy_(tensor(new[] { -2f, 3f }).reshape(1, 2));
        nn.utils.prune.global_l1_unstructured([(a, "weight"), (b, "weight")], 2);
        Check.Close([0, 5, 0, 3], Numbers(cat([a.weight, b.weight])));
        var random = nn.utils.prune.random_structured(nn.Linear(4, 4), "weight", amount: 2, dim: 0);
        Check.Equal(2, Enumerable.Range(0, 4).Count(i => random.weight[i].detach().abs().sum().ToDouble() == 0));
        Check.Throws<Functional.Contract.ShapeException>(() => nn.utils.prune.ln_structured(nn.Linear(2, 2), "bias", 1, 2, 0), "Structured pruning can only be applied to multidimensional tensors");
    }

    public static void Rows_that_a_step_did_not_use_stay()
    {
        var table = nn.Embedding(4, 2, sparse: true);
        var optimizer = optim.SparseAdam(table.parameters(), lr: 0.1);
        var before = Numbers(table.weight);
        for (var i = 0; i < 3; i++)
        {
            optimizer.zero_grad();
            table.call(tensor(new[] { 1L, 3L })).sum().backward();
            optimizer.step();
        }
        var after = Numbers(table.weight);
        foreach (var row in new[] { 0, 2 }) Check.SequenceEqual(before[(2 * row)..(2 * row + 2)], after[(2 * row)..(2 * row + 2)]);
        foreach (var row in new[] { 1, 3 }) Check.Close(before[2 * row] - 0.3, after[2 * row], 1e-4);
    }

    static IEnumerable<long> Flat(IEnumerable<IList<Tensor>> loader) => loader.SelectMany(batch => batch[0].data<long>().ToArray());

    sealed class Lines(params long[] items) : utils.data.IterableDataset<IList<Tensor>>
    {
        public override IEnumerator<IList<Tensor>> GetEnumerator() => items.Select(i => (IList<Tensor>)[tensor(i)]).GetEnumerator();
    }

    public static void Loading_without_batches_and_in_chains()
    {
        var data = utils.data.TensorDataset(arange(6).reshape(3, 2));
        foreach (var workers in new[] { 0, 2 })
        {
            var single = utils.data.DataLoader(data, batch_size: null, num_workers: workers);
            Check.Equal(3, single.Count);
            Check.SequenceEqual([2L], single.First()[0].shape);
            Check.SequenceEqual([0L, 1, 2, 3, 4, 5], Flat(single));
        }
        Check.Throws<Functional.Contract.ArgumentValueException>(() => utils.data.DataLoader(data, batch_size: null, drop_last: true), "batch_size=None option disables auto-batching");
        var chain = utils.data.ChainDataset<IList<Tensor>>([new Lines(1, 2, 3), new Lines(7, 8)]);
        Check.SequenceEqual([1L, 2, 3, 7, 8], Flat(utils.data.DataLoader(chain, batch_size: 2)));
    }

    public static void Processes_share_a_data_set()
    {
        var data = utils.data.TensorDataset(arange(10));
        long[] Part(int rank, bool drop, long epoch = 0, bool shuffle = true)
        {
            var sampler = utils.data.DistributedSampler(data, 3, rank, shuffle, drop_last: drop);
            sampler.set_epoch(epoch);
            return [.. sampler];
        }
        Check.SequenceEqual([0L, 3, 6, 9], Part(0, false, shuffle: false));
        Check.SequenceEqual([2L, 5, 8, 1], Part(2, false, shuffle: false));
        Check.SequenceEqual([2L, 5, 8], Part(2, true, shuffle: false));
        // As PyTorch shuffles from the seed 0.
        Check.SequenceEqual([4L, 5, 0, 2], Part(0, false));
        Check.SequenceEqual(Enumerable.Range(0, 10).Select(i => (long)i), Enumerable.Range(0, 3).SelectMany(r => Part(r, false)).Distinct().Order());
        Check.True(!Part(0, false).SequenceEqual(Part(0, false, epoch: 1)));
        Check.Throws<Functional.Contract.ArgumentValueException>(() => utils.data.DistributedSampler(data, 3, 3), "Invalid rank 3");
    }
}

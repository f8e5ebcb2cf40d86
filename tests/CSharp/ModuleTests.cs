namespace Functional.Torch.Tests;

using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>What modules can do besides computing: state, hooks, copies, other parameters (H175, H198).</summary>
public static class ModuleTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).data<double>()];

    static Sequential Small() => Sequential(("first", Linear(3, 4)), ("norm", BatchNorm1d(4)), ("act", Tanh()), ("last", Linear(4, 2)));

    public static void A_state_dict_loaded_is_the_same_model()
    {
        var (from, into, x) = (Small(), Small(), randn(5, 3));
        from.call(x);
        into.load_state_dict(from.state_dict());
        from.eval();
        into.eval();
        Check.Close(Numbers(from.call(x)), Numbers(into.call(x)));
        Check.SequenceEqual(from.state_dict().Keys, into.state_dict().Keys);
        Check.SequenceEqual(["model.first.weight", "model.first.bias"], from.state_dict(prefix: "model.").Keys.Take(2));
    }

    public static void What_does_not_fit_is_named()
    {
        var (model, state) = (Linear(2, 3), Linear(2, 3).state_dict());
        state.Remove("bias");
        state["other"] = zeros(1);
        var error = Check.Throws<Functional.Contract.ArgumentValueException>(() => model.load_state_dict(state), "Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: \"bias\". \n\tUnexpected key(s) in state_dict: \"other\". ");
        Check.True(error.Message.EndsWith("\"other\". "));
        var (missing, unexpected) = model.load_state_dict(state, strict: false);
        Check.SequenceEqual(["bias"], missing);
        Check.SequenceEqual(["other"], unexpected);
        Check.Throws<Functional.Contract.ArgumentValueException>(
            () => model.load_state_dict(Linear(4, 3).state_dict()),
            "size mismatch for weight: copying a param with shape torch.Size([3, 4]) from checkpoint, the shape in current model is torch.Size([3, 2]).");
    }

    public static void Hooks_see_and_change_what_passes()
    {
        var (layer, seen) = (Linear(2, 2), new List<string>());
        var x = ones(1, 2).requires_grad_();
        var plain = Numbers(layer.call(x));

        var first = layer.register_forward_pre_hook((_, input) => input * 0);
        Check.Close(Numbers(layer.bias!), Numbers(layer.call(x)));
        first.remove();

        var after = layer.register_forward_hook((_, _, result) => result * 2);
        Check.Close(plain.Select(y => 2 * y), Numbers(layer.call(x)));
        after.remove();

        var backward = layer.register_full_backward_hook((module, inputs, outputs) =>
        {
            seen.Add(module.GetName());
            Check.Close([1, 1], Numbers(outputs[0]!));
            return [inputs[0]! * 3];
        });
        layer.call(x).sum().backward();
        Check.SequenceEqual(["Linear"], seen);
        Check.Close(Numbers(layer.weight.sum([0L])).Select(g => 3 * g), Numbers(x.grad!));
        Check.Close([1, 1, 1, 1], Numbers(layer.weight.grad!));
        backward.remove();
        layer.call(x).sum().backward();
        Check.Equal(1, seen.Count);
    }

    sealed class Two() : Module<Tensor, Tensor, Tensor>("Two")
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1 * input2;
    }

    public static void A_backward_hook_gets_all_gradients_at_once()
    {
        var (a, b) = (tensor(new[] { 2.0, 3.0 }).requires_grad_(), tensor(new[] { 5.0, 7.0 }).requires_grad_());
        var module = new Two();
        module.register_full_backward_hook((_, inputs, _) => [inputs[1], inputs[0]]);
        module.call(a, b).sum().backward();
        // The hook let the two change places.
        Check.Close([2, 3], Numbers(a.grad!));
        Check.Close([5, 7], Numbers(b.grad!));
    }

    public static void Copies_are_their_own()
    {
        var model = Small();
        var copy = model.deepcopy();
        Check.SequenceEqual(model.state_dict().Keys, copy.state_dict().Keys);
        Check.Close(Numbers(model.call(ones(2, 3))), Numbers(copy.call(ones(2, 3))));
        using (no_grad()) foreach (var p in copy.parameters()) p.zero_();
        Check.Close([0, 0, 0, 0], Numbers(copy.eval_().call(ones(2, 3))));
        Check.True(Numbers(model.get_parameter("last.weight")!).Any(x => x != 0));
        Check.True(copy.parameters().All(p => p.requires_grad && p.is_leaf));

        var recurrent = GRU(2, 3);
        var second = recurrent.deepcopy();
        using (no_grad()) foreach (var p in second.parameters()) p.zero_();
        Check.Close(new double[9], Numbers(second.call(ones(3, 2)).Item1));
        Check.True(Numbers(recurrent.call(ones(3, 2)).Item1).Any(x => x != 0));
    }

    static T eval_<T>(this T module) where T : Module
    {
        module.eval();
        return module;
    }

    public static void Buffers_that_do_not_persist_are_not_saved()
    {
        var module = new Module("M");
        module.register_buffer("kept", ones(1));
        module.register_buffer("hidden", ones(1), persistent: false);
        Check.SequenceEqual(["kept"], module.state_dict().Keys);
        Check.SequenceEqual(["kept", "hidden"], module.named_buffers().Select(b => b.name));
        Check.Throws<Functional.Contract.ArgumentValueException>(() => module.register_buffer("kept", ones(1)), "attribute 'kept' already exists");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => module.register_buffer("a.b", ones(1)), "can't contain \".\"");
    }

    /// <summary>H177, H178, H179, H180, H181: conversions give the module back; a device that is not there is refused.</summary>
    public static void Modules_are_converted_whole()
    {
        var model = Small();
        Check.True(model.@double().parameters().All(p => p.dtype == ScalarType.Float64));
        Check.Equal(ScalarType.Int64, model.get_buffer("norm.num_batches_tracked")!.dtype);
        Check.True(model.half().parameters().All(p => p.dtype == ScalarType.Float16));
        Check.True(model.@float().parameters().All(p => p.dtype == ScalarType.Float32 && p.is_leaf && p.requires_grad));
        Check.True(ReferenceEquals(model, model.cpu()));
        Check.Throws<Functional.Contract.DeviceException>(() => model.cuda());
    }

    /// <summary>H182, H183, H184, H187, H188: learning or answering, and what is inside.</summary>
    public static void Modules_know_what_is_inside()
    {
        var model = Small();
        model.eval();
        Check.True(model.modules().All(m => !m.training));
        model.train();
        Check.True(model.modules().All(m => m.training));
        Check.SequenceEqual(["first", "norm", "act", "last"], model.named_children().Select(c => c.name));
        Check.Equal(4, model.children().Count());
        model.eval();
        Check.Close(Numbers(model.call(ones(2, 3))), Numbers(model.forward(ones(2, 3))));
    }

    /// <summary>H200, H201</summary>
    public static void Lists_of_modules_grow()
    {
        var list = ModuleList(Linear(1, 2)).append(ReLU()).extend([Linear(2, 3), Tanh()]);
        Check.Equal(4, list.Count);
        Check.SequenceEqual(["0.weight", "0.bias", "2.weight", "2.bias"], list.state_dict().Keys);
        list.insert(1, Identity());
        Check.True(list[1] is Functional.Torch.Modules.Identity && list[-1] is Functional.Torch.Modules.Tanh);
    }

    /// <summary>H366, H367: what a packed sequence holds.</summary>
    public static void Packed_sequences_hold_steps()
    {
        var x = arange(6).reshape(3, 2, 1);
        var packed = nn.utils.rnn.pack_padded_sequence(x, [1, 3], enforce_sorted: false);
        Check.Close([1, 0, 3, 5], Numbers(packed.data));
        Check.SequenceEqual([2L, 1L, 1L], packed.batch_sizes.data<long>());
        Check.SequenceEqual([1L, 0L], packed.sorted_indices!.data<long>());
        var (padded, lengths) = nn.utils.rnn.pad_packed_sequence(packed, batch_first: true, padding_value: -1);
        Check.Close([0, -1, -1, 1, 3, 5], Numbers(padded));
        Check.SequenceEqual([1L, 3L], lengths.data<long>());
    }

    /// <summary>H512</summary>
    public static void Constants_as_first_values() => Check.Close([0.25, 0.25], Numbers(init.constant_(empty(2), 0.25)));

    public static void Dictionaries_and_lists_of_modules_and_parameters()
    {
        var modules = ModuleDict(("a", Linear(1, 2)), ("b", ReLU()));
        modules["b"] = Linear(2, 3);
        Check.SequenceEqual(["a", "b"], modules.keys());
        Check.SequenceEqual(["a.weight", "a.bias", "b.weight", "b.bias"], modules.state_dict().Keys);
        modules.pop("a");
        Check.Equal(1, modules.Count);

        var parameters = ParameterDict(("left", ones(2)));
        parameters["right"] = Parameter(zeros(3));
        Check.SequenceEqual(["left", "right"], parameters.state_dict().Keys);
        Check.Equal(2, ParameterList(ones(1), ones(2))[-1].numel());

        var steps = Sequential(Linear(2, 3), ReLU(), Linear(3, 1));
        Check.SequenceEqual(["1", "2"], steps[1..].named_children().Select(c => c.name));
    }

    public static void Lazy_modules_learn_their_sizes()
    {
        var layer = LazyLinear(3);
        Check.Throws<Functional.Contract.ArgumentValueException>(() => _ = layer.weight, "uninitialized parameter");
        Check.SequenceEqual([2, 3], layer.@double().call(ones([2, 4], ScalarType.Float64)).shape);
        Check.Equal(4, layer.in_features);
        Check.Equal(ScalarType.Float64, layer.weight.dtype);
        Check.Equal(2, layer.parameters().Count());
    }

    public static void Weight_norm_splits_a_parameter_and_puts_it_together()
    {
        var layer = Linear(3, 2);
        var (x, before) = (randn(4, 3), Numbers(layer.weight));
        nn.utils.weight_norm(layer);
        Check.SequenceEqual(["bias", "weight_g", "weight_v"], layer.named_parameters().Select(p => p.name));
        Check.Close(before, Numbers(layer.weight));
        layer.call(x).sum().backward();
        Check.True(layer.get_parameter("weight_g")!.grad is not null && layer.get_parameter("weight_v")!.grad is not null);
        using (no_grad()) layer.get_parameter("weight_g")!.mul_(2);
        Check.Close(Numbers(functional.linear(x, layer.weight.detach() * 2, layer.bias)), Numbers(layer.call(x)), 1e-5);
        nn.utils.remove_weight_norm(layer);
        Check.Close(before.Select(w => 2 * w), Numbers(layer.weight), 1e-5);
        Check.True(layer.weight.is_leaf && layer.weight.requires_grad);
    }

    public static void Copies_of_reparametrized_modules_are_their_own()
    {
        var layer = nn.utils.weight_norm(Linear(3, 2));
        var copy = layer.deepcopy();
        var before = Numbers(layer.call(ones(1, 3)));
        Check.Close(before, Numbers(copy.call(ones(1, 3))));
        using (no_grad()) copy.get_parameter("weight_g")!.zero_();
        Check.Close(Numbers(copy.bias!), Numbers(copy.call(ones(1, 3))));
        Check.Close(before, Numbers(layer.call(ones(1, 3))));
        nn.utils.remove_weight_norm(copy);
        Check.SequenceEqual(["bias", "weight"], copy.named_parameters().Select(p => p.name));
        Check.SequenceEqual(["bias", "weight_g", "weight_v"], layer.named_parameters().Select(p => p.name));
    }

    public static void Spectral_norm_makes_the_largest_singular_value_one()
    {
        var layer = nn.utils.spectral_norm(Linear(3, 2), n_power_iterations: 50);
        layer.call(randn(1, 3));
        var w = layer.weight.detach();
        var gram = Numbers(matmul(w, w.t()));
        // The larger eigenvalue of a symmetric 2 x 2 matrix.
        var largest = (gram[0] + gram[3]) / 2 + Math.Sqrt(Math.Pow((gram[0] - gram[3]) / 2, 2) + gram[1] * gram[1]);
        Check.Close(1, largest, 1e-4);
        Check.SequenceEqual(["bias", "weight_orig", "weight_u", "weight_v"], layer.state_dict().Keys);
    }

    public static void Pruning_keeps_the_largest()
    {
        var layer = Linear(4, 1, bias: false);
        using (no_grad()) layer.weight.copy_(tensor(new[,] { { 0.1f, -4f, 0.3f, 2f } }));
        nn.utils.prune.l1_unstructured(layer, "weight", 0.5);
        Check.Close([0, -4, 0, 2], Numbers(layer.weight));
        Check.Throws<Functional.Contract.ArgumentValueException>(() => nn.utils.prune.l1_unstructured(layer, "weight", 3), "amount=3 should be smaller than the number of parameters to prune=2");
        nn.utils.prune.l1_unstructured(layer, "weight", 0.5);
        layer.call(ones(1, 4)).sum().backward();
        Check.Close([0, -4, 0, 0], Numbers(layer.weight));
        Check.Close([0, 1, 0, 0], Numbers(layer.get_parameter("weight_orig")!.grad!));
        Check.True(nn.utils.prune.is_pruned(layer));
        nn.utils.prune.remove(layer, "weight");
        Check.True(!nn.utils.prune.is_pruned(layer) && layer.weight.is_leaf);
    }

    public static void First_values_are_PyTorchs()
    {
        manual_seed(0);
        var lstm = LSTM(2, 2);
        Check.Close([-0.0053, 0.3793], Numbers(lstm.get_parameter("weight_ih_l0")![0]), 1e-4);
        Check.Close([0.0372, -0.3625], Numbers(lstm.get_parameter("bias_hh_l0")!)[..2], 1e-4);
        manual_seed(0);
        Check.Close([0.2224, 0.5085, -0.1260, 0.4582], Numbers(MultiheadAttention(4, 2).in_proj_weight![0]), 1e-4);
        manual_seed(0);
        Check.Close([-0.4585, 0.6762, -0.4112, 0.5816, -0.5625, -0.1701, 0.3846, -0.2889], Numbers(Transformer(4, 2, 1, 1, 8).get_parameter("decoder.layers.0.linear2.weight")![0]), 1e-4);
        manual_seed(0);
        var weight = Linear(4, 3).weight;
        init.trunc_normal_(weight, std: 0.5);
        Check.Close([0.0232, 0.2588, 0.4208, -0.4951], Numbers(weight[0]), 1e-3);
        manual_seed(0);
        Check.Close([0, 0, 0, 0.0057, 0, 0, 0.0040, 0.0084, -0.0072, 0, -0.0060, 0.0018], Numbers(init.sparse_(empty(4, 3), 0.5)), 1e-4);
        Check.Close([0.1672, 0.2587, -0.8810, 0.3591, 0.9859, -0.0395, 0.1493, -0.0644, 0.0031, -0.9088, -0.3554, -0.2186], Numbers(init.orthogonal_(empty(3, 4))), 1e-4);
    }

    public static void Batch_norms_become_synchronized_ones_and_compute_the_same()
    {
        var (model, x) = (Small(), randn(6, 3));
        var copy = nn.SyncBatchNorm.convert_sync_batchnorm(model.deepcopy());
        Check.SequenceEqual(model.state_dict().Keys, copy.state_dict().Keys);
        Check.Close(Numbers(model.call(x)), Numbers(((Sequential)copy).call(x)));
        Check.True(((Sequential)copy)["norm"] is Functional.Torch.Modules.SyncBatchNorm);
    }
}

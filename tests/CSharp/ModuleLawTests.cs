namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>What modules do to themselves and while they learn, as laws.</summary>
public static class ModuleLawTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];

    public static void Apply_goes_to_what_is_inside_first()
    {
        var model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 1)));
        List<string> names = [];
        var same = model.apply(m =>
        {
            names.Add(m.GetName());
            if (m is Modules.Linear linear) nn.init.ones_(linear.weight);
        });
        Check.SequenceEqual(["Linear", "ReLU", "Linear", "Sequential", "Sequential"], names);
        Check.True(ReferenceEquals(model, same));
        Check.True(((Modules.Linear)model[0]).weight.data<float>().ToArray().All(v => v == 1));
    }

    public static void Modules_change_their_dtype()
    {
        var model = nn.Sequential(nn.Conv1d(1, 2, 1), nn.BatchNorm1d(2));
        var weight = ((Modules.Conv1d)model[0]).weight;
        foreach (var dtype in new[] { ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16, ScalarType.Float32 })
        {
            Check.True(ReferenceEquals(model, model.to(dtype)));
            Check.True(model.parameters().All(p => p.dtype == dtype && p.requires_grad && p.is_leaf));
            // Counts stay whole numbers.
            Check.SequenceEqual([dtype, dtype, ScalarType.Int64], model.buffers().Select(b => b.dtype));
            Check.Equal(dtype, model.call(ones(3, 1, 2).to(dtype)).dtype);
        }
        Check.True(ReferenceEquals(weight, ((Modules.Conv1d)model[0]).weight));
        Check.Equal(ScalarType.Float64, model.@double().parameters().First().dtype);
        Check.Throws<Contract.DtypeException>(() => model.to(ScalarType.Int64), "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=");
    }

    /// <summary>With p = 1 a second layer hears nothing of the first; while answering, p is nothing.</summary>
    public static void Dropout_between_recurrent_layers()
    {
        manual_seed(4);
        var x = randn(5, 2, 3);
        void Law<T>(T all, T upper, T none, Func<T, Tensor, Tensor> run) where T : nn.Module
        {
            none.load_state_dict(all.state_dict());
            upper.load_state_dict(all.state_dict().Where(e => e.Key.Contains("_l1")).ToDictionary(e => e.Key.Replace("_l1", "_l0"), e => e.Value));
            var loud = Numbers(run(none, x));
            Check.Close(Numbers(run(upper, zeros(5, 2, 4))), Numbers(run(all, x)), 1e-6, typeof(T).Name);
            Check.True(!loud.SequenceEqual(Numbers(run(all, x))));
            all.eval();
            Check.SequenceEqual(loud, Numbers(run(all, x)), typeof(T).Name);
        }
        Law(nn.RNN(3, 4, 2, dropout: 1), nn.RNN(4, 4), nn.RNN(3, 4, 2), (m, t) => m.call(t).Item1);
        Law(nn.GRU(3, 4, 2, dropout: 1), nn.GRU(4, 4), nn.GRU(3, 4, 2), (m, t) => m.call(t).Item1);
        Law(nn.LSTM(3, 4, 2, dropout: 1), nn.LSTM(4, 4), nn.LSTM(3, 4, 2), (m, t) => m.call(t).Item1);
    }

    /// <summary>With p = 1 nobody is attended to and nothing is added: what remains are biases and norms.</summary>
    public static void Dropout_in_attention_and_transformers()
    {
        manual_seed(5);
        var (x, memory) = (randn(4, 3, 8), randn(6, 3, 8));
        var attention = nn.MultiheadAttention(8, 2, dropout: 1);
        nn.init.normal_(attention.out_proj.bias!);
        Check.Close(Numbers(attention.out_proj.bias!.expand(4, 3, 8)), Numbers(attention.call(x, memory, memory).Item1), 1e-6);
        attention.eval();
        Check.True(!Numbers(attention.out_proj.bias!.expand(4, 3, 8)).SequenceEqual(Numbers(attention.call(x, memory, memory).Item1)));

        static Tensor Norms(nn.Module layer, int count, Tensor x)
        {
            for (var i = 1; i <= count; i++) x = ((nn.Module<Tensor, Tensor>)layer.get_submodule($"norm{i}")).call(x);
            return x;
        }
        var encoder = nn.TransformerEncoderLayer(8, 2, 16, dropout: 1);
        var decoder = nn.TransformerDecoderLayer(8, 2, 16, dropout: 1);
        Check.Close(Numbers(Norms(encoder, 2, x)), Numbers(encoder.call(x)), 1e-5);
        Check.Close(Numbers(Norms(decoder, 3, x)), Numbers(decoder.call(x, memory)), 1e-5);
        // Each layer norms what came, and so does the end of a stack.
        var both = nn.Transformer(8, 2, 1, 1, 16, dropout: 1);
        Check.Close(Numbers(Norms(both.get_submodule("decoder.layers.0"), 3, x)), Numbers(both.call(memory, x)), 1e-4);
        encoder.eval();
        Check.True(!Numbers(Norms(encoder, 2, x)).SequenceEqual(Numbers(encoder.call(x))));
    }

    /// <summary>Whole channels go, about as many as p says, and the others grow by 1 / (1 - p).</summary>
    public static void Channels_are_dropped_whole()
    {
        manual_seed(6);
        foreach (var (make, shape) in new (Func<double, nn.Module<Tensor, Tensor>>, long[])[]
        {
            (p => nn.Dropout1d(p), [40, 50, 3]),
            (p => nn.Dropout2d(p), [40, 50, 3, 2]),
            (p => nn.Dropout3d(p), [40, 50, 2, 1, 2]),
        })
        {
            var x = rand(shape) + 1;
            var (before, after) = (x.reshape(2000, -1), make(0.3).call(x).reshape(2000, -1));
            var factors = after / before;
            var kept = Numbers(factors[.., 0]).Count(f => f != 0) / 2000.0;
            Check.True(Math.Abs(kept - 0.7) < 0.05);
            foreach (var channel in Numbers(factors).Chunk((int)factors.size(1)))
            {
                Check.True(channel.All(f => f == 0) || channel.All(f => Math.Abs(f - 1 / 0.7) < 1e-5));
            }
            Check.True(Numbers(make(1).call(x)).All(v => v == 0));
            Check.SequenceEqual(Numbers(x), Numbers(make(0).call(x)));
            var answering = make(0.3);
            answering.eval();
            Check.SequenceEqual(Numbers(x), Numbers(answering.call(x)));
        }
    }

    /// <summary>Klambauer et al. 2017: what is dropped becomes -lambda alpha, and a x + b keeps mean 0 and variance 1.</summary>
    public static void Saturating_dropout_keeps_mean_and_variance()
    {
        manual_seed(7);
        var (p, saturated) = (0.25, -1.7580993408473766);
        var a = 1 / Math.Sqrt((1 - p) * (1 + p * saturated * saturated));
        var b = -a * p * saturated;
        var x = randn(100, 200, 2);
        foreach (var (module, together) in new (nn.Module<Tensor, Tensor>, int)[] { (nn.AlphaDropout(p), 1), (nn.FeatureAlphaDropout(p), 2) })
        {
            var (before, after) = (Numbers(x), Numbers(module.call(x)));
            bool IsDropped(int i) => Math.Abs(after[i] - (a * saturated + b)) < 1e-5;
            var dropped = 0;
            for (var i = 0; i < after.Length; i++)
            {
                if (IsDropped(i)) dropped++;
                else Check.Close(a * before[i] + b, after[i], 1e-5);
                if (together == 2) Check.Equal(IsDropped(i & ~1), IsDropped(i));
            }
            Check.True(Math.Abs(dropped / (double)after.Length - p) < 0.02);
            var mean = after.Average();
            Check.True(Math.Abs(mean) < 0.03 && Math.Abs(after.Average(v => v * v) - mean * mean - 1) < 0.05);
            module.eval();
            Check.SequenceEqual(before, Numbers(module.call(x)));
        }
    }

    public static void Pruning_by_chance_by_a_mask_and_not_at_all()
    {
        manual_seed(8);
        var linear = nn.Linear(5, 4);
        var whole = Numbers(linear.weight);
        nn.utils.prune.identity(linear, "weight");
        Check.SequenceEqual(whole, Numbers(linear.weight));
        Check.SequenceEqual(["bias", "weight_orig", "weight_mask"], linear.state_dict().Keys);
        nn.utils.prune.random_unstructured(linear, "weight", 0.35);
        Check.Equal(7, Numbers(linear.weight).Count(v => v == 0));
        foreach (var (now, before) in Numbers(linear.weight).Zip(whole)) Check.True(now == 0 || now == before);
        nn.utils.prune.random_unstructured(linear, "weight", 3);
        Check.Equal(10, Numbers(linear.weight).Count(v => v == 0));

        var other = nn.Linear(2, 2);
        var (values, mask) = (Numbers(other.weight), new[] { 1.0, 0, 0, 1 });
        nn.utils.prune.custom_from_mask(other, "weight", tensor(mask).reshape(2, 2));
        Check.SequenceEqual(values.Zip(mask, (v, m) => v * m), Numbers(other.weight));
        other.call(tensor(new[,] { { 3f, 5f } })).sum().backward();
        Check.SequenceEqual([3.0, 0, 0, 5], Numbers(other.get_parameter("weight_orig")!.grad!));
        Check.Throws<Contract.ShapeException>(() => nn.utils.prune.custom_from_mask(other, "bias", ones(3)));
    }

    static Modules.Linear Twelve(double scale = 1)
    {
        var linear = nn.Linear(4, 3, bias: false);
        using (no_grad()) linear.weight.copy_(tensor(new[] { .1, -.9, .5, .3, .8, -.2, .7, -.6, .05, 1, -.4, .35 }).reshape(3, 4) * scale);
        return linear;
    }

    /// <summary>The mask row by row.</summary>
    static string Mask(nn.Module module) => string.Concat(Numbers(module.get_buffer("weight_mask")!));

    /// <summary>Masks of PyTorch 1.13: an amount is of what earlier masks have left.</summary>
    public static void Pruning_again_takes_from_what_is_left()
    {
        var one = Twelve();
        Check.Equal("011110110111", Mask(nn.utils.prune.l1_unstructured(one, "weight", 0.25)));
        Check.Equal("011010110100", Mask(nn.utils.prune.l1_unstructured(one, "weight", 0.34)));
        Check.Equal("010010100100", Mask(nn.utils.prune.l1_unstructured(one, "weight", 2)));
        var rows = Twelve();
        Check.Equal("000011111111", Mask(nn.utils.prune.ln_structured(rows, "weight", 0.3, 2, 0)));
        Check.Equal("000011110000", Mask(nn.utils.prune.ln_structured(rows, "weight", 0.5, 1, 0)));
        var columns = Twelve();
        Check.Equal("011001100110", Mask(nn.utils.prune.ln_structured(columns, "weight", 0.5, 2, 1)));
        Check.Equal("010001000100", Mask(nn.utils.prune.ln_structured(columns, "weight", 0.5, 1, 1)));
        var (a, b) = (Twelve(), Twelve(0.5));
        nn.utils.prune.l1_unstructured(a, "weight", 3);
        nn.utils.prune.global_l1_unstructured([(a, "weight"), (b, "weight")], 6);
        Check.Equal("011110110111", Mask(a));
        Check.Equal("011010110100", Mask(b));
        manual_seed(3);
        var random = Twelve();
        Check.Equal("111110001101", Mask(nn.utils.prune.random_unstructured(random, "weight", 4)));
        Check.Equal("110010001000", Mask(nn.utils.prune.random_unstructured(random, "weight", 0.5)));
        manual_seed(3);
        var slices = Twelve();
        Check.Equal("110111011101", Mask(nn.utils.prune.random_structured(slices, "weight", 0.25, 1)));
        Check.Equal("010101010101", Mask(nn.utils.prune.random_structured(slices, "weight", 0.34, 1)));
    }

    /// <summary>Numbers of PyTorch 1.13: only calls take steps, neither the beginning nor copies nor the end.</summary>
    public static void A_spectral_norm_steps_with_calls_alone()
    {
        manual_seed(0);
        var linear = nn.utils.spectral_norm(nn.Linear(3, 2));
        double[] Steps(Modules.Linear m) => Numbers(m.get_buffer("weight_u")!);
        Check.Close([-0.6127873063087463, -0.7902478575706482], Steps(linear), 1e-6);
        Check.Close([0.3430648148059845, 0.7127794623374939, -0.6117612719535828], Numbers(linear.get_buffer("weight_v")!), 1e-6);
        Check.SequenceEqual(Numbers(linear.get_parameter("weight_orig")!), Numbers(linear.weight));
        var copy = linear.deepcopy();
        Check.SequenceEqual(Steps(linear), Steps(copy));
        foreach (var m in new[] { linear, copy })
        {
            Check.Close([-0.46002382040023804, -0.8432421088218689], Numbers(m.call(ones(1, 3))), 1e-6);
            Check.Close([-0.6006911396980286, -0.799481213092804], Steps(m), 1e-6);
        }
        double[] weight = [-0.01141994260251522, 0.8182585835456848, -1.2554233074188232, -1.1225569248199463, -0.5874911546707153, 0.4090310335159302];
        Check.Close(weight, Numbers(linear.weight), 1e-6);
        Check.Close(weight, Numbers(nn.utils.remove_spectral_norm(linear).weight), 1e-6);
    }

    public static void A_spectral_norm_goes_again()
    {
        manual_seed(9);
        var linear = nn.utils.spectral_norm(nn.Linear(4, 3), n_power_iterations: 20);
        var x = randn(2, 4);
        for (var i = 0; i < 5; i++) linear.call(x);
        linear.eval();
        var before = Numbers(linear.call(x));
        nn.utils.remove_spectral_norm(linear);
        Check.SequenceEqual(["bias", "weight"], linear.state_dict().Keys.Order());
        Check.Close(before, Numbers(linear.call(x)), 1e-6);
        Check.Close(1, linalg.matrix_norm(linear.weight.detach(), 2).ToDouble(), 1e-4);
        Check.True(linear.weight.requires_grad && linear.weight.is_leaf);
        Check.Throws<Contract.ArgumentValueException>(() => nn.utils.remove_spectral_norm(linear), "spectral_norm of 'weight' not found in");
    }

    public static void Gradients_that_are_not_finite_are_not_clipped_if_asked()
    {
        foreach (var wrong in new[] { double.NaN, double.PositiveInfinity })
        {
            var w = ones(2).requires_grad_();
            w.grad = tensor(new[] { 3f, (float)wrong });
            Check.Throws<Contract.ArgumentValueException>(() => nn.utils.clip_grad_norm_([w], 1, error_if_nonfinite: true),
                "The total norm of order 2 for gradients from `parameters` is non-finite, so it cannot be clipped.");
            Check.SequenceEqual([3.0, wrong], Numbers(w.grad!));
            Check.True(!double.IsFinite(nn.utils.clip_grad_norm_([w], 1).ToDouble()));
        }
        var fine = ones(2).requires_grad_();
        fine.grad = tensor(new[] { 3f, 4f });
        Check.Close(5, nn.utils.clip_grad_norm_([fine], 1, error_if_nonfinite: true).ToDouble(), 1e-5);
        Check.Close([0.6, 0.8], Numbers(fine.grad!), 1e-5);
    }
}

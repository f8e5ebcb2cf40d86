namespace Functional.Torch.Tests;

using Functional.Contract;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Mixed precision: which operations compute in which dtype, and losses that are scaled.</summary>
public static class AmpTests
{
    const ScalarType Low = ScalarType.BFloat16, Half = ScalarType.Float16, Full = ScalarType.Float32;

    public static void ProductsAreNarrowOnTheProcessor()
    {
        Tensor a = torch.randn(4, 4), batch = torch.randn(2, 4, 4), image = torch.randn(1, 2, 5, 5);
        Check.Equal(Full, a.matmul(a).dtype);
        using (torch.autocast("cpu"))
        {
            Check.True(torch.is_autocast_enabled("cpu") && !torch.is_autocast_enabled("cuda"));
            Check.Equal(Low, torch.get_autocast_dtype("cpu"));
            Tensor[] narrow =
            [
                a.matmul(a), a.mm(a), torch.bmm(batch, batch), torch.addmm(a, a, a), torch.baddbmm(batch, batch, batch), torch.einsum("ij,jk->ik", a, a),
                functional.linear(a, a, torch.zeros(4)), functional.conv2d(image, torch.randn(3, 2, 3, 3)), functional.conv_transpose2d(image, torch.randn(2, 3, 3, 3)),
                functional.scaled_dot_product_attention(batch, batch, batch), Linear(4, 2).call(a), Conv2d(2, 3, 3).call(image), LSTM(4, 3).call(batch).Item1,
                // What is on no list takes what it gets.
                functional.relu(a.matmul(a)), a.matmul(a) * 2,
            ];
            for (var i = 0; i < narrow.Length; i++) Check.Equal(Low, narrow[i].dtype, $"narrow[{i}]");
            var low = a.to(Low);
            Tensor[] wide =
            [
                functional.mse_loss(low, low), functional.cross_entropy(low, torch.zeros([4], ScalarType.Int64)), functional.l1_loss(low, low),
                functional.binary_cross_entropy_with_logits(low, low), functional.kl_div(low, low), torch.cdist(low, low), torch.prod(low),
                // The widest of both.
                a.matmul(a) + a, torch.cat([low, a]),
                .. LinearAlgebraAndTransforms(low), .. PoolsAndPads(),
            ];
            for (var i = 0; i < wide.Length; i++) Check.Equal(Full, wide[i].dtype, $"wide[{i}]");
            // float64 is meant by whoever uses it, integers are no matter of precision, and the processor's list leaves these alone.
            Check.Equal(ScalarType.Float64, a.to(ScalarType.Float64).matmul(a.to(ScalarType.Float64)).dtype);
            Check.Equal(ScalarType.Int64, torch.ones([2, 2], ScalarType.Int64).matmul(torch.ones([2, 2], ScalarType.Int64)).dtype);
            Check.Equal(Low, torch.exp(low).dtype);
            Check.Equal(Low, torch.softmax(low, 1).dtype);
            Check.Equal(Low, functional.max_pool2d(torch.randn(1, 2, 6, 6).to(Low), 2).dtype);
            using (torch.autocast("cpu", enabled: false)) Check.Equal(Full, a.matmul(a).dtype);
            using (torch.autocast("cpu", Half)) Check.Equal(Half, a.matmul(a).dtype);
            Check.Equal(Low, a.matmul(a).dtype);
        }
        Check.Equal(Full, a.matmul(a).dtype);
        Check.True(!torch.is_autocast_enabled("cpu"));
        Check.Throws<DtypeException>(() => torch.autocast("cpu", ScalarType.Float64), "autocast, but the target dtype is not supported");
    }

    static IEnumerable<Tensor> LinearAlgebraAndTransforms(Tensor low)
    {
        var positive = torch.eye(4).to(Low);
        return
        [
            torch.linalg.svdvals(low), torch.linalg.svd(low).S, torch.linalg.inv(positive), torch.linalg.solve(positive, low), torch.linalg.qr(low).R,
            torch.linalg.cholesky(positive), torch.cholesky(positive), torch.linalg.eigvalsh(positive), torch.linalg.eigh(positive).eigenvectors, torch.linalg.cond(positive),
            torch.pinverse(low), torch.linalg.lstsq(positive, low).solution, torch.linalg.tensorinv(positive.view(2, 2, 4), 2),
            torch.triangular_solve(low, positive).solution, torch.fft.fft_(low).real, torch.fft.irfft(torch.fft.rfft(low)), torch.fft.fft2(low).real, torch.polar(low, low).real,
        ];
    }

    static IEnumerable<Tensor> PoolsAndPads()
    {
        Tensor volume = torch.randn(1, 2, 6, 6, 6).to(Low), image = torch.randn(1, 2, 6, 6).to(Low);
        var (pooled, places) = functional.max_pool2d_with_indices(image, 2);
        return
        [
            functional.max_pool3d(volume, 2), functional.avg_pool3d(volume, 2), functional.adaptive_avg_pool3d(volume, 2), functional.adaptive_max_pool3d(volume, 2),
            functional.fractional_max_pool2d(image, 2, 3), functional.max_unpool2d(pooled, places, 2), functional.pad(image, [1, 1, 1, 1], PaddingModes.Reflect),
            functional.pad(volume, [1, 1, 1, 1, 1, 1], PaddingModes.Replicate),
        ];
    }

    public static void PrecisionOfProductsIsASwitch()
    {
        Check.Equal("highest", torch.get_float32_matmul_precision());
        Check.True(!torch.backends.cuda.matmul.allow_tf32 && torch.backends.cudnn.allow_tf32);
        try
        {
            torch.set_float32_matmul_precision("medium");
            Check.True(torch.backends.cuda.matmul.allow_tf32);
            torch.backends.cuda.matmul.allow_tf32 = true;
            Check.Equal("high", torch.get_float32_matmul_precision());
            torch.backends.cuda.matmul.allow_tf32 = false;
            Check.Equal("highest", torch.get_float32_matmul_precision());
            Check.Throws<Functional.Contract.ArgumentValueException>(() => torch.set_float32_matmul_precision("low"), "'highest', 'high' or 'medium'");
        }
        finally
        {
            torch.set_float32_matmul_precision("highest");
        }
    }

    public static void CardsHaveTheirOwnLists()
    {
        using var cards = SecondDevices.Present();
        var a = torch.rand([4, 4], device: "cuda") + 0.5;
        var low = a.to(Half);
        using (torch.cuda.amp.autocast())
        {
            Check.Equal(Half, a.matmul(a).dtype);
            Check.Equal(Half, torch.mv(a, a[0]).dtype);
            Tensor[] wide =
            [
                torch.exp(low), torch.log(low), torch.pow(low, 2), low.sum(), torch.cumsum(low, 0), torch.softmax(low, 1), torch.log_softmax(low, 1),
                torch.rsqrt(low), torch.reciprocal(low), functional.layer_norm(low, [4]), functional.mse_loss(low, low), torch.norm(low, 2), functional.softplus(low),
            ];
            for (var i = 0; i < wide.Length; i++) Check.Equal(Full, wide[i].dtype, $"wide[{i}]");
            Check.Equal(Half, torch.tanh(low).dtype);
            // The processor is another device.
            Check.Equal(Full, torch.ones(2, 2).matmul(torch.ones(2, 2)).dtype);
            Check.Throws<DtypeException>(() => functional.binary_cross_entropy(low, low), "are unsafe to autocast");
        }
    }

    public static void ANetworkTrainsInBfloat16()
    {
        torch.manual_seed(1);
        var net = Sequential(Linear(4, 16), ReLU(), Linear(16, 1));
        var optimizer = optim.Adam(net.parameters(), lr: 0.01);
        var input = torch.randn(64, 4);
        var target = input.sum(1, true);
        double first = 0, last = 0;
        for (var step = 0; step < 100; step++)
        {
            optimizer.zero_grad();
            Tensor loss;
            using (torch.autocast("cpu", ScalarType.BFloat16)) loss = functional.mse_loss(net.call(input), target);
            Check.Equal(Full, loss.dtype);
            loss.backward();
            optimizer.step();
            last = loss.ToDouble();
            if (step == 0) first = last;
        }
        // Parameters and their gradients stay in float32.
        Check.True(net.parameters().All(p => p.dtype == Full && p.grad!.dtype == Full));
        Check.True(last < first / 10);
    }

    static (Linear Net, optim.Optimizer Optimizer) Small()
    {
        torch.manual_seed(3);
        var net = Linear(2, 1);
        return (net, optim.SGD(net.parameters(), 0.1));
    }

    public static void ScaledStepsAreStepsUnlessTheyOverflow()
    {
        var x = torch.ones(1, 2);
        var (plain, plainOptimizer) = Small();
        plain.call(x).sum().backward();
        plainOptimizer.step();

        var (net, optimizer) = Small();
        var scaler = new torch.amp.GradScaler("cpu", init_scale: 1024, growth_interval: 2);
        scaler.scale(net.call(x).sum()).backward();
        Check.Equal(1024f, net.weight.grad![0, 0].ToSingle());
        scaler.step(optimizer);
        scaler.update();
        Check.SequenceEqual(plain.weight.data<float>(), net.weight.data<float>());
        Check.Equal(1024.0, scaler.get_scale());

        // A second good step in a row lets the scale grow.
        optimizer.zero_grad();
        scaler.scale(net.call(x).sum()).backward();
        scaler.unscale_(optimizer);
        Check.Equal(1f, net.weight.grad![0, 0].ToSingle());
        scaler.step(optimizer);
        scaler.update();
        Check.Equal(2048.0, scaler.get_scale());

        // An overflow leaves the parameters alone and halves the scale.
        var before = net.weight.data<float>().ToArray();
        optimizer.zero_grad();
        scaler.scale(net.call(x).sum() * double.PositiveInfinity).backward();
        scaler.step(optimizer);
        scaler.update();
        Check.SequenceEqual(before, net.weight.data<float>());
        Check.Equal(1024.0, scaler.get_scale());

        var saved = scaler.state_dict();
        var again = new torch.amp.GradScaler("cpu");
        again.load_state_dict(saved);
        Check.Equal(1024.0, again.get_scale());
        Check.Equal(2L, again.get_growth_interval());
        scaler.update(8);
        Check.Equal(8.0, scaler.get_scale());
    }

    public static void ScalersRefuseTheWrongOrder()
    {
        var (net, optimizer) = Small();
        var scaler = new torch.amp.GradScaler("cpu");
        Check.Throws<ArgumentValueException>(() => scaler.step(optimizer), "Attempted step but _scale is None.");
        scaler.scale(net.call(torch.ones(1, 2)).sum()).backward();
        scaler.unscale_(optimizer);
        Check.Throws<ArgumentValueException>(() => scaler.unscale_(optimizer), "unscale_() has already been called on this optimizer since the last update().");
        scaler.step(optimizer);
        Check.Throws<ArgumentValueException>(() => scaler.step(optimizer), "step() has already been called since the last update().");
        Check.Throws<ArgumentValueException>(() => scaler.unscale_(optimizer), "unscale_() is being called after step().");
        scaler.update();
        Check.Throws<ArgumentValueException>(() => scaler.update(), "No inf checks were recorded prior to update.");
        Check.Throws<ArgumentValueException>(() => _ = new torch.amp.GradScaler("cpu", growth_factor: 1), "The growth factor must be > 1.0.");
        // Without a card a scaler for cards is switched off.
        if (torch.cuda.is_available()) return;
        var off = torch.cuda.amp.GradScaler();
        Check.True(!off.is_enabled() && off.get_scale() == 1 && off.state_dict().Count == 0);
        var loss = net.call(torch.ones(1, 2)).sum();
        Check.True(ReferenceEquals(loss, off.scale(loss)));
    }
}

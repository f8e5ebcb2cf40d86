namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;

/// <summary>Rows of the handbook about networks and optimizers that no golden file covers; each test names its rows. Numbers are PyTorch's.</summary>
public static class HandbookNetworkTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();
    static torch.Tensor Vector(params double[] numbers) => torch.tensor(numbers, requires_grad: true);

    sealed class Net : nn.Module<torch.Tensor, torch.Tensor>
    {
        readonly nn.Module<torch.Tensor, torch.Tensor> first = nn.Linear(2, 3), second = nn.Dropout(0.5);
        public Net() : base("Net") => RegisterComponents();
        public override torch.Tensor forward(torch.Tensor input) => second.call(first.call(input));
    }

    /// <summary>H175, H182, H183, H184, H187, H188, H299, H303, H351: a module of one's own, called, with children, learning or not.</summary>
    public static void ModulesOfOnesOwn()
    {
        var net = new Net();
        Check.SequenceEqual(["first", "second"], net.named_children().Select(c => c.name));
        Check.Equal(2, net.children().Count());
        Check.True(net.training && net.children().All(c => c.training));
        net.eval();
        Check.True(!net.training && net.children().All(c => !c.training));
        var x = torch.randn(4, 2);
        Check.SequenceEqual(Numbers(net.forward(x)), Numbers(net.call(x)));
        net.train();
        Check.True(net.training);
        net.train(false);
        Check.True(!net.training);
    }

    /// <summary>H177, H178, H179, H180, H181: dtypes and devices of modules; there is no CUDA device on the processor's backend.</summary>
    public static void Conversions()
    {
        var net = new Net();
        Check.True(net.@double().parameters().All(p => p.dtype == float64));
        Check.True(net.half().parameters().All(p => p.dtype == float16));
        Check.True(net.@float().parameters().All(p => p.dtype == float32));
        Check.True(net.cpu().parameters().All(p => p.is_cpu));
        Check.Throws<DeviceException>(() => net.cuda());
    }

    /// <summary>H200, H201</summary>
    public static void Lists()
    {
        var list = nn.ModuleList();
        list.append(nn.Linear(1, 2));
        list.extend([nn.Linear(2, 3), nn.ReLU()]);
        Check.Equal(3, list.Count);
        Check.SequenceEqual(["0.weight", "0.bias", "1.weight", "1.bias"], list.named_parameters().Select(p => p.name));
    }

    /// <summary>H205, H218: the layers compute what the functions do.</summary>
    public static void ConvolutionAndPooling()
    {
        var (layer, x) = (nn.Conv3d(1, 2, 2), torch.randn(1, 1, 3, 3, 3));
        Check.SequenceEqual(Numbers(layer.call(x)), Numbers(nn.functional.conv3d(x, layer.weight, layer.bias)));
        var y = torch.arange(16.0).reshape(1, 1, 4, 4);
        Check.Close([5.0, 7, 13, 15], Numbers(nn.MaxPool2d(2).call(y)));
    }

    /// <summary>H253, H254, H268, H270</summary>
    public static void Activations()
    {
        var x = torch.tensor(new[] { -1.0, 0.5, 2 });
        Check.Close([20.0, 20, 2], Numbers(nn.Threshold(1, 20).call(x)));
        Check.Close([0.7856, 0.1753, 0.0391], Numbers(nn.Softmin(0).call(x)), 1e-4);
        Check.Close([-3.2413, -1.7413, -0.2413], Numbers(nn.LogSoftmax(0).call(x)), 1e-4);
        nn.Threshold(1, 20, inplace: true).call(x);
        Check.Close([20.0, 20, 2], Numbers(x));
    }

    /// <summary>H293, H301: a layer's weight has a row for each output.</summary>
    public static void WeightsOfLinear() => Check.SequenceEqual([3L, 2], nn.Linear(2, 3).weight.shape);

    /// <summary>H328, H330</summary>
    public static void Losses()
    {
        var (x, target) = (torch.tensor(new[] { 0.2, 0.9 }), torch.tensor(new[] { 0.0, 1 }));
        Check.Close(0.1642520, nn.BCELoss().call(x, target).ToDouble());
        Check.Close(0.45, nn.HingeEmbeddingLoss().call(torch.tensor(new[] { 0.2, 0.9 }), torch.tensor(new[] { -1.0, -1 })).ToDouble());
    }

    /// <summary>H298: torch.Tensor makes floats, of numbers or of sizes.</summary>
    public static void Constructors()
    {
        var x = new torch.Tensor([1, 2, 3]);
        Check.True(x.dtype == float32);
        Check.Close([1.0, 2, 3], Numbers(x));
        Check.SequenceEqual([2L, 3], new torch.Tensor(2, 3).shape);
        Check.SequenceEqual([2L, 2], new torch.Tensor(new[,] { { 1, 2 }, { 3, 4 } }).shape);
    }

    /// <summary>H350, H352: dtypes and operators of the samples.</summary>
    public static void Samples()
    {
        var (y, guess) = (torch.tensor(new[] { 1f, 2 }, float32), torch.tensor(new[] { 3f, 5 }));
        Check.True(y.dtype == float32);
        Check.Close([-2.0, -3], Numbers(y - guess));
    }

    /// <summary>H366, H367</summary>
    public static void PackedSequences()
    {
        var padded = torch.tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 0 } });
        var packed = nn.utils.rnn.pack_padded_sequence(padded, new long[] { 3, 2 }, batch_first: true);
        Check.Close([1.0, 4, 2, 5, 3], Numbers(packed.data));
        Check.Close([2.0, 2, 1], Numbers(packed.batch_sizes));
    }

    static double[] Train(Func<torch.Tensor, optim.Optimizer> make, int steps)
    {
        var w = Vector(1, -2);
        var optimizer = make(w);
        for (var i = 0; i < steps; i++)
        {
            optimizer.zero_grad();
            (w * w * torch.tensor(new[] { 1.0, 3 })).sum().backward();
            optimizer.step();
        }
        return Numbers(w);
    }

    /// <summary>
    /// H458, H488 to H507 (H489, H490, H491, H492, H493, H494, H495, H496, H497, H498, H499, H500, H501, H502, H503, H504, H505, H506): Adam is
    /// its formulas: exponential averages of gradients and their squares, corrected for their start from zero, each with its own rate.
    /// </summary>
    public static void Adam()
    {
        foreach (var (decay, amsgrad) in new[] { (0.0, false), (0.1, true) })
        {
            const double lr = 0.05, b1 = 0.8, b2 = 0.95, eps = 1e-6;
            double[] w = [1, -2], m = [0, 0], v = [0, 0], most = [0, 0], scale = [1, 3];
            for (var t = 1; t <= 5; t++)
                for (var i = 0; i < 2; i++)
                {
                    var g = 2 * scale[i] * w[i] + decay * w[i];
                    m[i] = b1 * m[i] + (1 - b1) * g;
                    v[i] = b2 * v[i] + (1 - b2) * g * g;
                    most[i] = Math.Max(most[i], v[i]);
                    var second = (amsgrad ? most[i] : v[i]) / (1 - Math.Pow(b2, t));
                    w[i] -= lr * (m[i] / (1 - Math.Pow(b1, t))) / (Math.Sqrt(second) + eps);
                }
            Check.Close(w, Train(p => optim.Adam([new optim.ParamGroup([p])], lr, (b1, b2), eps, decay, amsgrad), 5), 1e-9);
        }
    }

    /// <summary>H471, H472, H473, H474: RMSprop is its formulas.</summary>
    public static void RmsProp()
    {
        const double lr = 0.02, alpha = 0.9, eps = 1e-6, momentum = 0.5;
        double[] w = [1, -2], square = [0, 0], mean = [0, 0], buffer = [0, 0], scale = [1, 3];
        for (var t = 1; t <= 5; t++)
            for (var i = 0; i < 2; i++)
            {
                var g = 2 * scale[i] * w[i];
                square[i] = alpha * square[i] + (1 - alpha) * g * g;
                mean[i] = alpha * mean[i] + (1 - alpha) * g;
                buffer[i] = momentum * buffer[i] + g / (Math.Sqrt(square[i] - mean[i] * mean[i]) + eps);
                w[i] -= lr * buffer[i];
            }
        Check.Close(w, Train(p => optim.RMSprop([new optim.ParamGroup([p])], lr, alpha, eps, momentum: momentum, centered: true), 5), 1e-9);
    }

    /// <summary>H448, H449, H451: state goes from one optimizer to another, and a closure's loss comes back from step.</summary>
    public static void OptimizersGoOn()
    {
        var (a, b) = (Vector(1, -2), Vector(1, -2));
        torch.Tensor Loss(torch.Tensor w) => (w * w).sum();
        var first = optim.Adam([new optim.ParamGroup([a])], 0.1);
        for (var i = 0; i < 3; i++)
        {
            first.zero_grad();
            Loss(a).backward();
            first.step();
        }
        var second = optim.Adam([new optim.ParamGroup([b])], 0.5);
        second.load_state_dict(first.state_dict());
        using (torch.no_grad()) b.copy_(a);
        foreach (var (optimizer, w) in new[] { (first, a), (second, b) })
        {
            var before = Loss(w).ToDouble();
            var loss = optimizer.step(() =>
            {
                optimizer.zero_grad();
                var l = Loss(w);
                l.backward();
                return l;
            });
            Check.Close(before, loss!.ToDouble());
        }
        Check.SequenceEqual(Numbers(a), Numbers(b));
    }

    /// <summary>H512</summary>
    public static void Constants() => Check.Close([0.3, 0.3], Numbers(nn.init.constant_(torch.empty([2], float64), 0.3)));

    sealed class Squares : utils.data.Dataset<long>
    {
        public override long Count => 5;
        public override long GetTensor(long index) => index * index;
    }

    sealed class Backwards(long count) : utils.data.Sampler
    {
        public override int Count => (int)count;
        public override IEnumerator<long> GetEnumerator()
        {
            for (var i = count - 1; i >= 0; i--) yield return i;
        }
    }

    /// <summary>H539, H540, H541, H551, H552, H553: data sets and samplers of one's own.</summary>
    public static void DataOfOnesOwn()
    {
        var squares = new Squares();
        Check.Equal(5L, squares.Count);
        Check.SequenceEqual([16L, 9, 4, 1, 0], new Backwards(squares.Count).Select(i => squares[i]));
    }
}

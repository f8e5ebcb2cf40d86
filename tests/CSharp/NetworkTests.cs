namespace Functional.Torch.Tests;

using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Networks as users of TorchSharp write them.</summary>
public static class NetworkTests
{
    sealed class Net : Module<Tensor, Tensor>
    {
        readonly Module<Tensor, Tensor> conv1 = Conv2d(1, 8, 3);
        readonly Module<Tensor, Tensor> conv2 = Conv2d(8, 16, 3);
        readonly Module<Tensor, Tensor> dropout = Dropout(0.25);
        readonly Module<Tensor, Tensor> fc1 = Linear(144, 32);
        readonly Module<Tensor, Tensor> fc2 = Linear(32, 10);

        public Net() : base("Net") => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = functional.relu(conv1.call(input));
            x = functional.max_pool2d(x, 2);
            x = functional.relu(conv2.call(x));
            x = dropout.call(x).flatten(1);
            x = functional.relu(fc1.call(x));
            return functional.log_softmax(fc2.call(x), 1);
        }
    }

    /// <summary>Ten patterns with noise, which any network learns.</summary>
    static (Tensor Images, Tensor Labels) Patterns(long count)
    {
        var labels = torch.randint(0, 10, [count]);
        var images = torch.randn(count, 1, 12, 12) * 0.1;
        for (var i = 0; i < count; i++) images[i, 0, labels[i].ToInt32()] = torch.ones(12);
        return (images, labels);
    }

    public static void AConvolutionalNetworkLearns()
    {
        torch.manual_seed(1);
        var model = new Net();
        var optimizer = optim.Adam(model.parameters(), lr: 0.01);
        var (images, labels) = Patterns(64);
        var loss = 0.0;
        for (var step = 0; step < 25; step++)
        {
            optimizer.zero_grad();
            var output = functional.nll_loss(model.call(images), labels);
            output.backward();
            optimizer.step();
            loss = output.ToDouble();
        }
        model.eval();
        using var _ = torch.no_grad();
        var right = model.call(images).argmax(1).eq(labels).sum().ToInt64();
        Check.True(loss < 0.5 && right >= 60);
    }

    public static void ComponentsHaveTheirFieldsNames()
    {
        var model = new Net();
        Check.SequenceEqual(["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"], model.state_dict().Keys);
        Check.Equal(8, model.parameters().Count());
        Check.Equal(5, model.children().Count());
    }

    public static void StateGoesFromModelToModel()
    {
        var (a, b) = (new Net(), new Net());
        b.load_state_dict(a.state_dict());
        a.eval();
        b.eval();
        var x = torch.randn(2, 1, 12, 12);
        Check.True(a.call(x).equal(b.call(x)));
        var state = a.state_dict();
        state.Remove("fc2.bias");
        Check.Throws<Functional.Contract.ArgumentValueException>(() => b.load_state_dict(state), "Missing key(s) in state_dict: \"fc2.bias\"");
    }

    public static void SequentialsTakeNames()
    {
        var model = Sequential(("lin1", Linear(4, 3)), ("relu", ReLU()), ("lin2", Linear(3, 2)));
        Check.SequenceEqual(["lin1.weight", "lin1.bias", "lin2.weight", "lin2.bias"], model.named_parameters().Select(p => p.name));
        Check.SequenceEqual([5L, 2], model.call(torch.ones(5, 4)).shape);
    }

    public static void SameSeedSameNumbersAsPyTorch()
    {
        torch.manual_seed(0);
        Check.Close([0.49625658988952637, 0.7682217955589294, 0.08847743272781372], torch.rand(3).to(float64).data<double>().ToArray());
        torch.manual_seed(0);
        var layer = Linear(2, 1);
        Check.Close([-0.00529294, 0.37932293], layer.weight.detach().to(float64).data<double>().ToArray(), 1e-5);
    }

    public static void OptimizersLeaveWhatUsersHold()
    {
        var weight = torch.ones([1000], requires_grad: true);
        var before = weight.clone();
        var pending = weight.detach() * 2;
        var optimizer = optim.SGD([weight], 0.5, momentum: 0.9);
        var loss = (weight * weight).sum();
        loss.backward();
        optimizer.step();
        Check.Close(1, before[0].ToDouble());
        Check.Close(0, weight[999].ToDouble());
        Check.Close(2, weight.grad![3].ToDouble());
        Check.Close(2, pending[5].ToDouble());
        Check.Close(1000, loss.ToDouble());
    }

    public static void SchedulesChangeTheRate()
    {
        var optimizer = optim.SGD([torch.ones([2], requires_grad: true)], 1.0);
        var scheduler = optim.lr_scheduler.StepLR(optimizer, 2, 0.5);
        var rates = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            rates.Add(optimizer.param_groups[0].LearningRate);
            scheduler.step();
        }
        Check.Close([1, 1, 0.5, 0.5, 0.25], rates);
    }

    public static void LoadersGiveAllExamplesOnce()
    {
        var examples = torch.utils.data.TensorDataset(torch.arange(7), torch.arange(7) * 10);
        var inOrder = torch.utils.data.DataLoader(examples, batch_size: 3);
        Check.SequenceEqual([3L, 3, 1], inOrder.Select(b => b[0].size(0)));
        Check.Equal(2L, torch.utils.data.DataLoader(examples, 3, drop_last: true).Count);
        var seen = torch.utils.data.DataLoader(examples, 2, shuffle: true).SelectMany(b => b[1].data<long>()).Order();
        Check.SequenceEqual([0L, 10, 20, 30, 40, 50, 60], seen);
    }

    public static void ScopesAndDisposeAreHarmless()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(2);
        x.Dispose();
        Check.Close(2, x.sum().MoveToOuterDisposeScope().ToDouble());
    }
}

namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;
using F = Functional.Torch.torch.nn.functional;

/// <summary>Rows of the handbook that no golden file covers; each test names its row. Numbers are PyTorch's.</summary>
public static class HandbookTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();

    /// <summary>H017, H019, H031: the generators' out.</summary>
    public static void RandomNumbersIntoATensor()
    {
        var y = torch.empty(0);
        torch.manual_seed(5);
        Check.True(ReferenceEquals(y, torch.rand([3], @out: y)));
        Check.Close([0.8303, 0.1261, 0.9075], Numbers(y), 1e-4);
        Check.Close([-2.1659, -0.8484], Numbers(torch.randn([2], @out: torch.empty(0))), 1e-4);
        Check.Close([5.0684, -1.8268], Numbers(torch.normal(1.0, 2.0, [2], @out: torch.empty(0))), 1e-4);
        Check.Equal(3L, torch.normal(torch.zeros(3), torch.ones(3), @out: y).numel());
    }

    /// <summary>H043</summary>
    public static void Unbind()
    {
        var x = torch.arange(6).reshape(2, 3);
        var columns = torch.unbind(x, 1);
        Check.Equal(3, columns.Length);
        Check.Close([1.0, 4], Numbers(columns[1]));
        Check.Close([0.0, 1, 2], Numbers(torch.unbind(x)[0]));
    }

    /// <summary>H050, H051</summary>
    public static void Division()
    {
        Check.Close([3.5, -3.5], Numbers(torch.div(torch.tensor(new long[] { 7, -7 }), 2)));
        Check.Close([3.0, -4], Numbers(torch.div(torch.tensor(new[] { 7f, -7 }), 2, rounding_mode: "floor")));
        Check.Close([3.0, -3], Numbers(torch.div(torch.tensor(new[] { 7f, -7 }), 2, rounding_mode: "trunc")));
        var y = torch.empty(0);
        torch.div(torch.tensor(new[] { 1f, 3 }), torch.tensor(new[] { 2f, 2 }), @out: y);
        Check.Close([0.5, 1.5], Numbers(y));
    }

    /// <summary>H130</summary>
    public static void StandardDeviation()
    {
        var x = torch.tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 7 } });
        Check.Close(2.1602, torch.std(x).ToDouble(), 1e-4);
        Check.Close([1.0, 1.5275], Numbers(torch.std(x, 1)), 1e-4);
        Check.Close([1.5, 1.5, 2], Numbers(torch.std(x, 0, unbiased: false)), 1e-4);
    }

    /// <summary>H370, H371, H372, H373: a layer holds and starts its parameters, a function is given them, and both compute the same.</summary>
    public static void LayersAndFunctions()
    {
        var layer = nn.Conv2d(1, 2, 3);
        var x = torch.randn(1, 1, 5, 5);
        Check.SequenceEqual(Numbers(layer.call(x)), Numbers(F.conv2d(x, layer.weight, layer.bias)));
        Check.SequenceEqual(Numbers(nn.ReLU().call(x)), Numbers(F.relu(x)));
        Check.True(layer.parameters().All(p => p.requires_grad));
    }

    /// <summary>H394</summary>
    public static void FractionalMaxPool2d()
    {
        var x = torch.arange(16.0).reshape(1, 1, 4, 4).to(float32);
        var samples = torch.tensor(new[] { 0.3f, 0.6f }).reshape(1, 1, 2);
        Check.Close([5.0, 7, 13, 15], Numbers(F.fractional_max_pool2d(x, 2, output_size: 2, _random_samples: samples)));
    }

    /// <summary>H396</summary>
    public static void Relu()
    {
        var x = torch.tensor(new[] { -1f, 0, 2 }, requires_grad: true);
        var y = F.relu(x);
        y.sum().backward();
        Check.Close([0.0, 0, 2], Numbers(y));
        Check.Close([0.0, 0, 1], Numbers(x.grad!));
        var z = torch.tensor(new[] { -1f, 3 });
        F.relu(z, inplace: true);
        Check.Close([0.0, 3], Numbers(z));
    }

    /// <summary>H408</summary>
    public static void Softmin() =>
        Check.Close([0.6652, 0.2447, 0.0900, 0.7054, 0.2595, 0.0351], Numbers(F.softmin(torch.tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 7 } }), 1)), 1e-4);

    /// <summary>H411</summary>
    public static void BatchNorm()
    {
        var x = torch.tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 7 } });
        var (weight, bias) = (torch.tensor(new float[] { 1, 2, 3 }), torch.tensor(new float[] { 0, 1, 2 }));
        Check.Close([1.0, 5, 11, 4, 11, 22.9999], Numbers(F.batch_norm(x, torch.zeros(3), torch.ones(3), weight, bias, training: false)), 1e-4);
        Check.Close([-1.0, -1, -1, 1, 1, 1], Numbers(F.batch_norm(x, null, null, training: true)), 1e-4);
    }

    /// <summary>H423</summary>
    public static void BinaryCrossEntropy()
    {
        var (x, target) = (torch.tensor(new[] { 0.2f, 0.9f }), torch.tensor(new[] { 0f, 1f }));
        Check.Close([0.2231, 0.1054], Numbers(F.binary_cross_entropy(x, target, reduction: nn.Reduction.None)), 1e-4);
        Check.Close(0.1643, F.binary_cross_entropy(x, target).ToDouble(), 1e-3);
    }

    /// <summary>H048: the number of threads is what was set, and results do not depend on it.</summary>
    public static void Threads()
    {
        var before = torch.get_num_threads();
        var x = torch.randn([300, 300]);
        try
        {
            torch.set_num_threads(1);
            Check.Equal(1L, torch.get_num_threads());
            var one = Numbers(torch.matmul(x, x));
            torch.set_num_threads(2);
            Check.Equal(2L, torch.get_num_threads());
            Check.SequenceEqual(one, Numbers(torch.matmul(x, x)));
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    /// <summary>H162</summary>
    public static void EigenvaluesIntoTensors()
    {
        var a = torch.tensor(new double[,] { { 2, 0 }, { 0, 3 } });
        var (values, vectors) = (torch.empty([0], complex128), torch.empty([0], complex128));
        torch.linalg.eig(a, @out: (values, vectors));
        Check.Close([2.0, 3], Numbers(torch.real(values)).Order());
        Check.SequenceEqual([2L, 2], vectors.shape);
    }

    /// <summary>H046, H047: what was saved comes back with its dtypes, shapes, values and sharing.</summary>
    public static void SavingAndLoading()
    {
        var shared = torch.tensor(new[] { 1.5f, 2 });
        var file = new MemoryStream();
        torch.save(new Dictionary<string, object> { ["a"] = shared, ["again"] = shared, ["k"] = torch.tensor(new long[,] { { 1, 2 } }) }, file);
        file.Position = 0;
        var loaded = (System.Collections.IDictionary)torch.load(file)!;
        Check.Close([1.5, 2], Numbers((torch.Tensor)loaded["a"]!));
        Check.Close([1.0, 2], Numbers((torch.Tensor)loaded["k"]!));
        Check.True(((torch.Tensor)loaded["k"]!).dtype == int64);
        ((torch.Tensor)loaded["a"]!).mul_(2);
        Check.Close([3.0, 4], Numbers((torch.Tensor)loaded["again"]!));
    }
}

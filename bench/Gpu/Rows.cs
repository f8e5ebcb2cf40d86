using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace GpuBench;

/// <summary>What bounds a row: bytes that have to move, or products in one precision.</summary>
internal enum Bound
{
    Bytes,
    Float32,
    TensorFloat32,
    BFloat16,
}

/// <summary>One line of the table. <c>Work</c> counts bytes or floating operations; <c>Make</c> prepares and gives what is timed.</summary>
internal sealed record Row(string Name, Bound Bound, double Work, Func<Action> Make);

/// <summary>The rows. rows.py has the same for PyTorch, under the same names and sizes.</summary>
internal sealed class Rows(Device device, bool isTiny)
{
    private readonly Tensor first = zeros([1], ScalarType.Int64, device);

    /// <summary>The first four measure what the others are a share of.</summary>
    public IEnumerable<Row> All =>
    [
        // A clone shares its memory until one of the two is written to, so what is timed is the cheapest work that reads and writes all.
        new("copy", Bound.Bytes, 2 * 4.0 * Elements, () => Over(x => -x)),
        Matmul("matmul fp32", Bound.Float32, ScalarType.Float32, false),
        Matmul("matmul tf32", Bound.TensorFloat32, ScalarType.Float32, true),
        Matmul("matmul bf16", Bound.BFloat16, ScalarType.BFloat16, false),
        new("a * b + c", Bound.Bytes, 4 * 4.0 * Elements, Fused),
        new("gelu(x) * sigmoid(x) + x", Bound.Bytes, 2 * 4.0 * Elements, () => Over(x => functional.gelu(x) * sigmoid(x) + x)),
        new("softmax", Bound.Bytes, 2 * 4.0 * Elements, () => Over(x => functional.softmax(x, -1))),
        new("layer norm", Bound.Bytes, 2 * 4.0 * Elements, () => Over(x => functional.layer_norm(x, [Columns]))),
        new("attention bf16", Bound.BFloat16, 4.0 * Heads * Steps * Steps * 64, Attention),
        new("Adam", Bound.Bytes, 7 * 4.0 * Elements, AdamStep),
        new("MLP step", Bound.Float32, 6.0 * MlpBatch * (784 * Hidden + Hidden * Hidden + Hidden * 10), MlpStep),
        new("ResNet-18 step", Bound.Float32, isTiny ? 1 : 3 * 2 * 1.82e9 * 64, ResNetStep),
        new("GPT step", Bound.Float32, 6.0 * GptWeights * Gpt.Batch * Gpt.Context, GptStep),
    ];

    private long Side => isTiny ? 128 : 8192;

    private long Columns => isTiny ? 128 : 4096;

    private long Lines => isTiny ? 16 : 16384;

    private double Elements => (double)Lines * Columns;

    private long Heads => isTiny ? 2 : 8 * 16;

    private long Steps => isTiny ? 64 : 2048;

    private long MlpBatch => isTiny ? 16 : 4096;

    private long Hidden => isTiny ? 32 : 4096;

    private GptSize Gpt => isTiny ? new(1, 32, 2, 2, 16, 100) : new(12, 768, 12, 8, 512, 50304);

    private double GptWeights => 12.0 * Gpt.Layers * Gpt.Width * Gpt.Width + (double)Gpt.Width * Gpt.Vocabulary;

    private Tensor Normal(params long[] size) => randn(size, device: device);

    private Action Over(Func<Tensor, Tensor> function)
    {
        Tensor x = Normal(Lines, Columns);
        return () => Done(function(x));
    }

    /// <summary>Asks for all of a result without looking at it: what an index picks must be in memory, and stays on the device.</summary>
    private void Done(Tensor result) => index_select(result.detach().flatten(), 0, first);

    private Row Matmul(string name, Bound bound, ScalarType dtype, bool allowTf32) => new(name, bound, 2.0 * Side * Side * Side, () =>
    {
        Tensor a = Normal(Side, Side).to(dtype), b = Normal(Side, Side).to(dtype);
        return () =>
        {
            backends.cuda.matmul.allow_tf32 = allowTf32;
            Done(matmul(a, b));
            backends.cuda.matmul.allow_tf32 = false;
        };
    });

    private Action Fused()
    {
        Tensor a = Normal(Lines, Columns), b = Normal(Lines, Columns), c = Normal(Lines, Columns);
        return () => Done(a * b + c);
    }

    private Action Attention()
    {
        Tensor[] parts = [.. Enumerable.Range(0, 3).Select(_ => Normal(1, Heads, Steps, 64).to(ScalarType.BFloat16))];
        return () => Done(functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]));
    }

    private Action AdamStep()
    {
        var weight = new Parameter(Normal(Lines, Columns));
        var optimizer = optim.Adam([weight]);
        weight.grad = Normal(Lines, Columns);
        return () => optimizer.step();
    }

    private Action MlpStep()
    {
        var network = Sequential(Linear(784, Hidden), ReLU(), Linear(Hidden, Hidden), ReLU(), Linear(Hidden, 10));
        return Step(network, Normal(MlpBatch, 784), randint(10, [MlpBatch]), 1e-3);
    }

    private Action ResNetStep() => isTiny
        ? Step(new ResNet18(4), Normal(2, 3, 32, 32), randint(1000, [2L]), 1e-3)
        : Step(new ResNet18(64), Normal(64, 3, 224, 224), randint(1000, [64L]), 1e-3);

    private Action GptStep() =>
        Step(new Gpt(Gpt), randint(Gpt.Vocabulary, [Gpt.Batch, Gpt.Context]), randint(Gpt.Vocabulary, [Gpt.Batch * Gpt.Context]), 3e-4);

    /// <summary>Forward, backward and AdamW.</summary>
    private Action Step(Module<Tensor, Tensor> network, Tensor input, Tensor target, double rate)
    {
        network.to(device);
        var (given, wanted) = (input.to(device), target.to(device));
        var optimizer = optim.AdamW(network.parameters(), rate);
        return () =>
        {
            optimizer.zero_grad();
            Tensor output = network.forward(given);
            functional.cross_entropy(output.flatten(0, -2), wanted).backward();
            optimizer.step();
        };
    }
}

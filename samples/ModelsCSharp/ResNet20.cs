using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace ModelsCSharp;

/// <summary>
/// A residual network that others trained on CIFAR-10 (He et al. 2016; weights by akamaster/pytorch_resnet_cifar10). Its fields have the
/// names that PyTorch's checkpoint gives them.
/// </summary>
public sealed class ResNet20 : Module<Tensor, Tensor>
{
    sealed class Block : Module<Tensor, Tensor>
    {
        readonly Conv2d conv1, conv2;
        readonly BatchNorm2d bn1, bn2;
        readonly long stride, extra;

        public Block(long inputs, long outputs, long stride) : base("block")
        {
            (this.stride, extra) = (stride, (outputs - inputs) / 2);
            conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
            bn1 = BatchNorm2d(outputs);
            conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
            bn2 = BatchNorm2d(outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            Tensor output = functional.relu(bn1.forward(conv1.forward(input)));
            output = bn2.forward(conv2.forward(output));
            return functional.relu(output + Shortcut(input));
        }

        // Past a block that halves the picture goes every second pixel, with zeros in the channels that are new (option A).
        Tensor Shortcut(Tensor input) =>
            stride == 1 ? input : functional.pad(input[.., .., TensorIndex.Slice(step: stride), TensorIndex.Slice(step: stride)], [0, 0, 0, 0, extra, extra]);
    }

    readonly Conv2d conv1;
    readonly BatchNorm2d bn1;
    readonly Sequential layer1, layer2, layer3;
    readonly Linear linear;

    /// <summary>272,474 parameters.</summary>
    public ResNet20() : base("resnet20")
    {
        conv1 = Conv2d(3, 16, 3, padding: 1, bias: false);
        bn1 = BatchNorm2d(16);
        layer1 = Stage(16, 16, 1);
        layer2 = Stage(16, 32, 2);
        layer3 = Stage(32, 64, 2);
        linear = Linear(64, 10);
        RegisterComponents();
    }

    static Sequential Stage(long inputs, long outputs, long stride) =>
        Sequential(new Block(inputs, outputs, stride), new Block(outputs, outputs, 1), new Block(outputs, outputs, 1));

    public override Tensor forward(Tensor input)
    {
        Tensor output = functional.relu(bn1.forward(conv1.forward(input)));
        output = layer3.forward(layer2.forward(layer1.forward(output)));
        return linear.forward(output.mean([2, 3]));
    }

    /// <summary>Bytes to numbers around 0: by channel, as the network was trained.</summary>
    public static Tensor Prepare(Tensor pictures)
    {
        Tensor mean = tensor(new[] { 0.485f, 0.456f, 0.406f }).view(3, 1, 1);
        Tensor deviation = tensor(new[] { 0.229f, 0.224f, 0.225f }).view(3, 1, 1);
        return (pictures.to(ScalarType.Float32) / 255 - mean) / deviation;
    }

    /// <summary>The network with the checkpoint's parameters and running statistics.</summary>
    public static ResNet20 Pretrained(string data)
    {
        var checkpoint = (Dictionary<string, object>)load(Data.File(data, "checkpoints", "legacy", "akamaster_resnet20-12fca82f.th"))!;
        var states = (Dictionary<string, Tensor>)checkpoint["state_dict"];
        var network = new ResNet20();
        // It was saved inside a DataParallel, which names what it holds "module", and before PyTorch counted batches.
        network.load_state_dict(states.ToDictionary(s => s.Key["module.".Length..], s => s.Value), strict: false);
        network.eval();
        return network;
    }

    /// <summary>How many of the pictures the network takes for what they are, and how many there are.</summary>
    public static (long Right, long Count) Score(string data)
    {
        var (pictures, labels) = Data.Pictures(data);
        var network = Pretrained(data);
        using var _ = no_grad();
        Tensor answers = network.forward(Prepare(pictures)).argmax(1);
        return (answers.eq(labels).sum().item<long>(), labels.shape[0]);
    }
}

using Functional.Torch;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace Digits;

/// <summary>The network of samples/Digits, written as one writes it for TorchSharp.</summary>
public sealed class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> features;
    private readonly Module<Tensor, Tensor> classifier;

    public Net() : base("net")
    {
        features = Sequential(
            ("conv1", Conv2d(1, 16, 5, padding: 2)),
            ("relu1", ReLU()),
            ("pool1", MaxPool2d(2)),
            ("conv2", Conv2d(16, 32, 5, padding: 2)),
            ("relu2", ReLU()),
            ("pool2", MaxPool2d(2)));
        classifier = Sequential(
            ("dense1", Linear(32 * 7 * 7, 128)),
            ("relu3", ReLU()),
            ("dropout", Dropout(0.25)),
            ("dense2", Linear(128, 10)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => classifier.forward(features.forward(input).flatten(1));
}

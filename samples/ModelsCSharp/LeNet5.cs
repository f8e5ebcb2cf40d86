using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace ModelsCSharp;

/// <summary>LeNet-5 on MNIST (LeCun et al. 1998), with the pieces of today: rectifiers, maximum pooling, Adam.</summary>
public sealed class LeNet5 : Module<Tensor, Tensor>
{
    readonly Sequential features, classifier;

    /// <summary>61,706 parameters.</summary>
    public LeNet5() : base("lenet5")
    {
        features = Sequential(
            Conv2d(1, 6, 5, padding: 2), ReLU(), MaxPool2d(2),
            Conv2d(6, 16, 5), ReLU(), MaxPool2d(2));
        classifier = Sequential(
            Linear(400, 120), ReLU(),
            Linear(120, 84), ReLU(),
            Linear(84, 10));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => classifier.forward(features.forward(Prepare(input)).flatten(1));

    // Bytes to numbers of mean 0 and variance 1, by MNIST's own mean and deviation.
    static Tensor Prepare(Tensor images) => (images.to(ScalarType.Float32) / 255 - 0.1307) / 0.3081;

    /// <summary>The accuracy on the test set after some epochs. `report` hears of every epoch.</summary>
    public static double Train((Tensor Images, Tensor Labels) training, (Tensor Images, Tensor Labels) test, int epochs, Action<int, double> report)
    {
        const int batchSize = 64;
        var network = new LeNet5();
        var optimizer = optim.Adam(network.parameters(), 2e-3);
        long count = training.Labels.shape[0];
        var schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * (count / batchSize), 1e-5);
        double accuracy = 0;

        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            network.train();
            foreach (Tensor batch in randperm(count)[..(int)(count / batchSize * batchSize)].split(batchSize))
            {
                optimizer.zero_grad();
                Tensor loss = functional.cross_entropy(network.forward(training.Images[batch]), training.Labels[batch]);
                loss.backward();
                optimizer.step();
                schedule.step();
            }
            accuracy = Accuracy(network, test.Images, test.Labels);
            report(epoch, accuracy);
        }
        return accuracy;
    }

    static double Accuracy(LeNet5 network, Tensor images, Tensor labels)
    {
        network.eval();
        using var _ = no_grad();
        long right = images.split(500).Zip(labels.split(500), (i, l) => network.forward(i).argmax(1).eq(l).sum().item<long>()).Sum();
        return (double)right / labels.shape[0];
    }
}

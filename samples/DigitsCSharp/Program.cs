// Trains the network of Net.cs on MNIST:  dotnet run -c Release --project samples/DigitsCSharp -- [FOLDER] [EPOCHS]
using System.Diagnostics;
using Digits;
using Functional.Torch;
using static Functional.Torch.torch;
using Idx = Functional.Idx;
using StoredTensor = Functional.StoredTensor;

string folder = args.Length > 0 ? args[0] : Path.Combine("..", "shared", "data", "mnist");
int epochs = args.Length > 1 ? int.Parse(args[1]) : 3;
if (!Directory.Exists(folder))
{
    Console.Error.WriteLine($"no MNIST in '{folder}': name the folder with the four files as the first argument");
    return 1;
}

const int BatchSize = 64;
var (trainImages, trainLabels) = Read("train");
var (testImages, testLabels) = Read("t10k");

random.manual_seed(1);
var net = new Net();
var optimizer = optim.Adam(net.parameters(), 2e-3);
var schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * (trainImages.shape[0] / BatchSize), 2e-5);
var watch = Stopwatch.StartNew();

for (int epoch = 1; epoch <= epochs; epoch++)
{
    net.train();
    double lossSum = 0;
    long batches = trainImages.shape[0] / BatchSize;
    Tensor order = randperm(trainImages.shape[0]);
    for (long batch = 0; batch < batches; batch++)
    {
        Tensor index = order.narrow(0, batch * BatchSize, BatchSize);
        Tensor images = Prepare(trainImages.index_select(0, index));
        Tensor labels = trainLabels.index_select(0, index);
        optimizer.zero_grad();
        Tensor loss = nn.functional.cross_entropy(net.forward(images), labels);
        loss.backward();
        optimizer.step();
        schedule.step();
        lossSum += loss.item<float>();
    }
    Console.WriteLine($"epoch {epoch}: training loss {lossSum / batches:F4}, test accuracy {100 * Accuracy():F2} %, {watch.Elapsed.TotalSeconds:F0} s");
}
return 0;

double Accuracy()
{
    net.eval();
    using var _ = no_grad();
    long right = 0;
    for (long start = 0; start < testImages.shape[0]; start += 500)
    {
        Tensor answers = net.forward(Prepare(testImages.narrow(0, start, 500))).argmax(1);
        right += answers.eq(testLabels.narrow(0, start, 500)).sum().item<long>();
    }
    return (double)right / testImages.shape[0];
}

static Tensor Prepare(Tensor images) => images.to(ScalarType.Float32).div(255).sub(0.1307).div(0.3081);

(Tensor Images, Tensor Labels) Read(string part)
{
    StoredTensor Load(string name) => Idx.load(Directory.GetFiles(folder, $"{part}-{name}*").Single());
    StoredTensor images = Load("images"), labels = Load("labels");
    return (
        tensor(images.Data.ToArray(), [images.Shape[0], 1, 28, 28]),
        tensor(labels.Data.ToArray()).to(ScalarType.Int64));
}

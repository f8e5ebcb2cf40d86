// Four models on real data:  dotnet run -c Release --project samples/ModelsCSharp -- MODEL [--data DIR] [--length N] [--seed N]
using System.Diagnostics;
using Functional.Torch;
using ModelsCSharp;
using static Functional.Torch.torch;

const string Usage = """
    usage: MODEL [--data DIR] [--length N] [--seed N]
      resnet20     the score of a trained ResNet-20 on 1,000 pictures of CIFAR-10
      lenet5       trains LeNet-5 on MNIST for N epochs (6)
      gpt          trains a small transformer on Shakespeare for N steps (2000), and lets it write
      names        trains a recurrent network on first names for N steps (4000), and lets it invent some
      --data DIR   the folder with mnist, cifar10, checkpoints, tinyshakespeare and names (../shared/data)
    """;

string data = Path.Combine("..", "shared", "data");
int? length = null;
int seed = 1;
for (int i = 1; i < args.Length; i += 2)
    switch (args[i], args.ElementAtOrDefault(i + 1))
    {
        case ("--data", { } folder): data = folder; break;
        case ("--length", { } text) when int.TryParse(text, out int n) && n > 0: length = n; break;
        case ("--seed", { } text) when int.TryParse(text, out int n): seed = n; break;
        default: return Refuse($"cannot do anything with '{args[i]}'");
    }

random.manual_seed(seed);
var watch = Stopwatch.StartNew();
try
{
    switch (args.FirstOrDefault())
    {
        case "resnet20":
            var (right, count) = ResNet20.Score(data);
            Console.WriteLine($"ResNet-20: {right} of {count} pictures right");
            return 0;

        case "lenet5":
            double accuracy = LeNet5.Train(Data.Digits(data, train: true), Data.Digits(data, train: false), length ?? 6, (epoch, accuracy) =>
                Console.WriteLine($"epoch {epoch}: accuracy {100 * accuracy:F2} %, {watch.Elapsed.TotalSeconds:F0} s"));
            Console.WriteLine($"LeNet-5: accuracy {100 * accuracy:F2} % on the test set");
            return 0;

        case "gpt":
            string text = File.ReadAllText(Data.File(data, "tinyshakespeare", "input.txt"));
            char[] letters = [.. text.Distinct().Order()];
            Tensor numbers = tensor(text.Select(c => (long)Array.BinarySearch(letters, c)).ToArray());
            var (gpt, gptLoss) = CharacterGpt.Train(numbers, letters.Length, length ?? 2000, Tell(100));
            Console.WriteLine($"GPT: validation loss {gptLoss:F3} after {watch.Elapsed.TotalSeconds:F0} s. It writes:");
            Console.WriteLine(string.Concat(gpt.Write(tensor([0L]), 500).data<long>().ToArray().Select(n => letters[n])));
            return 0;

        case "names":
            string[] names = File.ReadAllLines(Data.File(data, "names", "names.txt"));
            var (generator, loss) = NameGenerator.Train(names, length ?? 4000, seed, Tell(200));
            Console.WriteLine($"names: validation loss {loss:F3} after {watch.Elapsed.TotalSeconds:F0} s. It invents:");
            Console.WriteLine(string.Join(", ", generator.Invent(20)));
            return 0;

        default:
            return Refuse("name one of the four models");
    }
}
catch (Exception error) when (error is IOException or Functional.Contract.FunctionalException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

// Tells of a step now and then.
Action<int, double> Tell(int every) => (step, loss) =>
{
    if (step % every == 0) Console.WriteLine($"step {step}: loss {loss:F3}, {watch.Elapsed.TotalSeconds:F0} s");
};

int Refuse(string problem)
{
    Console.Error.WriteLine($"{problem}\n{Usage}");
    return 2;
}

using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace ModelsCSharp;

/// <summary>A recurrent network that invents first names, letter by letter (Cho et al. 2014 for the gated units).</summary>
public sealed class NameGenerator : Module<Tensor, Tensor?, (Tensor, Tensor)>
{
    const int Width = 128, BatchSize = 64;

    // What comes before and behind every name; the letters have 1 to 26. And what is behind the end of a shorter name.
    const long Ending = 0, Nothing = -1;

    readonly Embedding letters = Embedding(27, Width);
    readonly GRU memory = GRU(Width, Width, batch_first: true);
    readonly Linear head = Linear(Width, 27);

    public NameGenerator() : base("names") => RegisterComponents();

    /// <summary>Letters [n, steps] and what is remembered of those before to logits of the next one [n, steps, 27], and what is remembered now.</summary>
    public override (Tensor, Tensor) forward(Tensor text, Tensor? state)
    {
        var (output, next) = memory.forward(letters.forward(text), state);
        return (head.forward(output), next);
    }

    Tensor Loss(IReadOnlyList<string> names)
    {
        int longest = names.Max(name => name.Length);
        // Each row is a name between two endings: all but the last are read, all but the first are to be said.
        var inputs = new long[names.Count, longest + 1];
        var targets = new long[names.Count, longest + 1];
        for (int i = 0; i < names.Count; i++)
            for (int j = 0; j <= longest; j++)
            {
                int length = names[i].Length;
                inputs[i, j] = j > 0 && j <= length ? names[i][j - 1] - 'a' + 1 : Ending;
                targets[i, j] = j < length ? names[i][j] - 'a' + 1 : j == length ? Ending : Nothing;
            }
        var (logits, _) = forward(tensor(inputs), null);
        return functional.cross_entropy(logits.flatten(0, 1), tensor(targets).flatten(), ignore_index: Nothing);
    }

    /// <summary>Learns from nine tenths of the names; gives the network and the mean loss of a letter of the others.</summary>
    public static (NameGenerator Network, double Loss) Train(string[] names, int steps, int seed, Action<int, double> report)
    {
        var random = new Random(seed);
        random.Shuffle(names);
        string[] training = names[..(names.Length * 9 / 10)], others = names[training.Length..];
        var network = new NameGenerator();
        var optimizer = optim.Adam(network.parameters(), 3e-3);
        var schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, 1e-4);

        for (int step = 1; step <= steps; step++)
        {
            optimizer.zero_grad();
            Tensor loss = network.Loss(random.GetItems(training, BatchSize));
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 1.0);
            optimizer.step();
            schedule.step();
            report(step, loss.item<float>());
        }
        network.eval();
        using var _ = no_grad();
        return (network, network.Loss(others).item<float>());
    }

    /// <summary>Some names that the network thinks likely.</summary>
    public IEnumerable<string> Invent(int count)
    {
        eval();
        using var _ = no_grad();
        var drawn = new List<Tensor>();
        Tensor last = full([count, 1], Ending, ScalarType.Int64);
        Tensor? state = null;
        for (int i = 0; i < 20; i++)
        {
            (Tensor logits, state) = forward(last, state);
            last = multinomial(logits[.., 0].softmax(-1), 1);
            drawn.Add(last);
        }
        Tensor names = cat(drawn, 1);
        for (long i = 0; i < count; i++)
            yield return string.Concat(names[i].data<long>().ToArray().TakeWhile(n => n != Ending).Select(n => (char)('a' + n - 1)));
    }
}

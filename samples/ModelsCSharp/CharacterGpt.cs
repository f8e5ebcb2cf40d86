using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace ModelsCSharp;

/// <summary>
/// A small transformer that writes like Shakespeare, one character after the other (Radford et al. 2019, in the size of nanoGPT's for a CPU).
/// </summary>
public sealed class CharacterGpt : Module<Tensor, Tensor>
{
    const int Context = 64, Width = 128, Layers = 4, Heads = 4, BatchSize = 16;

    sealed class SelfAttention : Module<Tensor, Tensor>
    {
        readonly Linear projection = Linear(Width, 3 * Width), output = Linear(Width, Width);

        public SelfAttention() : base("attention") => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var (size, steps) = (input.shape[0], input.shape[1]);
            // [n, steps, 3 * width] as queries, keys and values [n, heads, steps, width / heads].
            Tensor parts = projection.forward(input).view(size, steps, 3, Heads, Width / Heads).permute(2, 0, 3, 1, 4);
            Tensor mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal: true);
            return output.forward(mixed.transpose(1, 2).reshape(size, steps, Width));
        }
    }

    sealed class Block : Module<Tensor, Tensor>
    {
        readonly Sequential attention = Sequential(LayerNorm(Width), new SelfAttention());
        readonly Sequential thought = Sequential(LayerNorm(Width), Linear(Width, 4 * Width), GELU(), Linear(4 * Width, Width));

        public Block() : base("block") => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            Tensor output = input + attention.forward(input);
            return output + thought.forward(output);
        }
    }

    readonly Embedding characters, places;
    readonly Sequential blocks;
    readonly LayerNorm norm = LayerNorm(Width);
    readonly Linear head;

    public CharacterGpt(int letters) : base("gpt")
    {
        characters = Embedding(letters, Width);
        places = Embedding(Context, Width);
        blocks = Sequential(Enumerable.Range(0, Layers).Select(_ => new Block()).ToArray<Module<Tensor, Tensor>>());
        head = Linear(Width, letters, bias: false);
        RegisterComponents();
        init.normal_(characters.weight, 0, 0.02);
        init.normal_(places.weight, 0, 0.02);
    }

    /// <summary>Characters [n, steps] to logits of the next one [n, steps, letters].</summary>
    public override Tensor forward(Tensor text)
    {
        Tensor embedded = characters.forward(text) + places.forward(arange(text.shape[1]));
        return head.forward(norm.forward(blocks.forward(embedded)));
    }

    Tensor Loss(Tensor inputs, Tensor targets) => functional.cross_entropy(forward(inputs).flatten(0, 1), targets.flatten());

    // Stretches of a text and, for each of their characters, the next one.
    static (Tensor, Tensor) Cut(Tensor text, Tensor starts)
    {
        Tensor stretches = text[starts.unsqueeze(1) + arange(Context + 1)];
        return (stretches[.., ..Context], stretches[.., 1..]);
    }

    /// <summary>Learns from the first nine tenths of a text; gives the network and its mean loss over the rest.</summary>
    public static (CharacterGpt Network, double Loss) Train(Tensor text, int letters, int steps, Action<int, double> report)
    {
        long known = text.shape[0] * 9 / 10;
        Tensor training = text[..(int)known], validation = text[(int)known..];
        var network = new CharacterGpt(letters);
        var optimizer = optim.AdamW(network.parameters(), 2e-3, betas: (0.9, 0.99), weight_decay: 0.1);
        // Up over 100 steps, then down along a cosine to a twentieth.
        var schedule = optim.lr_scheduler.LambdaLR(optimizer, step => step < 100 ? (step + 1) / 100.0 : 0.05 + 0.475 * (1 + Math.Cos(Math.PI * step / steps)));

        for (int step = 1; step <= steps; step++)
        {
            var (inputs, targets) = Cut(training, randint(known - Context, [BatchSize]));
            optimizer.zero_grad();
            Tensor loss = network.Loss(inputs, targets);
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 1.0);
            optimizer.step();
            schedule.step();
            report(step, loss.item<float>());
        }
        return (network, network.Evaluate(validation));
    }

    // The mean loss over a whole text.
    double Evaluate(Tensor text)
    {
        eval();
        using var _ = no_grad();
        Tensor starts = arange(0, text.shape[0] - Context, Context);
        double sum = 0;
        foreach (Tensor some in starts.split(100))
        {
            var (inputs, targets) = Cut(text, some);
            sum += Loss(inputs, targets).item<float>() * some.shape[0];
        }
        return sum / starts.shape[0];
    }

    /// <summary>Writes `length` characters after a first one, each drawn as likely as the network thinks it.</summary>
    public Tensor Write(Tensor start, int length)
    {
        eval();
        using var _ = no_grad();
        Tensor text = start;
        for (int i = 0; i < length; i++)
        {
            int first = (int)Math.Max(0, text.shape[0] - Context);
            Tensor next = forward(text[first..].unsqueeze(0))[0, -1];
            text = cat([text, multinomial(next.softmax(-1), 1)]);
        }
        return text;
    }
}

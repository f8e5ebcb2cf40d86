using Functional.Torch;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;

namespace GpuBench;

/// <summary>ResNet-18 (He et al. 2016) for 1000 classes, as torchvision has it.</summary>
internal sealed class ResNet18 : Module<Tensor, Tensor>
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1, conv2;
        private readonly BatchNorm2d bn1, bn2;
        private readonly Sequential? downsample;

        public Block(long inputs, long outputs, long stride)
            : base("block")
        {
            conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
            bn1 = BatchNorm2d(outputs);
            conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
            bn2 = BatchNorm2d(outputs);
            if (stride != 1 || inputs != outputs)
                downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            Tensor output = functional.relu(bn1.forward(conv1.forward(input)));
            return functional.relu(bn2.forward(conv2.forward(output)) + (downsample is null ? input : downsample.forward(input)));
        }
    }

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layers;
    private readonly Linear fc;

    /// <param name="width">Channels of the first stage: 64.</param>
    public ResNet18(long width)
        : base("resnet18")
    {
        conv1 = Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = BatchNorm2d(width);
        layers = Sequential(
            new Block(width, width, 1), new Block(width, width, 1),
            new Block(width, 2 * width, 2), new Block(2 * width, 2 * width, 1),
            new Block(2 * width, 4 * width, 2), new Block(4 * width, 4 * width, 1),
            new Block(4 * width, 8 * width, 2), new Block(8 * width, 8 * width, 1));
        fc = Linear(8 * width, 1000);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor output = functional.max_pool2d(functional.relu(bn1.forward(conv1.forward(input))), 3, 2, 1);
        return fc.forward(layers.forward(output).mean([2, 3]));
    }
}

/// <summary>A GPT (Radford et al. 2019).</summary>
internal sealed class Gpt : Module<Tensor, Tensor>
{
    private sealed class SelfAttention : Module<Tensor, Tensor>
    {
        private readonly Linear projection, output;
        private readonly long heads;

        public SelfAttention(long width, long heads)
            : base("attention")
        {
            this.heads = heads;
            projection = Linear(width, 3 * width);
            output = Linear(width, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var (size, steps, width) = (input.shape[0], input.shape[1], input.shape[2]);
            Tensor parts = projection.forward(input).view(size, steps, 3, heads, width / heads).permute(2, 0, 3, 1, 4);
            Tensor mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal: true);
            return output.forward(mixed.transpose(1, 2).reshape(size, steps, width));
        }
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential attention, thought;

        public Block(long width, long heads)
            : base("block")
        {
            attention = Sequential(LayerNorm(width), new SelfAttention(width, heads));
            thought = Sequential(LayerNorm(width), Linear(width, 4 * width), GELU(), Linear(4 * width, width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            Tensor output = input + attention.forward(input);
            return output + thought.forward(output);
        }
    }

    private readonly Embedding tokens, places;
    private readonly Sequential blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public Gpt(GptSize size)
        : base("gpt")
    {
        tokens = Embedding(size.Vocabulary, size.Width);
        places = Embedding(size.Context, size.Width);
        blocks = Sequential(Enumerable.Range(0, size.Layers).Select(_ => new Block(size.Width, size.Heads)).ToArray<Module<Tensor, Tensor>>());
        norm = LayerNorm(size.Width);
        head = Linear(size.Width, size.Vocabulary, bias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor text)
    {
        Tensor embedded = tokens.forward(text) + places.forward(arange(text.shape[1], device: text.device));
        return head.forward(norm.forward(blocks.forward(embedded)));
    }
}

/// <summary>Sizes of a GPT and its batch.</summary>
internal readonly record struct GptSize(int Layers, long Width, long Heads, long Batch, long Context, long Vocabulary);

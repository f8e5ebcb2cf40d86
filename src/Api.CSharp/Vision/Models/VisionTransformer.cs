namespace Functional.Torch.Vision;

using static Functional.Torch.torch;
using Layer = Functional.Torch.torch.nn.Module<Functional.Torch.torch.Tensor, Functional.Torch.torch.Tensor>;

/// <summary>One convolution of a stem that takes the place of the cut into patches; norm and activation are batch norm and relu where none are given.</summary>
public sealed record ConvStemConfig(long out_channels, long kernel_size, long stride, Func<long, Layer>? norm_layer = null, Func<Layer>? activation_layer = null);

/// <summary>Attention between patches, then two layers for each; both are added.</summary>
sealed class EncoderBlock : Layer
{
    readonly Layer ln_1, dropout, ln_2, mlp;
    readonly Modules.MultiheadAttention self_attention;

    internal EncoderBlock(long num_heads, long hidden_dim, long mlp_dim, double dropout, double attention_dropout, Func<long, Layer> norm) : base("EncoderBlock")
    {
        ln_1 = this.Part("ln_1", norm(hidden_dim));
        self_attention = this.Part("self_attention", nn.MultiheadAttention(hidden_dim, num_heads, attention_dropout, batch_first: true));
        this.dropout = this.Part("dropout", nn.Dropout(dropout));
        ln_2 = this.Part("ln_2", norm(hidden_dim));
        Modules.Linear[] linear = [nn.Linear(hidden_dim, mlp_dim), nn.Linear(mlp_dim, hidden_dim)];
        mlp = this.Part("mlp", nn.Sequential(linear[0], nn.GELU(), nn.Dropout(dropout), linear[1], nn.Dropout(dropout)));
        foreach (var layer in linear)
        {
            nn.init.xavier_uniform_(layer.weight);
            nn.init.normal_(layer.bias!, std: 1e-6);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var x = ln_1.call(input);
        x = dropout.call(self_attention.call(x, x, x, need_weights: false).Item1) + input;
        return x + mlp.call(ln_2.call(x));
    }
}

/// <summary>Positions are added, then blocks follow each other: [N, places, hidden_dim] to the same.</summary>
sealed class Encoder : Layer
{
    readonly Modules.Parameter pos_embedding;
    readonly Layer dropout, layers, ln;

    internal Encoder(long places, long num_layers, long num_heads, long hidden_dim, long mlp_dim, double dropout, double attention_dropout, Func<long, Layer> norm) : base("Encoder")
    {
        pos_embedding = nn.Parameter(empty([1, places, hidden_dim]).normal_(0, 0.02));
        register_parameter("pos_embedding", pos_embedding);
        this.dropout = this.Part("dropout", nn.Dropout(dropout));
        var blocks = nn.Sequential(Array.Empty<Layer>());
        for (var i = 0; i < num_layers; i++)
            blocks.add_module($"encoder_layer_{i}", new EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm));
        layers = this.Part("layers", blocks);
        ln = this.Part("ln", norm(hidden_dim));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => ln.call(layers.call(dropout.call(input + pos_embedding)));
}

/// <summary>A transformer over the patches of an image (Dosovitskiy et al. 2021): [N, 3, image_size, image_size] to [N, num_classes].</summary>
public sealed class VisionTransformer : Layer
{
    readonly long image_size, hidden_dim;
    readonly Modules.Parameter class_token;
    readonly Layer conv_proj, encoder, heads;

    internal VisionTransformer(long image_size, long patch_size, long num_layers, long num_heads, long hidden_dim, long mlp_dim, double dropout, double attention_dropout, long num_classes, long? representation_size, Func<long, Layer>? norm_layer, ConvStemConfig[]? conv_stem_configs) : base("VisionTransformer")
    {
        if (patch_size <= 0 || image_size % patch_size != 0) throw new ArgumentValueException("Input shape indivisible by patch size!");
        (this.image_size, this.hidden_dim) = (image_size, hidden_dim);
        var cut = conv_stem_configs is null ? nn.Conv2d(3, hidden_dim, patch_size, stride: patch_size) : null;
        conv_proj = this.Part("conv_proj", cut ?? Stem(conv_stem_configs!, hidden_dim));

        class_token = nn.Parameter(zeros([1, 1, hidden_dim]));
        register_parameter("class_token", class_token);
        var side = image_size / patch_size;
        encoder = this.Part("encoder", new Encoder(side * side + 1, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer ?? (size => nn.LayerNorm(size, 1e-6))));

        var before = representation_size is { } size ? nn.Linear(hidden_dim, size) : null;
        var head = nn.Linear(representation_size ?? hidden_dim, num_classes);
        heads = this.Part("heads", before is null ? nn.Sequential(("head", head)) : nn.Sequential(("pre_logits", before), ("act", nn.Tanh()), ("head", head)));

        if (cut is not null) Start(cut.weight, cut.bias!, 3 * patch_size * patch_size);
        if (before is not null) Start(before.weight, before.bias!, hidden_dim);
        nn.init.zeros_(head.weight);
        nn.init.zeros_(head.bias!);
    }

    static void Start(Modules.Parameter weight, Modules.Parameter bias, long fan_in)
    {
        nn.init.trunc_normal_(weight, std: Math.Sqrt(1.0 / fan_in));
        nn.init.zeros_(bias);
    }

    static Layer Stem(ConvStemConfig[] configs, long hidden_dim)
    {
        var (stem, channels) = (nn.Sequential(Array.Empty<Layer>()), 3L);
        for (var i = 0; i < configs.Length; i++)
        {
            var config = configs[i];
            stem.add_module($"conv_bn_relu_{i}", Parts.ConvNorm(channels, config.out_channels, config.kernel_size, config.norm_layer ?? Parts.Norm, config.activation_layer ?? (() => nn.ReLU()), config.stride));
            channels = config.out_channels;
        }
        var last = nn.Conv2d(channels, hidden_dim, 1);
        stem.add_module("conv_last", last);
        nn.init.normal_(last.weight, 0, Math.Sqrt(2.0 / hidden_dim));
        nn.init.zeros_(last.bias!);
        return stem;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (input.dim() != 4) throw new ShapeException($"not enough values to unpack: expected images [N, 3, {image_size}, {image_size}], but got shape [{string.Join(", ", input.shape)}]");
        if (input.size(2) != image_size) throw new ShapeException($"Wrong image height! Expected {image_size} but got {input.size(2)}!");
        if (input.size(3) != image_size) throw new ShapeException($"Wrong image width! Expected {image_size} but got {input.size(3)}!");
        var patches = conv_proj.call(input).reshape(input.size(0), hidden_dim, -1).permute(0, 2, 1);
        var places = encoder.call(cat([class_token.expand(input.size(0), -1, -1), patches], 1));
        return heads.call(places.select(1, 0));
    }
}

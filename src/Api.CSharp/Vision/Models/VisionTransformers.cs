namespace Functional.Torch;

using Norms = Func<long, torch.nn.Module<torch.Tensor, torch.Tensor>>;
using Stem = Vision.ConvStemConfig;

public static partial class torchvision
{
    public static partial class models
    {
        /// <summary>A transformer over patches, with another linear layer of representation_size before the last if it is given. Raises ArgumentValueException where images are not whole patches.</summary>
        public static Vision.VisionTransformer VisionTransformer(long image_size, long patch_size, long num_layers, long num_heads, long hidden_dim, long mlp_dim, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            new(image_size, patch_size, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);

        static Vision.VisionTransformer Vit(bool pretrained, string? weights, long image_size, long patch_size, long num_layers, long num_heads, long hidden_dim, long mlp_dim, double dropout, double attention_dropout, long num_classes, long? representation_size, Norms? norm_layer, Stem[]? conv_stem_configs)
        {
            Vision.Parts.Untrained(pretrained, weights);
            return new(image_size, patch_size, num_layers, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
        }

        /// <summary>The base transformer over patches of 16 x 16. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.VisionTransformer vit_b_16(bool pretrained = false, bool progress = true, string? weights = null, long image_size = 224, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            Vit(pretrained, weights, image_size, 16, 12, 12, 768, 3072, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
        /// <summary>The base transformer over patches of 32 x 32. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.VisionTransformer vit_b_32(bool pretrained = false, bool progress = true, string? weights = null, long image_size = 224, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            Vit(pretrained, weights, image_size, 32, 12, 12, 768, 3072, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
        /// <summary>The large transformer over patches of 16 x 16. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.VisionTransformer vit_l_16(bool pretrained = false, bool progress = true, string? weights = null, long image_size = 224, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            Vit(pretrained, weights, image_size, 16, 24, 16, 1024, 4096, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
        /// <summary>The large transformer over patches of 32 x 32. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.VisionTransformer vit_l_32(bool pretrained = false, bool progress = true, string? weights = null, long image_size = 224, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            Vit(pretrained, weights, image_size, 32, 24, 16, 1024, 4096, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
        /// <summary>The huge transformer over patches of 14 x 14. Raises ArgumentValueException where trained weights are asked for: nothing is downloaded.</summary>
        public static Vision.VisionTransformer vit_h_14(bool pretrained = false, bool progress = true, string? weights = null, long image_size = 224, double dropout = 0.0, double attention_dropout = 0.0, long num_classes = 1000, long? representation_size = null, Norms? norm_layer = null, Stem[]? conv_stem_configs = null) =>
            Vit(pretrained, weights, image_size, 14, 32, 16, 1280, 5120, dropout, attention_dropout, num_classes, representation_size, norm_layer, conv_stem_configs);
    }
}

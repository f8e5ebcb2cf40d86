namespace Functional.Torch;

// What lies below nn.functional in PyTorch: the same functions with arguments in another order, enumerations as numbers, and the
// statistics that gradients are made from.
public static partial class torch
{
    static nn.Reduction Folded(long reduction) => reduction is >= 0 and <= 2 ? (nn.Reduction)reduction : throw new ArgumentValueException($"{reduction} is not a valid value for reduction: 0 is none, 1 mean, 2 sum");

    /// <summary>nn.functional.batch_norm.</summary>
    public static Tensor batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, double momentum, double eps, bool cudnn_enabled) =>
        nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps);

    /// <summary>nn.functional.instance_norm.</summary>
    public static Tensor instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, double momentum, double eps, bool cudnn_enabled) =>
        nn.functional.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps);

    /// <summary>layer_norm with the mean and the inverse deviation that it used.</summary>
    public static (Tensor output, Tensor mean, Tensor rstd) native_layer_norm(Tensor input, long[] normalized_shape, Tensor? weight, Tensor? bias, double eps)
    {
        long[] inner = [.. normalized_shape.Select((_, i) => -1L - i)];
        var (variance, mean) = var_mean(input, inner, unbiased: false, keepdim: true);
        return (nn.functional.layer_norm(input, normalized_shape, weight, bias, eps), mean.detach(), rsqrt(add(variance, eps)).detach());
    }

    /// <summary>group_norm with the means and the inverse deviations that it used, [N, group].</summary>
    public static (Tensor output, Tensor mean, Tensor rstd) native_group_norm(Tensor input, Tensor? weight, Tensor? bias, long N, long C, long HxW, long group, double eps)
    {
        if (group <= 0) throw new ArgumentValueException($"Expected num groups to be greater than 0, got {group}");
        var (variance, mean) = var_mean(reshape(input, N, group, C / group * HxW), [-1], unbiased: false);
        return (nn.functional.group_norm(input, group, weight, bias, eps), mean.detach(), rsqrt(add(variance, eps)).detach());
    }

    /// <summary>nn.functional.kl_div; reductions are 0 (none), 1 (mean) and 2 (sum).</summary>
    public static Tensor kl_div(Tensor input, Tensor target, long reduction = 1, bool log_target = false) =>
        nn.functional.kl_div(input, target, Folded(reduction).ToString().ToLowerInvariant(), log_target);

    /// <summary>nn.functional.poisson_nll_loss; reductions are 0 (none), 1 (mean) and 2 (sum).</summary>
    public static Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, double eps, long reduction) =>
        nn.functional.poisson_nll_loss(input, target, log_input, full, eps, Folded(reduction));

    /// <summary>nn.functional.embedding with the table first.</summary>
    public static Tensor embedding(Tensor weight, Tensor indices, long padding_idx = -1, bool scale_grad_by_freq = false, bool sparse = false) =>
        nn.functional.embedding(indices, weight, padding_idx < 0 ? null : padding_idx, scale_grad_by_freq: scale_grad_by_freq);

    /// <summary>nn.functional.grid_sample; modes are 0 (bilinear), 1 (nearest), 2 (bicubic), paddings 0 (zeros), 1 (border), 2 (reflection).</summary>
    [Forms(Forms.Plain, "grid_sampler_2d", "grid_sampler_3d")]
    public static Tensor grid_sampler(Tensor input, Tensor grid, long interpolation_mode, long padding_mode, bool align_corners) =>
        nn.functional.grid_sample(
            input, grid,
            interpolation_mode switch { 1 => GridSampleMode.Nearest, 2 => GridSampleMode.Bicubic, _ => GridSampleMode.Bilinear },
            padding_mode switch { 1 => GridSamplePaddingMode.Border, 2 => GridSamplePaddingMode.Reflection, _ => GridSamplePaddingMode.Zeros },
            align_corners);

    /// <summary>nn.functional.affine_grid.</summary>
    public static Tensor affine_grid_generator(Tensor theta, long[] size, bool align_corners) => nn.functional.affine_grid(theta, size, align_corners);

    /// <summary>nn.functional.channel_shuffle.</summary>
    public static Tensor native_channel_shuffle(Tensor input, long groups) => nn.functional.channel_shuffle(input, groups);

    /// <summary>A convolution over as many dimensions as the weight has, or a transposed one.</summary>
    public static Tensor convolution(Tensor input, Tensor weight, Tensor? bias, long[] stride, long[] padding, long[] dilation, bool transposed, long[] output_padding, long groups) =>
        (weight.dim(), transposed) switch
        {
            (3, false) => nn.functional.conv1d(input, weight, bias, stride, padding, dilation, groups),
            (4, false) => nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups),
            (5, false) => nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups),
            (3, true) => nn.functional.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation),
            (4, true) => nn.functional.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation),
            (5, true) => nn.functional.conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups, dilation),
            var (rank, _) => throw new ShapeException($"convolution: expected a weight of 3 to 5 dimensions, but got {rank}"),
        };

    /// <summary>The Frobenius norm: the root of the sum of squares.</summary>
    public static Tensor frobenius_norm(Tensor input) => norm(input, "fro");
    /// <summary>The Frobenius norm over dimensions.</summary>
    public static Tensor frobenius_norm(Tensor input, long[] dim, bool keepdim = false) => norm(input, "fro", dim, keepdim);
    /// <summary>The sum of the singular values.</summary>
    public static Tensor nuclear_norm(Tensor input, bool keepdim = false) => norm(input, "nuc", null, keepdim);
    /// <summary>The sum of the singular values of the matrices that two dimensions make.</summary>
    public static Tensor nuclear_norm(Tensor input, long[] dim, bool keepdim = false) => norm(input, "nuc", dim, keepdim);

    /// <summary>Distances of all pairs of rows, in the order (0, 1), (0, 2), ..., (1, 2), ...</summary>
    public static Tensor pdist(Tensor input, double p = 2.0) => nn.functional.pdist(input, p);

    /// <summary>The tensor full of one number.</summary>
    [Forms(Forms.Plain)]
    public static Tensor fill(Tensor input, Scalar value) => input.clone().fill_(value);
    /// <summary>The tensor full of a tensor's one number.</summary>
    public static Tensor fill(Tensor input, Tensor value) => input.clone().fill_(value);

    /// <summary>A copy.</summary>
    [Forms(Forms.Plain, "detach_copy")]
    public static Tensor alias_copy(Tensor input) => input.clone();
    /// <summary>The tensor expanded, as a copy.</summary>
    public static Tensor expand_copy(Tensor input, long[] size, bool @implicit = false) => input.expand(size).clone();
    /// <summary>The elements in another shape, as a copy.</summary>
    public static Tensor view_copy(Tensor input, long[] size) => input.view(size).clone();
    /// <summary>All windows of a size along a dimension, as a copy.</summary>
    public static Tensor unfold_copy(Tensor input, long dimension, long size, long step) => input.unfold(dimension, size, step).clone();
    /// <summary>Elements start, start + step, ... below end along a dimension, as a copy.</summary>
    public static Tensor slice_copy(Tensor input, long dim = 0, long? start = null, long? end = null, long step = 1)
    {
        var axis = Dim(input, dim);
        return input.index([.. Enumerable.Repeat(TensorIndex.Slice(), axis), TensorIndex.Slice(start, end, step)]).clone();
    }

    /// <summary>The tensor without its history.</summary>
    public static Tensor detach(Tensor input) => input.detach();
    /// <summary>Makes the tensor a leaf without history.</summary>
    public static Tensor detach_(Tensor input) => input.detach_();
    /// <summary>Whether the tensor was made in inference mode; never told apart here.</summary>
    public static bool is_inference(Tensor input) => input.is_inference();
    /// <summary>Whether the negative bit is set; never, as neg() computes.</summary>
    public static bool is_neg(Tensor input) => input.is_neg();

    public partial class Tensor
    {
        /// <summary>`length` slices along a dimension from `start` on, as a copy.</summary>
        public Tensor narrow_copy(long dim, long start, long length) => torch.narrow_copy(this, dim, start, length);
        /// <summary>Whether only shape and dtype exist; never here.</summary>
        public bool is_meta => false;
        /// <summary>Whether elements are stored in blocks of integers; never here.</summary>
        public bool is_quantized => false;
        /// <summary>The tensor itself: every element is stored.</summary>
        public Tensor to_dense() => this;

        /// <summary>Every element becomes what a function makes of it, one call each. Slow, and without gradients: Tensor.map is neither.</summary>
        public Tensor apply_(Func<double, double> callable) => Each("apply_", [this], numbers => callable(numbers[0]));
        /// <summary>Every element becomes what a function makes of it and of another tensor's element, one call each; without gradients.</summary>
        public Tensor map_(Tensor tensor, Func<double, double, double> callable) => Each("map_", [this, tensor.expand(shape)], numbers => callable(numbers[0], numbers[1]));

        Tensor Each(string name, Tensor[] inputs, Func<double[], double> callable)
        {
            if (requires_grad) throw new DifferentiationException($"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.");
            var columns = inputs.Select(t => Create.toFloat64s(t.Core)).ToArray();
            var results = new double[columns[0].Length];
            for (var i = 0; i < results.Length; i++) results[i] = callable([.. columns.Select(c => c[i])]);
            return copy_(torch.tensor(results, shape));
        }
    }
}

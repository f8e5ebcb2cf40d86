namespace Functional.Torch;

/// <summary>What autocast does with an operation's floating arguments.</summary>
internal enum Casting
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>They take the narrow dtype of the scope.</summary>
    Narrow,
    /// <summary>They become float32.</summary>
    Wide,
}

/// <summary>Which operations compute in which dtype within torch.autocast: PyTorch's lists, which differ between devices.</summary>
/// <remarks>Functions that are on no list take what they are given and promote to the widest, as they always do.</remarks>
internal static class Autocast
{
    /// <summary>One scope: the dtype of its device, or null where it is switched off.</summary>
    internal sealed record Scope(DeviceType Device, torch.ScalarType? Dtype, Scope? Outer);

    static readonly AsyncLocal<Scope?> innermost = new();
    // How many scopes are open anywhere: what every operation looks at first.
    static int open;

    public static Scope? Innermost => innermost.Value;

    public static Scope Enter(DeviceType device, torch.ScalarType? dtype)
    {
        Interlocked.Increment(ref open);
        return innermost.Value = new Scope(device, dtype, innermost.Value);
    }

    public static void Leave(Scope scope)
    {
        Interlocked.Decrement(ref open);
        innermost.Value = scope.Outer;
    }

    /// <summary>The narrow dtype that holds on a kind of device now, or null.</summary>
    public static torch.ScalarType? DtypeOn(DeviceType device)
    {
        for (var scope = innermost.Value; scope is not null; scope = scope.Outer)
            if (scope.Device == device) return scope.Dtype;
        return null;
    }

    static Dictionary<string, Casting> Table(params (Casting Casting, string Names)[] lists) =>
        lists.SelectMany(l => l.Names.Split(' ').Select(name => (name, l.Casting))).ToDictionary(entry => entry.name, entry => entry.Casting);

    const string products = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc bmm mm matmul addmm addbmm baddbmm linear "
        + "chain_matmul multi_dot einsum scaled_dot_product_attention recurrent";
    const string losses = "cosine_embedding_loss cross_entropy hinge_embedding_loss kl_div l1_loss margin_ranking_loss mse_loss multilabel_margin_loss "
        + "multi_margin_loss nll_loss poisson_nll_loss smooth_l1_loss huber_loss soft_margin_loss triplet_margin_loss binary_cross_entropy_with_logits ctc_loss cdist";

    static readonly Dictionary<string, Casting> processor = Table(
        (Casting.Narrow, products),
        (Casting.Wide, losses + " binary_cross_entropy avg_pool3d max_pool3d adaptive_avg_pool3d adaptive_max_pool3d fractional_max_pool2d fractional_max_pool3d "
            + "max_unpool2d max_unpool3d reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d replication_pad3d grid_sample polar quantile nanquantile "
            + "prod trace stft fft_ ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn hfft ihfft "
            + "cholesky cholesky_ex cholesky_inverse cholesky_solve lu_factor lu_factor_ex lu_solve qr geqrf householder_product ormqr svd svdvals eig eigh eigvals eigvalsh "
            + "inv inv_ex solve lstsq triangular_solve tensorinv tensorsolve pinverse cond matrix_rank"));

    static readonly Dictionary<string, Casting> cards = Table(
        (Casting.Narrow, products + " mv addmv addr prelu gru_cell lstm_cell rnn_tanh_cell rnn_relu_cell"),
        (Casting.Wide, losses + " acos asin cosh cosine_similarity cumprod cumsum dist erfinv exp expm1 group_norm layer_norm log log10 log_softmax log1p "
            + "log2 norm normalize pdist pow prod reciprocal renorm rsqrt sinh softmax softmin softplus sum tan"));

    /// <summary>A tensor as the operation `name` wants it. Differentiable.</summary>
    public static torch.Tensor As(torch.Tensor tensor, [CallerMemberName] string name = "") => Volatile.Read(ref open) == 0 ? tensor : Cast(tensor, name);

    /// <summary>A tensor as the operation of a family of one to three dimensions wants it: "max_pool" and 3 are max_pool3d.</summary>
    public static torch.Tensor As(torch.Tensor tensor, string family, int dimensions) => Volatile.Read(ref open) == 0 ? tensor : Cast(tensor, $"{family}{dimensions}d");

    /// <inheritdoc cref="As(torch.Tensor, string)"/>
    public static torch.Tensor? Maybe(torch.Tensor? tensor, [CallerMemberName] string name = "") => tensor is null ? null : As(tensor, name);

    /// <summary>Several tensors as the operation `name` wants them.</summary>
    public static IEnumerable<torch.Tensor> All(IEnumerable<torch.Tensor> tensors, [CallerMemberName] string name = "") =>
        Volatile.Read(ref open) == 0 ? tensors : tensors.Select(t => Cast(t, name));

    static torch.Tensor Cast(torch.Tensor tensor, string name)
    {
        var device = tensor.device_type;
        if (DtypeOn(device) is not { } narrow) return tensor;
        // float64 is neither narrowed nor widened: whoever uses it means it.
        if (tensor.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16)) return tensor;
        return (device == DeviceType.CPU ? processor : cards).GetValueOrDefault(name) switch
        {
            Casting.Narrow => tensor.to(narrow),
            Casting.Wide => tensor.to(torch.ScalarType.Float32),
            _ => tensor,
        };
    }

    /// <summary>Refuses what PyTorch refuses on graphics cards.</summary>
    public static void RefuseUnsafe(torch.Tensor tensor)
    {
        if (Volatile.Read(ref open) > 0 && tensor.is_cuda && DtypeOn(DeviceType.CUDA) is not null)
            throw new DtypeException("torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast. "
                + "Many models use a sigmoid layer right before the binary cross entropy layer. In this case, combine the two layers using "
                + "torch.nn.functional.binary_cross_entropy_with_logits or torch.nn.BCEWithLogitsLoss. binary_cross_entropy_with_logits and BCEWithLogits are safe to autocast.");
    }
}

public static partial class torch
{
    /// <summary>A scope in which operations compute in the dtype that suits them, until it is disposed.</summary>
    public sealed class AutocastScope : IDisposable
    {
        Autocast.Scope? scope;

        internal AutocastScope(DeviceType device, ScalarType? dtype) => scope = Autocast.Enter(device, dtype);

        /// <summary>Ends the scope.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref scope, null) is { } entered) Autocast.Leave(entered);
        }
    }

    static ScalarType NarrowDefault(DeviceType device) => device == DeviceType.CPU ? ScalarType.BFloat16 : ScalarType.Float16;

    /// <summary>
    /// Within the scope, matrix products and convolutions on a kind of device ("cpu", "cuda") compute in `dtype` (bfloat16 on the
    /// processor, float16 on cards), what needs precision in float32, and the rest in what it is given. Use it around the forward
    /// pass and the loss; the backward pass follows the forward one's dtypes. Not `enabled`, it switches an outer scope off.
    /// </summary>
    public static AutocastScope autocast(string device_type, ScalarType? dtype = null, bool enabled = true)
    {
        var device = new Device(device_type).type;
        var narrow = dtype ?? NarrowDefault(device);
        if (enabled && narrow is not (ScalarType.BFloat16 or ScalarType.Float16))
            throw new DtypeException($"In {(device == DeviceType.CPU ? "CPU" : "CUDA")} autocast, but the target dtype is not supported: use bfloat16 or float16, not {narrow}");
        return new(device, enabled ? narrow : null);
    }

    /// <summary>Whether operations on a kind of device are cast now.</summary>
    public static bool is_autocast_enabled(string device_type = "cuda") => Autocast.DtypeOn(new Device(device_type).type) is not null;

    /// <summary>The dtype in which products are computed on a kind of device within autocast.</summary>
    public static ScalarType get_autocast_dtype(string device_type) => new Device(device_type).type is var device ? Autocast.DtypeOn(device) ?? NarrowDefault(device) : default;

    /// <summary>Mixed precision.</summary>
    public static partial class amp
    {
        /// <inheritdoc cref="torch.autocast"/>
        public static AutocastScope autocast(string device_type, ScalarType? dtype = null, bool enabled = true) => torch.autocast(device_type, dtype, enabled);
    }

    public static partial class cuda
    {
        /// <summary>Mixed precision on graphics cards.</summary>
        public static class amp
        {
            /// <summary>torch.autocast on graphics cards.</summary>
            public static AutocastScope autocast(bool enabled = true, ScalarType dtype = ScalarType.Float16) => torch.autocast("cuda", dtype, enabled);

            /// <summary>torch.amp.GradScaler on graphics cards.</summary>
            public static torch.amp.GradScaler GradScaler(double init_scale = 65536.0, double growth_factor = 2.0, double backoff_factor = 0.5, long growth_interval = 2000, bool enabled = true) =>
                new("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled);
        }
    }
}

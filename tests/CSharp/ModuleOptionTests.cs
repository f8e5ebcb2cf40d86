namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Options of modules against numbers of PyTorch 1.13, and laws where the numbers are drawn.</summary>
public static class ModuleOptionTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];
    static long[] Longs(Tensor tensor) => [.. tensor.reshape(-1).data<long>()];

    /// <summary>Integers from 0 to 22 that jump about.</summary>
    static Tensor Jumping(params long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)((7 * i * i + 3 * i) % 23)).ToArray()).reshape(shape);

    public static void Maxima_and_where_they_are()
    {
        var row = tensor(new[] { 3f, 1, 4, 1, 5, 9, 2, 6, 5, 3 }).reshape(1, 1, 10);
        var (plane, block) = (Jumping(1, 1, 4, 5), Jumping(1, 1, 3, 3, 4));
        var cases = new (Modules.Picking Pool, Tensor Input, double[] Values, long[] Places)[]
        {
            (nn.MaxPool1d(3, 2, 1, return_indices: true, ceil_mode: true), row, [3, 4, 9, 9, 6, 3], [0, 2, 5, 5, 7, 9]),
            (nn.MaxPool1d(2, 3, dilation: 3), row, [3, 2, 3], [0, 6, 9]),
            (nn.MaxPool1d(2), row, [3, 4, 9, 6, 5], [0, 2, 5, 7, 8]),
            (nn.MaxPool1d(3, 2), row, [4, 5, 9, 6], [2, 4, 5, 7]),
            (nn.MaxPool2d((2, 3), (1, 2), (1, 1), ceil_mode: true), plane, [10, 11, 9, 17, 19, 19, 17, 19, 19, 17, 22, 22, 10, 22, 22], [1, 2, 4, 6, 7, 9, 6, 7, 9, 10, 18, 18, 15, 18, 18]),
            (nn.MaxPool2d(2, 1, dilation: (1, 2)), plane, [19, 17, 19, 19, 17, 19, 17, 22, 11], [7, 6, 7, 7, 6, 7, 10, 18, 14]),
            (nn.MaxPool2d(3, 2, 1), plane, [17, 19, 19, 17, 22, 22], [6, 7, 9, 6, 18, 18]),
            (nn.MaxPool3d(2, (1, 2, 2), (1, 0, 1)), block, [9, 17, 19, 9, 22, 19, 10, 22, 12, 10, 19, 12], [4, 6, 7, 4, 18, 7, 24, 18, 31, 24, 30, 31]),
            (nn.MaxPool3d((2, 1, 2), 1, dilation: (1, 1, 2), ceil_mode: true), block, [11, 10, 22, 19, 17, 22, 11, 11, 22, 17, 19, 22], [2, 1, 18, 7, 10, 21, 14, 25, 18, 29, 32, 21]),
        };
        foreach (var ((pool, input, values, places), row_) in cases.Select((c, i) => (c, i)))
        {
            Check.SequenceEqual(values, Numbers(pool.call(input)), $"row {row_}");
            var (output, indices) = pool.forward_with_indices(input);
            Check.SequenceEqual(values, Numbers(output), $"row {row_}");
            Check.SequenceEqual(places, Longs(indices), $"row {row_}");
        }
        Check.True(cases[0].Pool.return_indices && !cases[1].Pool.return_indices);
    }

    static Tensor Rows() => (arange(15).to(ScalarType.Float64) * 0.5 - 2).reshape(5, 3);

    /// <summary>Bags of [1, 2, 4 | | 4, 0 | 3, 2] of five rows: the bags, and the gradient of the table for the sum of their squares.</summary>
    static readonly (string Options, Func<Tensor, Modules.EmbeddingBag> Make, double[]? Weights, double[] Bags, double[] Gradient)[] bags =
    [
        ("sum", w => nn.EmbeddingBag_from_pretrained(w, false, mode: EmbeddingBagMode.Sum), null,
            [4.5, 6, 7.5, 0, 0, 0, 2, 3, 4, 3.5, 4.5, 5.5], [4, 6, 8, 9, 12, 15, 16, 21, 26, 7, 9, 11, 13, 18, 23]),
        ("mean", w => nn.EmbeddingBag_from_pretrained(w, false), null,
            [1.5, 2, 2.5, 0, 0, 0, 1, 1.5, 2, 1.75, 2.25, 2.75], [1, 1.5, 2, 1, 1.333333333, 1.666666667, 2.75, 3.583333333, 4.416666667, 1.75, 2.25, 2.75, 2, 2.833333333, 3.666666667]),
        ("max", w => nn.EmbeddingBag_from_pretrained(w, false, mode: EmbeddingBagMode.Max), null,
            [4, 4.5, 5, 0, 0, 0, 4, 4.5, 5, 2.5, 3, 3.5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 16, 18, 20]),
        ("include_last_offset", w => nn.EmbeddingBag_from_pretrained(w, false, mode: EmbeddingBagMode.Sum, include_last_offset: true), null,
            [4.5, 6, 7.5, 0, 0, 0, 2, 3, 4], [4, 6, 8, 9, 12, 15, 9, 12, 15, 0, 0, 0, 13, 18, 23]),
        ("padding_idx", w => nn.EmbeddingBag_from_pretrained(w, false, padding_idx: 4), null,
            [0.25, 0.75, 1.25, 0, 0, 0, -2, -1.5, -1, 1.75, 2.25, 2.75], [-4, -3, -2, 0.25, 0.75, 1.25, 2, 3, 4, 1.75, 2.25, 2.75, 0, 0, 0]),
        ("padding_idx from the end", w => nn.EmbeddingBag_from_pretrained(w, false, mode: EmbeddingBagMode.Sum, padding_idx: -1), null,
            [0.5, 1.5, 2.5, 0, 0, 0, -2, -1.5, -1, 3.5, 4.5, 5.5], [-4, -3, -2, 1, 3, 5, 8, 12, 16, 7, 9, 11, 0, 0, 0]),
        ("max_norm", w => nn.EmbeddingBag_from_pretrained(w, false, max_norm: 2, mode: EmbeddingBagMode.Sum), null,
            [1.264983816, 2.26414979, 3.263315764, 0, 0, 0, -0.463360159, 0.035805815, 0.534971789, 1.696243896, 2.258327073, 2.82041025],
            [-0.926720319, 0.071611629, 1.069943577, 2.529967632, 4.52829958, 6.526631528, 5.922455424, 9.044953726, 12.167452027, 3.392487792, 4.516654146, 5.640820499, 1.603247314, 4.599911209, 7.596575105]),
        ("norm_type", w => nn.EmbeddingBag_from_pretrained(w, false, max_norm: 1.5, norm_type: 1), null,
            [0.092592589, 0.333333328, 0.574074068, 0, 0, 0, -0.111111105, 4e-09, 0.111111113, 0.374999994, 0.499999992, 0.624999989],
            [-0.111111105, 4e-09, 0.111111113, 0.061728393, 0.222222219, 0.382716045, 0.436728387, 0.722222211, 1.007716035, 0.374999994, 0.499999992, 0.624999989, -0.049382713, 0.222222223, 0.493827158]),
        ("per_sample_weights", w => nn.EmbeddingBag_from_pretrained(w, false, mode: EmbeddingBagMode.Sum), [1, 0.5, -1, 2, 0, 3, 1.5],
            [-4, -3.75, -3.5, 0, 0, 0, 8, 9, 10, 9, 11.25, 13.5], [0, 0, 0, -8, -7.5, -7, 23, 30, 37, 54, 67.5, 81, 40, 43.5, 47]),
        // Each row's gradient over how often the row comes. PyTorch 1.13 looks the counts of other rows up when indices come twice.
        ("scale_grad_by_freq", w => nn.EmbeddingBag_from_pretrained(w, false, scale_grad_by_freq: true, mode: EmbeddingBagMode.Sum), null,
            [4.5, 6, 7.5, 0, 0, 0, 2, 3, 4, 3.5, 4.5, 5.5], [4, 6, 8, 9, 12, 15, 8, 10.5, 13, 7, 9, 11, 6.5, 9, 11.5]),
        ("scale_grad_by_freq of means", w => nn.EmbeddingBag_from_pretrained(w, false, scale_grad_by_freq: true), null,
            [1.5, 2, 2.5, 0, 0, 0, 1, 1.5, 2, 1.75, 2.25, 2.75], [1, 1.5, 2, 1, 1.333333333, 1.666666667, 1.375, 1.791666667, 2.208333333, 1.75, 2.25, 2.75, 1, 1.416666667, 1.833333333]),
    ];

    public static void Bags_of_rows()
    {
        var (input, offsets) = (tensor(new[] { 1L, 2, 4, 4, 0, 3, 2 }), tensor(new[] { 0L, 3, 3, 5 }));
        foreach (var (options, make, weights, expected, gradient) in bags)
        {
            var bag = make(Rows());
            var output = bag.call(input, offsets, weights is null ? null : tensor(weights));
            output.square().sum().backward();
            Check.Close(expected, Numbers(output), 1e-8, options);
            Check.Close(gradient, Numbers(bag.weight.grad!), 1e-8, options);
        }
        var frozen = nn.EmbeddingBag_from_pretrained(Rows(), mode: EmbeddingBagMode.Sum);
        Check.True(!frozen.weight.requires_grad);
        Check.SequenceEqual([-2.5, -1.5, -0.5, 8, 9, 10], Numbers(frozen.call(tensor(new[,] { { 0L, 1 }, { 4, 4 } }))));
    }

    public static void Tables_that_somebody_trained()
    {
        var table = nn.Embedding_from_pretrained(Rows(), freeze: false, padding_idx: 1);
        var rows = table.call(tensor(new[] { 1L, 0, 1, 4 }));
        rows.sum().backward();
        Check.SequenceEqual([-0.5, 0, 0.5, -2, -1.5, -1, -0.5, 0, 0.5, 4, 4.5, 5], Numbers(rows));
        Check.SequenceEqual([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1], Numbers(table.weight.grad!));
        var limited = Modules.Embedding.from_pretrained(Rows(), max_norm: 1);
        Check.Close([-0.742781325, -0.557085994, -0.371390663, 0.511101245, 0.574988901, 0.638876557], Numbers(limited.call(tensor(new[] { 0L, 4 }))), 1e-8);
        Check.True(!limited.weight.requires_grad);
        Check.SequenceEqual(["weight"], limited.state_dict().Keys);
        Check.Throws<Contract.ShapeException>(() => nn.Embedding_from_pretrained(ones(3)), "Embeddings parameter is expected to be 2-dimensional");
        Check.Throws<Contract.ArgumentValueException>(() => nn.Embedding_from_pretrained(Rows(), padding_idx: 5), "Padding_idx must be within num_embeddings");
    }

    public static void Transposed_convolutions_of_a_given_size()
    {
        manual_seed(1);
        var x = randn(1, 2, 3, 4);
        var plain = nn.ConvTranspose2d(2, 3, 3, stride: 2, padding: 1);
        var padded = nn.ConvTranspose2d(2, 3, 3, stride: 2, padding: 1, output_padding: (0, 1));
        padded.load_state_dict(plain.state_dict());
        Check.SequenceEqual([1L, 3, 5, 7], plain.call(x).shape);
        Check.SequenceEqual(Numbers(plain.call(x)), Numbers(plain.call(x, [5, 7])));
        Check.SequenceEqual([1L, 3, 5, 8], padded.call(x).shape);
        Check.SequenceEqual(Numbers(padded.call(x)), Numbers(plain.call(x, [1, 3, 5, 8])));
        Check.Throws<Contract.ArgumentValueException>(() => plain.call(x, [5, 9]), "requested an output size of [5, 9], but valid sizes range from [5, 7] to [6, 8]");
        Check.SequenceEqual([1L, 1, 6], nn.ConvTranspose1d(1, 1, 2, stride: 2, dilation: 2).call(ones(1, 1, 2), [6]).shape);
        Check.SequenceEqual([1L, 1, 4, 3, 3], nn.ConvTranspose3d(1, 1, 1, stride: 2).call(ones(1, 1, 2, 2, 2), [4, 3, 3]).shape);
    }

    public static void Convolutions_over_blocks_pad_as_pad_does()
    {
        manual_seed(2);
        var x = randn(2, 2, 4, 5, 3);
        foreach (var mode in new[] { Modules.PaddingModes.Zeros, Modules.PaddingModes.Reflect, Modules.PaddingModes.Replicate, Modules.PaddingModes.Circular })
        {
            var padded = nn.Conv3d(2, 3, (3, 2, 3), padding: (1, 2, 1), padding_mode: mode);
            var bare = nn.Conv3d(2, 3, (3, 2, 3));
            bare.load_state_dict(padded.state_dict());
            var around = nn.functional.pad(x, [1, 1, 2, 2, 1, 1], mode == Modules.PaddingModes.Zeros ? Modules.PaddingModes.Constant : mode);
            Check.Close(Numbers(bare.call(around)), Numbers(padded.call(x)), 1e-5, mode.ToString());
        }
    }

    public static void Logits_edges_and_sequences()
    {
        var (x, y) = (tensor(new[,] { { 0.5, -1.2 }, { 2.0, 0.3 } }), tensor(new[,] { { 1.0, 0 }, { 0, 1 } }));
        var (weight, positive) = (tensor(new[] { 0.5, 2 }), tensor(new[] { 3, 0.7 }));
        Check.Close([0.711115476, 0.526564935, 1.063464006, 0.776097342], Numbers(nn.BCEWithLogitsLoss(weight, nn.Reduction.None, positive).call(x, y)), 1e-8);
        Check.Close([3.077241759], Numbers(nn.BCEWithLogitsLoss(weight, nn.Reduction.Sum, positive).call(x, y)), 1e-8);
        Check.Close([0.76931044], Numbers(nn.BCEWithLogitsLoss(weight, pos_weight: positive).call(x, y)), 1e-8);
        Check.Close(Numbers(nn.BCELoss().call(x.sigmoid(), y)), Numbers(nn.BCEWithLogitsLoss().call(x, y)), 1e-10);

        var row = arange(1, 5).to(ScalarType.Float32).reshape(1, 1, 4);
        Check.SequenceEqual([7.5, 1, 2, 3, 4, 7.5, 7.5], Numbers(nn.ConstantPad1d((1, 2), 7.5).call(row)));
        Check.SequenceEqual([3.0, 2, 1, 2, 3, 4, 3], Numbers(nn.ReflectionPad1d((2, 1)).call(row)));

        Tensor[] sequences = [arange(2), arange(10, 14), arange(20, 23)];
        var packed = nn.utils.rnn.pack_sequence(sequences, enforce_sorted: false);
        Check.SequenceEqual([10L, 20, 0, 11, 21, 1, 12, 22, 13], Longs(packed.data));
        Check.SequenceEqual([3L, 3, 2, 1], Longs(packed.batch_sizes));
        Check.SequenceEqual([1L, 2, 0], Longs(packed.sorted_indices!));
        foreach (var (there, back) in sequences.Zip(nn.utils.rnn.unpack_sequence(packed))) Check.SequenceEqual(Longs(there), Longs(back));
        Check.Throws<Contract.ArgumentValueException>(() => nn.utils.rnn.pack_sequence(sequences), "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True");
        foreach (var first in new[] { false, true })
        {
            var parts = nn.utils.rnn.unpad_sequence(nn.utils.rnn.pad_sequence(sequences, first, -1), tensor(new[] { 2L, 4, 3 }), first);
            foreach (var (there, back) in sequences.Zip(parts)) Check.SequenceEqual(Longs(there), Longs(back));
        }
    }
}

using Functional.Contract;

namespace Functional.Torch.Tests;

using static Functional.Torch.torch;

/// <summary>Factors of indefinite matrices, parts of spectra, pieces, and the state of generators.</summary>
public static class LinearAlgebraTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();
    static double Largest(torch.Tensor t) => t.numel() == 0 ? 0 : max(abs(t)).ToDouble();

    public static void IndefiniteMatricesAreSolved()
    {
        manual_seed(3);
        foreach (var n in new long[] { 1, 2, 3, 5, 8, 13 })
            foreach (var dtype in new[] { float64, complex128 })
                foreach (var hermitian in new[] { false, true })
                    for (var round = 0; round < 6; round++)
                    {
                        var a = randn([2, n, n], dtype);
                        // Zeros on the diagonal ask for blocks of two rows.
                        if (round % 2 == 0) a = a - diag_embed(a.diagonal(0, -2, -1));
                        a = hermitian ? a + a.mH : a + a.mT;
                        var b = randn([2, n, 3], dtype);
                        if (n == 1 && round % 2 == 0) continue;
                        var (ld, pivots, info) = linalg.ldl_factor_ex(a, hermitian);
                        Check.Equal(0, info.sum().ToInt64());
                        var x = linalg.ldl_solve(ld, pivots, b, hermitian);
                        var scale = 1 + Largest(x) * Largest(a);
                        Check.True(Largest(matmul(a, x) - b) < 1e-10 * scale, $"{n} {dtype} {hermitian}");
                        // Only the lower triangle is read.
                        Check.True(equal(ld, linalg.ldl_factor(tril(a), hermitian).LD));
                    }
    }

    public static void FactorsAreLapacks()
    {
        // Blocks of one row, and one of two, by hand from L D L^T.
        var (ld, pivots) = linalg.ldl_factor(tensor(new double[,] { { 4, 1, 2 }, { 1, -3, 0.5 }, { 2, 0.5, 3 } }));
        Check.SequenceEqual([1, 2, 3], pivots.data<int>().ToArray());
        Check.Close([4, 0, 0, 0.25, -3.25, 0, 0.5, 0, 2], Numbers(ld));
        (ld, pivots) = linalg.ldl_factor(tensor(new double[,] { { 0, 1 }, { 1, 0 } }));
        Check.SequenceEqual([-2, -2], pivots.data<int>().ToArray());
        Check.Close([0, 0, 1, 0], Numbers(ld));
        Check.Equal(1, linalg.ldl_factor_ex(zeros([2, 2], float64)).info.ToInt64());
        Check.Throws<LinAlgException>(() => linalg.ldl_factor(zeros([2, 2], float64)), "torch.linalg.ldl_factor");
        var b = eye(2, dtype: float64).requires_grad_();
        linalg.ldl_solve(ld, pivots, b).sum().backward();
        Check.Close([1, 1, 1, 1], Numbers(b.grad!));
        Check.Throws<DifferentiationException>(() => linalg.ldl_factor(b).LD.sum().backward(), "the derivative for 'linalg_ldl_factor_ex' is not implemented");
    }

    public static void LowRanks()
    {
        manual_seed(0);
        var a = matmul(randn([20, 3], float64), randn([3, 12], float64));
        foreach (var m in new[] { a, a.mT, a.unsqueeze(0).expand(2, 20, 12) })
        {
            var (u, s, v) = svd_lowrank(m, 5);
            Check.True(Largest(matmul(u * s.unsqueeze(-2), v.mH) - m) < 1e-10);
        }
        var (_, principal, _) = pca_lowrank(a, 4);
        Check.Close(Numbers(linalg.svdvals(a - a.mean([0], true)))[..3], Numbers(principal)[..3], 1e-10);
        Check.Throws<ArgumentValueException>(() => pca_lowrank(a, 13), "q(=13) must be non-negative integer and not greater than min(m, n)=12");

        var h = matmul(a.mT, a);
        var metric = eye(12, dtype: float64) * 2 + 0.1;
        var (values, vectors) = lobpcg(h, 3, metric);
        Check.True(Largest(matmul(h, vectors) - matmul(metric, vectors) * values) < 1e-9);
        Check.Close([1.0, 0, 0, 0, 1, 0, 0, 0, 1], Numbers(matmul(vectors.mT, matmul(metric, vectors))), 1e-10);
        Check.Close(Numbers(linalg.eigvalsh(h))[..2], Numbers(lobpcg(h, 2, largest: false).E), 1e-8);
        Check.Throws<ArgumentValueException>(() => lobpcg(h, 5), "smaller than 3 x the number of requested eigenpairs (=5)");
    }

    public static void PiecesAreReduced()
    {
        const double inf = double.PositiveInfinity, nan = double.NaN;
        foreach (var (reduce, values, started, gradient) in new (string, double[], double[], double[])[]
        {
            ("sum", [6, 2, 0, 6], [9, 5, 3, 9], [1, 1, 2, 4, 4, 4]),
            ("mean", [3, 2, nan, 2], [4.5, 5, 3, 3], [0.5, 0.5, 2, 4 / 3.0, 4 / 3.0, 4 / 3.0]),
            ("max", [5, 2, -inf, 4], [5, 3, 3, 4], [0, 1, 2, 0, 0, 4]),
            ("min", [1, 2, inf, 0], [1, 2, 3, 0], [1, 0, 2, 0, 4, 0]),
            ("prod", [5, 2, 1, 0], [15, 6, 3, 0], [5, 1, 2, 0, 32, 0]),
        })
        {
            var data = tensor(new double[] { 1, 5, 2, 2, 0, 4 }, requires_grad: true);
            var lengths = tensor(new long[] { 2, 1, 0, 3 });
            var pieces = segment_reduce(data, reduce, lengths);
            Check.Close(values, Numbers(pieces));
            pieces.backward(tensor(new double[] { 1, 2, 3, 4 }));
            Check.Close(gradient, Numbers(data.grad!));
            Check.Close(started, Numbers(segment_reduce(data, reduce, lengths, initial: 3)));
            Check.Close(values, Numbers(segment_reduce(data, reduce, offsets: tensor(new long[] { 0, 2, 3, 3, 6 }))));
        }
        var rows = arange(12).to(float64).reshape(2, 6);
        Check.Close([1.0, 2, 12, 6, 7, 38], Numbers(segment_reduce(rows, "sum", tensor(new long[,] { { 2, 1, 3 }, { 1, 1, 4 } }), axis: 1)));
        Check.Close([0.0, 1, 0, 0], Numbers(segment_reduce(arange(12).to(float64).reshape(6, 2), "sum", tensor(new long[] { 1, 0 }), @unsafe: true)));
        Check.Throws<ArgumentValueException>(() => segment_reduce(rows, "sum", tensor(new long[] { 2, 1 })), "Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.");
        Check.Throws<ArgumentValueException>(() => segment_reduce(rows, "sum", tensor(new long[] { 3, -1 })), "lengths contains negative value!");
        Check.Throws<ArgumentValueException>(() => segment_reduce(rows, "foo", tensor(new long[] { 2 })), "unsupported reduction given! foo");
    }

    public static void GeneratorsGoOnWhereTheyWere()
    {
        manual_seed(5);
        var fresh = get_rng_state();
        Check.SequenceEqual([5056L], fresh.shape);
        // What PyTorch has in its first bytes: the seed, one word left, seeded, the next one is the first, and the first word.
        byte[] start = [5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 250, 174, 37, 28];
        Check.SequenceEqual(start, fresh.data<byte>().ToArray()[..36]);
        rand(3);
        byte[] after = [5, 0, 0, 0, 0, 0, 0, 0, 110, 2, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 75, 238, 72, 243, 0, 0, 0, 0, 37, 25, 131, 42];
        Check.SequenceEqual(after, get_rng_state().data<byte>().ToArray()[..36]);
        randn(3);
        // The normal number that waits, at 5024, and that it does.
        byte[] waiting = [129, 191, 66, 209, 64, 157, 246, 191, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        var middle = get_rng_state();
        Check.SequenceEqual(waiting, middle.data<byte>().ToArray()[5024..5044]);
        var next = Numbers(cat([randn(5), rand(700)]));
        set_rng_state(middle);
        Check.SequenceEqual(next, Numbers(cat([randn(5), rand(700)])));
        set_rng_state(fresh);
        Check.Equal(5L, initial_seed());
        Check.SequenceEqual(Numbers(new Generator(5) is var g ? rand([4], generator: g) : zeros(4)), Numbers(rand(4)));
        Check.Throws<DtypeException>(() => set_rng_state(zeros(5056)), "RNG state must be a torch.ByteTensor");
        Check.Throws<ShapeException>(() => set_rng_state(zeros([8], uint8)), "found the input RNG state size to be 8");
    }

    public static void ChannelsNormalizeEachOther()
    {
        var x = arange(1, 7).to(float64).reshape(1, 6, 1, 1);
        Check.Close([6.0, 15, 31, 52, 79, 63], Numbers(x / nn.CrossMapLRN2d(3, 3, 1, 1).call(x)));
        Check.Close([2.0, 6, 11, 18, 27, 38], Numbers(x / nn.CrossMapLRN2d(2, 2, 1, 1).call(x)));
        Check.Close([15.0, 31, 56, 92, 88, 79], Numbers(x / nn.CrossMapLRN2d(5, 5, 1, 1).call(x)));
    }

    public static void OutputsAndArrays()
    {
        var array = new[,] { { 1.5, 2 }, { 3, 4 } };
        var copy = from_numpy(array);
        array[0, 0] = 7;
        Check.SequenceEqual([1.5, 2, 3, 4], Numbers(copy));
        var target = zeros(0);
        Check.SequenceEqual([2L, 3], empty([2, 3], target).shape);
        Check.SequenceEqual([3.0, 4], Numbers(narrow_copy(copy, 0, 1, 1, zeros([0], float64))));
        Check.Close([0.5, 0, 0, 0], Numbers(linalg.pinv(tensor(new[,] { { 2, 0 }, { 0, 0.1 } }), rtol: tensor(0.2))));
    }
}

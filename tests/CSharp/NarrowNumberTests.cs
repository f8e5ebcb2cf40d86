namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using F = Functional.Torch.torch.nn.functional;

/// <summary>
/// Where PyTorch's answer hangs on the dtype in which something is counted, added up or compared, or on the place of a nan: found by
/// PyTorch's own samples of its operations. The numbers are those of PyTorch 1.13.
/// </summary>
public static class NarrowNumberTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();
    static torch.Tensor Bytes(params byte[] numbers) => torch.tensor(numbers);
    static torch.Tensor Doubles(params double[] numbers) => torch.tensor(numbers, dtype: float64);

    public static void RangesAreCountedInWholeNumbersForInt64Alone()
    {
        Check.SequenceEqual([0.0, 2], Numbers(arange(-0.9, 2.1, 2.0, dtype: uint8)));
        Check.SequenceEqual([0.0], Numbers(arange(-0.9, 2.1, 2.0, dtype: int64)));
        Check.SequenceEqual([2.0, 3, 4], Numbers(arange(2, 5, 1, dtype: int32)));
        Check.Throws<Functional.Contract.ArgumentValueException>(() => arange(0, 2, 0.5, dtype: int32), "step must be nonzero");
    }

    public static void SumsOfIntegersAreInt64()
    {
        Check.Equal(int64, tensor(true).sum_to_size().dtype);
        Check.Equal(int32, tensor(new[] { 3 }).sum_to_size(1).dtype);
        Check.Equal(int64, tensor(new[] { 3, 4 }).sum_to_size(1).dtype);
    }

    public static void ScaledProductsAreInTheDtypeOfAllThree()
    {
        var (narrow, two) = (tensor(new[] { -7.25f }).to(bfloat16), tensor(new[] { 2f }));
        Check.Close([-11.3825], Numbers(addcdiv(Doubles(0), narrow, two, value: 3.14)), 1e-12);
        Check.Close([-45.53], Numbers(addcmul(Doubles(0), narrow, two, value: 3.14)), 1e-12);
        Check.SequenceEqual([13.0], Numbers(addcmul(tensor(new[] { 1 }), tensor(new[] { 2 }), tensor(new[] { 3 }), value: 2)));
        // Tensors without dimensions adapt, however many they are.
        var (lone, row) = (tensor(2.0, dtype: float64), ones(2));
        Check.Equal(float32, addcmul(lone, lone, row).dtype);
        Check.Equal(float32, addcdiv(row, lone, lone).dtype);
        Check.Equal(complex64, addcmul(row, complex(lone, lone), row).dtype);
    }

    public static void ZeroTimesALogarithmHasTheLogarithmAsItsSlope()
    {
        double[] Slopes(Func<torch.Tensor, torch.Tensor, torch.Tensor> f)
        {
            var x = Doubles(0, 0, 0).requires_grad_();
            return Numbers(autograd.grad([f(x, Doubles(2, 0.5, -1)).sum()], [x])[0]!);
        }

        Check.Close([Math.Log(2), -Math.Log(2), 0], Slopes((x, y) => xlogy(x, y)), 1e-12);
        Check.Close([Math.Log(3), Math.Log(1.5), 0], Slopes((x, y) => special.xlog1py(x, y)), 1e-12);
        Check.Close([double.NaN, 0, 0], Numbers(xlogy(Doubles(0, 0, 0), Doubles(double.NaN, double.PositiveInfinity, 0))));
    }

    public static void LossesOfBytesAndNans()
    {
        var x = tensor(new[] { float.NaN, 0.25f }, requires_grad: true);
        var hinge = F.hinge_embedding_loss(x, tensor(new[] { -1f, -1f }), reduction: nn.Reduction.None);
        Check.Close([double.NaN, 0.75], Numbers(hinge));
        Check.Close([0.0, -1], Numbers(autograd.grad([hinge.sum()], [x])[0]!));
        var ranking = F.margin_ranking_loss(Bytes(5, 7, 0), Bytes(7, 5, 3), Bytes(7, 2, 255), reduction: nn.Reduction.None);
        Check.SequenceEqual([14.0, 252, 253], Numbers(ranking));
        // 255 is -1 there, and products are what is left of them in a byte.
        Check.Close(2.9443, F.cosine_embedding_loss(Bytes(200, 3).reshape(1, 2), Bytes(5, 9).reshape(1, 2), Bytes(255)).item<float>(), 1e-4);
        Check.Equal(int64, F.local_response_norm(zeros([0, 1, 2], int64), 1).dtype);
        var logits = tensor(new[,] { { 0f, 1, 2 }, { 1, 0, 3 } });
        Check.Close(0.1698, nn.CrossEntropyLoss(null, null, 1).call(logits, tensor(new long[] { 1, 2 })).item<float>(), 1e-3);
    }

    public static void OneTriangleIsReadAndNoImaginaryDiagonal()
    {
        var a = complex(Doubles(2, 5, 1, 3), Doubles(1, 0, 1, -2)).reshape(2, 2);
        var p = view_as_real(linalg.pinv(a, hermitian: true));
        Check.Close([0.75, 0, -0.25, 0.25, -0.25, -0.25, 0.5, 0], Numbers(p), 1e-12);
    }

    public static void WeightsAreAddedUpInTheirOwnDtype() =>
        Check.Close(2.4090909204309816, cov(Doubles(1, 2, 4).reshape(1, 3), aweights: tensor(new[] { 0.1f, 0.2f, 0.3f })).item<double>(), 1e-15);
}

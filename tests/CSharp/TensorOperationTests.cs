using Functional.Contract;

namespace Functional.Torch.Tests;

using static Functional.Torch.torch;

/// <summary>Operations on tensors with the numbers that PyTorch gives.</summary>
public static class TensorOperationTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();

    public static void DiagonalsAndStridesAreViews()
    {
        var a = torch.zeros(3, 3);
        torch.as_strided(a, [3], [4]).fill_(1);
        a.diagonal(1).fill_(5);
        Check.SequenceEqual([1.0, 5, 0, 0, 1, 5, 0, 0, 1], Numbers(a));
        Check.SequenceEqual([4L], a.diagonal().stride());
        Check.Throws<ShapeException>(() => torch.as_strided(a, [2, 5], [5, 1]), "out of bounds for storage");
        Check.Throws<ArgumentValueException>(() => torch.as_strided(a, [2, 2], [0, 1]).fill_(1), "more than one element");
    }

    public static void GradientsGoThroughWritesToDiagonals()
    {
        var leaf = torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } }, requires_grad: true);
        var a = leaf.clone();
        a.diagonal().mul_(3);
        a.sum().backward();
        Check.SequenceEqual([3.0, 1, 1, 3], Numbers(leaf.grad!));
    }

    public static void EqualMediansShareTheGradient()
    {
        var a = torch.tensor(new double[] { 2, 1, 2, 5, 2 }, requires_grad: true);
        a.median().backward();
        Check.Close([1 / 3.0, 0, 1 / 3.0, 0, 1 / 3.0], Numbers(a.grad!));
        Check.Close(double.NaN, torch.median(torch.tensor(new[] { 1, double.NaN })).ToDouble());
        Check.Close(1, torch.nanmedian(torch.tensor(new[] { 1, double.NaN })).ToDouble());
    }

    public static void ReducingScattersHaveGradients()
    {
        var a = torch.tensor(new double[] { 2, 3 }, requires_grad: true);
        var b = torch.tensor(new double[] { 0, 5, 4 }, requires_grad: true);
        var index = torch.tensor(new long[] { 0, 0, 1 });
        torch.scatter_reduce(a, 0, index, b, "prod").sum().backward();
        Check.SequenceEqual([0.0, 4], Numbers(a.grad!));
        Check.SequenceEqual([10.0, 0, 3], Numbers(b.grad!));
        Check.SequenceEqual([2.5, 4], Numbers(torch.scatter_reduce(a, 0, index, b, "mean", include_self: false)));
    }

    public static void DistributionsDrawPyTorchsNumbers()
    {
        torch.manual_seed(7);
        Check.Close([0.1638, 0.1599, 0.9906, 0.5346, 1.2789], Numbers(torch.empty(5).exponential_(2)), 1e-4);
        torch.manual_seed(7);
        Check.SequenceEqual([4.0, 4, 1, 2, 1], Numbers(torch.empty(5).geometric_(0.3)));
        torch.manual_seed(7);
        Check.Close([0.9640, 1.2172, 1.2671, 0.7569, 1.5261], Numbers(torch.empty(5).log_normal_(0, 0.25)), 1e-4);
        torch.manual_seed(7);
        Check.Close([-0.6611, -0.7224, 5.3238, 2.0726, 9.0547], Numbers(torch.empty(5).cauchy_(1, 2)), 1e-4);
        torch.manual_seed(7);
        Check.SequenceEqual([8974492.0, 3335306, 11059538, 11020709], Numbers(torch.empty(4).random_()));
        torch.manual_seed(7);
        Check.SequenceEqual([1.0, 1, 3, 3, 3, 3], Numbers(torch.tensor(new float[] { 1, 2, 3, 4 }).multinomial(6, true)));
        torch.manual_seed(7);
        Check.SequenceEqual([1.0, 3, 0], Numbers(torch.tensor(new float[] { 1, 2, 3, 4 }).multinomial(3)));
        torch.manual_seed(7);
        Check.SequenceEqual([1.0, 59, 2, 13], Numbers(torch.poisson(torch.tensor(new[] { 2, 50, 0.5, 12 }))));
        torch.manual_seed(7);
        Check.SequenceEqual([3.0, 48, 5, 47], Numbers(torch.binomial(torch.tensor(new[] { 10.0, 100, 5, 60 }), torch.tensor(new[] { 0.3, 0.4, 0.9, 0.8 }))));
    }

    public static void DifferentElements()
    {
        var (output, inverse, counts) = torch.unique(torch.tensor(new double[] { 3, 1, 2, 1, 3, 5 }), true, true, true);
        Check.SequenceEqual([1.0, 2, 3, 5], Numbers(output));
        Check.SequenceEqual([2.0, 0, 1, 0, 2, 3], Numbers(inverse!));
        Check.SequenceEqual([2.0, 1, 2, 1], Numbers(counts!));
        Check.SequenceEqual([0.0, 5, 1, 2], Numbers(torch.unique(torch.tensor(new long[,] { { 1, 2 }, { 0, 5 }, { 1, 2 } }), dim: 0)));
        Check.SequenceEqual([1.0, 2, 1], Numbers(torch.unique_consecutive(torch.tensor(new long[] { 1, 1, 2, 2, 1 }))));
    }

    public static void Covariances()
    {
        var m = torch.tensor(new double[,] { { 1, 2, 4 }, { 3, 1, 0.5 } });
        Check.Close([2.3333, -1.75, -1.75, 1.75], Numbers(torch.cov(m)), 1e-4);
        Check.Close([1, -0.8660, -0.8660, 1], Numbers(torch.corrcoef(m)), 1e-4);
        Check.Close([2.7095, -1.9690, -1.9690, 1.7631], Numbers(torch.cov(m, fweights: torch.tensor(new long[] { 1, 2, 1 }), aweights: torch.tensor(new[] { 0.5, 0.2, 0.9 }))), 1e-4);
        Check.Close([1, 2.3133, 4.1698, 3, 3.1269, 3.1967], Numbers(torch.logcumsumexp(m, 1)), 1e-4);
    }

    public static void SortedPlaces()
    {
        var edges = torch.tensor(new[] { 1, 2, double.NaN });
        Check.SequenceEqual([3.0, 0, 3], Numbers(torch.searchsorted(edges, torch.tensor(new[] { double.NaN, 1, 5 }))));
        Check.SequenceEqual([0.0, 1, 1], Numbers(torch.bucketize(torch.tensor(new[] { 0.5, 1, 1.5 }), torch.tensor(new[] { 1.0, 2 }), right: true)));
        Check.Throws<ArgumentValueException>(() => torch.searchsorted(edges, 1, right: true, side: "left"), "side and right can't be set to opposites");
    }

    public static void OutsForSeveralResults()
    {
        var (values, places) = (torch.empty(0, dtype: float64), torch.empty(0, dtype: int64));
        torch.kthvalue(torch.tensor(new double[] { 5, 1, 3 }), 2, (values, places));
        Check.Equal(3.0, values.ToDouble());
        Check.Equal(2L, places.ToInt64());
    }
}

namespace Functional.Torch.Tests;

using static Functional.Torch.torch;

/// <summary>Cells, views and in-place writes, with the gradients that go through them.</summary>
public static class CellTests
{
    static double[] Numbers(torch.Tensor t) => t.detach().to(float64).data<double>().ToArray();

    public static void WritingThroughAViewIsSeenInTheBase()
    {
        var a = torch.zeros(2, 3);
        var row = a[0];
        row.add_(2);
        a[TensorIndex.Ellipsis, 1] = torch.tensor(new float[] { 7, 8 });
        Check.SequenceEqual([2.0, 7, 2, 0, 8, 0], Numbers(a));
        Check.SequenceEqual([2.0, 7, 2], Numbers(row));
    }

    public static void WritingToTheBaseIsSeenInItsViews()
    {
        var a = torch.arange(6).reshape(2, 3);
        var transposed = a.t();
        var diagonal = transposed[1..][0];
        a.mul_(10);
        Check.SequenceEqual([0.0, 30, 10, 40, 20, 50], Numbers(transposed));
        Check.SequenceEqual([10.0, 40], Numbers(diagonal));
    }

    public static void NanElsewhereStaysElsewhere()
    {
        var a = torch.tensor(new[] { double.NaN, 1, double.PositiveInfinity });
        a[1..2].fill_(5);
        Check.Close([double.NaN, 5, double.PositiveInfinity], Numbers(a));
    }

    public static void GradientsGoThroughWritesToViews()
    {
        var leaf = torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } }, requires_grad: true);
        var a = leaf.clone();
        a[0].mul_(2);
        (a * a).sum().backward();
        // d/dx (2x)^2 = 8x in the first row, 2x in the second.
        Check.Close([8.0, 16, 6, 8], Numbers(leaf.grad!));
    }

    public static void WhatAWriteReplacedHasNoGradient()
    {
        var leaf = torch.tensor(new double[] { 1, 2, 3 }, requires_grad: true);
        var patch = torch.tensor(new double[] { 10 }, requires_grad: true);
        var a = leaf * 1.0;
        a[1..2] = patch * 3.0;
        (a * torch.tensor(new double[] { 1, 10, 100 })).sum().backward();
        Check.Close([1.0, 0, 100], Numbers(leaf.grad!));
        Check.Close([30.0], Numbers(patch.grad!));
    }

    public static void AViewTakenBeforeAWriteIsDifferentiatedAfterIt()
    {
        var leaf = torch.tensor(new double[] { 1, 2, 3 }, requires_grad: true);
        var a = leaf.clone();
        var tail = a[1..];
        a.mul_(3);
        tail.sum().backward();
        Check.Close([0.0, 3, 3], Numbers(leaf.grad!));
    }

    public static void SavedValuesSurviveWrites()
    {
        var x = torch.tensor(new double[] { 2, 3 }, requires_grad: true);
        var y = x * 1.0;
        var z = y * y;
        y.data.fill_(100);
        z.sum().backward();
        // The tape holds what y was, so the gradient is simply right. (Written without `data`, it raises: InPlaceTests.)
        Check.Close([4.0, 6], Numbers(x.grad!));
    }

    public static void LeavesRefuseRecordedWrites()
    {
        var leaf = torch.ones(3, requires_grad: true);
        Check.Throws<Functional.Contract.DifferentiationException>(() => leaf.add_(1), "a leaf Variable that requires grad is being used in an in-place operation");
        Check.Throws<Functional.Contract.DifferentiationException>(() => leaf[0].add_(1), "a view of a leaf Variable that requires grad");
        using (torch.no_grad()) leaf.add_(1);
        Check.SequenceEqual([2.0, 2, 2], Numbers(leaf));
        Check.True(leaf.is_leaf && leaf.requires_grad);
        leaf.sum().backward();
        Check.SequenceEqual([1.0, 1, 1], Numbers(leaf.grad!));
    }

    public static void ExpandedTensorsRefuseWrites() =>
        Check.Throws<Functional.Contract.ArgumentValueException>(() => torch.zeros(1, 3).expand(2, 3).add_(1), "unsupported operation: more than one element of the written-to tensor");

    public static void ResultsMustFit()
    {
        Check.Throws<Functional.Contract.ShapeException>(() => torch.zeros(2).add_(torch.zeros(3, 2)), "output with shape [2] doesn't match the broadcast shape [3, 2]");
        Check.Throws<Functional.Contract.DtypeException>(() => torch.zeros([2], int64).add_(0.5), "result type Float can't be cast to the desired output type Long");
    }

    public static void VersionsCountModifications()
    {
        var a = torch.zeros(3);
        Check.Equal(0L, a._version);
        a.add_(1);
        a[0].add_(1);
        Check.Equal(2L, a._version);
        Check.Equal(2L, a[1]._version);
        Check.True(a[0]._is_view() && !a._is_view());
    }

    public static void DetachedTensorsShareMemoryAndNotHistory()
    {
        var leaf = torch.ones(2, requires_grad: true);
        var a = leaf * 2;
        var free = a.detach();
        Check.True(!free.requires_grad && a.requires_grad);
        free.add_(5);
        Check.SequenceEqual([7.0, 7], Numbers(a));
        a.sum().backward();
        Check.SequenceEqual([2.0, 2], Numbers(leaf.grad!));
    }

    public static void EmptyAndSingleTensors()
    {
        var empty = torch.zeros(0, 3);
        empty.add_(1);
        Check.Equal(0L, empty.numel());
        Check.Equal(0.0, empty.sum().ToDouble());
        var one = torch.tensor(3.0, requires_grad: true);
        (one * one).backward();
        Check.Equal(6.0, one.grad!.ToDouble());
    }
}

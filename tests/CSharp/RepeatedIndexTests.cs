namespace Functional.Torch.Tests;

/// <summary>Gradients where an index repeats, as PyTorch 1.13 gives them: every writer gets the gradient of the place that it wrote to,
/// also where another one's value stayed there.</summary>
public static class RepeatedIndexTests
{
    static readonly torch.Tensor Index = torch.tensor(new long[] { 1, 1, 3, 1 });

    static double[] Gradient(torch.Tensor of) => of.grad!.to(torch.float64).data<double>().ToArray();

    /// <summary>What writes v at places of x: the gradients of x and v where the result's is 1, 2, 3, ...</summary>
    static void Writes(double start, Func<torch.Tensor, torch.Tensor, torch.Tensor> write, double[] ofTarget, double[] ofSource)
    {
        var x = torch.full([5], start, torch.float64).requires_grad_();
        var v = torch.tensor(new double[] { 1, 2, 3, 4 }).requires_grad_();
        write(x, v).backward(torch.arange(1, 6).to(torch.float64));
        Check.Close(ofTarget, Gradient(x));
        Check.Close(ofSource, Gradient(v));
    }

    public static void WhatIsWrittenTwiceHasItsGradientTwice()
    {
        double[] rest = [1, 0, 3, 0, 5], all = [1, 2, 3, 4, 5], source = [2, 2, 4, 2];
        Writes(0, (x, v) => x.index_put([Index], v), rest, source);
        Writes(0, (x, v) => x.index_copy(0, Index, v), rest, source);
        Writes(0, (x, v) => x.scatter(0, Index, v), rest, source);
        Writes(0, (x, v) => x.put(Index, v), rest, source);
        Writes(0, (x, v) => { var y = x.clone(); y[TensorIndex.Tensor(Index)] = v; return y; }, rest, source);
        Writes(0, (x, v) => x.index_put([Index], v, true), all, source);
        Writes(0, (x, v) => x.put(Index, v, true), all, source);
        Writes(0, (x, v) => x.index_add(0, Index, v), all, source);
    }

    public static void ReductionsShareTheirGradients()
    {
        double third = 2.0 / 3;
        foreach (var (reduce, self, target, source) in new (string, bool, double[], double[])[]
        {
            ("prod", true, [1, 16, 3, 12, 5], [16, 8, 4, 4]),
            ("prod", false, [1, 0, 3, 0, 5], [16, 8, 4, 4]),
            ("mean", true, [1, 0.5, 3, 2, 5], [0.5, 0.5, 2, 0.5]),
            ("mean", false, [1, 0, 3, 0, 5], [third, third, 4, third]),
            ("amax", true, [1, 0, 3, 0, 5], [0, 0, 4, 2]),
            ("amax", false, [1, 0, 3, 0, 5], [0, 0, 4, 2]),
            ("amin", true, [1, 1, 3, 4, 5], [1, 0, 0, 0]),
        })
        {
            Writes(1, (x, v) => x.index_reduce(0, Index, v, reduce, self), target, source);
            Writes(1, (x, v) => x.scatter_reduce(0, Index, v, reduce, self), target, source);
        }

        // What is left out takes no share, whatever it holds (PyTorch 1.13 counts it where it equals the smallest).
        foreach (var start in new double[] { 1, 9 })
            Writes(start, (x, v) => x.index_reduce(0, Index, v, "amin", false), [1, 0, 3, 0, 5], [2, 0, 4, 0]);
    }

    public static void UnpoolingReadsItsGradientAtEveryPlace()
    {
        var x = torch.tensor(new double[] { 1, 2, 3, 4 }).reshape(1, 1, 4).requires_grad_();
        var y = torch.nn.functional.max_unpool1d(x, Index.reshape(1, 1, 4), 2);
        y.backward(torch.arange(1, 9).to(torch.float64).reshape(1, 1, 8));
        Check.Close([2, 2, 4, 2], Gradient(x));
    }
}

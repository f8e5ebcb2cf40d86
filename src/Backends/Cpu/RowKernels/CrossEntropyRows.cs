using System.Numerics;

namespace Functional.Cpu;

/// <summary>log(sum of exp(x)) - x at the row's class: one number for each row, written to the losses rather than to a row of results.</summary>
internal readonly unsafe struct CrossEntropyRow<T>(T* first, long* classes, T* losses) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        long row = (source - first) / count;
        T top = RunFold<S, V, T, MaximumFold<T>>.Fold(source, count);
        T log = T.CreateTruncating(Math.Log(ShiftedExponentials<S, V, T>.Sum(source, null, count, top)));
        losses[row] = log - (source[classes[row]] - top);
    }
}

/// <summary>(softmax(x) - 1 at the row's class) c, c being the row's cotangent.</summary>
internal readonly unsafe struct CrossEntropyPullback<T>(T* first, long* classes, T* cotangents) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        long row = (source - first) / count, right = classes[row];
        double slope = double.CreateTruncating(cotangents[row]);
        T top = RunFold<S, V, T, MaximumFold<T>>.Fold(source, count);
        double sum = ScaledSoftmax<S, V, T>.Write(source, result, count, top, slope);
        double share = Math.Exp(double.CreateTruncating(source[right] - top)) / sum;
        result[right] = T.CreateTruncating(slope * (share - 1));
    }
}

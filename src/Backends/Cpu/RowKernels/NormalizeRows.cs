using System.Numerics;

namespace Functional.Cpu;

/// <summary>(x - mean) / sqrt(variance + epsilon) of one row; many rows are <see cref="NormalizeLoop{T}"/>'s.</summary>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="weight">A factor for every column, or null with <paramref name="bias"/>.</param>
/// <param name="bias">A term for every column, or null with <paramref name="weight"/>.</param>
internal readonly unsafe struct NormalizeRow<T>(double epsilon, T* weight = null, T* bias = null) : IRowKernel<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public void Row<S, V>(T* source, T* result, int count)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        var row = RowMoments<T>.Of<S, V>(source, count);
        double scale = 1 / Math.Sqrt(row.Variance + epsilon);
        T factor = T.CreateTruncating(scale);
        T term = T.CreateTruncating(-row.Shift * scale);
        if (weight == null)
            RowScale.Run<S, V, T>(source, result, count, row.Estimate, factor, term);
        else
            RowScale.RunColumns<S, V, T>(source, result, count, row.Estimate, factor, term, weight, bias);
    }
}

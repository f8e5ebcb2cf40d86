using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Weighted sums of elements along an axis: a sparse matrix times every column of [outer, columns, inner].</summary>
internal static unsafe class Mixing
{
    public static void Run<T>(T* source, T* result, SparseMatrix matrix, AxisLayout layout)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        if (layout.Inner == 0)
            return;
        var weights = new T[matrix.Weights.Length];
        for (int k = 0; k < weights.Length; k++)
            weights[k] = T.CreateTruncating(matrix.Weights[k]);
        if (layout.Inner > 1)
            Widest.Invoke<T, Rows<T>>(new Rows<T>(source, result, matrix, weights, layout));
        else if (LineMixing.Of(matrix, typeof(T)) is { } lines)
            Ranges.Run(layout.Outer, layout.Size + matrix.Rows, new Lines(lines, (float*)source, (float*)result));
        else
            Ranges.Run(layout.Outer, layout.Size + matrix.Places.Length, new Single<T>(source, result, matrix, weights));
    }

    /// <summary>Lines that lie side by side: rows of the result are weighted sums of whole rows.</summary>
    private readonly struct Rows<T>(T* source, T* result, SparseMatrix matrix, T[] weights, AxisLayout layout) : IVectorAction<T>
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            Ranges.Run(
                layout.Outer * matrix.Rows,
                (1 + weights.LongLength / Math.Max(1, matrix.Rows)) * layout.Inner,
                new Work<S, V>(source, result, matrix, weights, layout));
        }

        private readonly struct Work<S, V>(T* source, T* result, SparseMatrix matrix, T[] weights, AxisLayout layout) : IRangeAction
            where S : struct, ISimd<V, T>
            where V : struct
        {
            public void Invoke(long start, long end)
            {
                fixed (int* places = matrix.Places)
                fixed (T* weigh = weights)
                {
                    for (; start < end; start++)
                    {
                        int row = (int)(start % matrix.Rows);
                        int first = matrix.Starts[row];
                        Row(
                            source + start / matrix.Rows * layout.Size * layout.Inner,
                            result + start * layout.Inner,
                            places + first,
                            weigh + first,
                            matrix.Starts[row + 1] - first);
                    }
                }
            }

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            private void Row(T* plane, T* to, int* places, T* weigh, int count)
            {
                int inner = layout.Inner;
                if (count == 0)
                {
                    new Span<T>(to, inner).Clear();
                    return;
                }
                int j = 0;
                for (; j <= inner - 2 * S.Count; j += 2 * S.Count)
                {
                    T* from = plane + (nint)places[0] * inner + j;
                    V weight = S.Create(weigh[0]);
                    V a = S.Multiply(S.Load(from), weight), b = S.Multiply(S.Load(from + S.Count), weight);
                    for (int k = 1; k < count; k++)
                    {
                        from = plane + (nint)places[k] * inner + j;
                        weight = S.Create(weigh[k]);
                        a = S.MultiplyAdd(S.Load(from), weight, a);
                        b = S.MultiplyAdd(S.Load(from + S.Count), weight, b);
                    }
                    S.Store(a, to + j);
                    S.Store(b, to + j + S.Count);
                }
                for (; j <= inner - S.Count; j += S.Count)
                {
                    V a = S.Multiply(S.Load(plane + (nint)places[0] * inner + j), S.Create(weigh[0]));
                    for (int k = 1; k < count; k++)
                        a = S.MultiplyAdd(S.Load(plane + (nint)places[k] * inner + j), S.Create(weigh[k]), a);
                    S.Store(a, to + j);
                }
                for (; j < inner; j++)
                    to[j] = Sum(plane + j, inner, places, weigh, count);
            }
        }
    }

    /// <summary>Lines that the registers' own permutations serve.</summary>
    private readonly struct Lines(LineMixing lines, float* source, float* result) : IRangeAction
    {
        public void Invoke(long start, long end) => lines.Run(source, result, start, end);
    }

    /// <summary>Any line, an element at a time.</summary>
    private readonly struct Single<T>(T* source, T* result, SparseMatrix matrix, T[] weights) : IRangeAction
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long start, long end)
        {
            int rows = matrix.Rows;
            fixed (int* starts = matrix.Starts, places = matrix.Places)
            fixed (T* weigh = weights)
            {
                for (; start < end; start++)
                {
                    T* line = source + start * matrix.Columns;
                    T* to = result + start * rows;
                    for (int row = 0; row < rows; row++)
                        to[row] = Sum(line, 1, places + starts[row], weigh + starts[row], starts[row + 1] - starts[row]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum<T>(T* line, nint step, int* places, T* weigh, int count)
        where T : unmanaged, INumber<T>
    {
        if (count == 0)
            return T.Zero;
        T sum = line[places[0] * step] * weigh[0];
        for (int k = 1; k < count; k++)
            sum += line[places[k] * step] * weigh[k];
        return sum;
    }
}

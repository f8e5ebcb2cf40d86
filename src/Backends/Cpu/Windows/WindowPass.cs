using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Sliding windows along one dimension of an array seen as [outer, size, inner]. Sums and maxima over boxes are such passes
/// one after another, each with as few operations as its own kernel has taps.
/// </summary>
internal static unsafe class WindowPass<S, V, T, TFold>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged
    where TFold : struct, IFold<T>
{
    /// <summary>result[o, y, i] = the fold of source[o, x, i] over the window of y.</summary>
    public static void Fold(T* source, T* result, in WindowDimension dimension, int outer, int inner)
    {
        for (int o = 0; o < outer; o++)
        {
            if (inner == 1)
                FoldLine(source, result, dimension);
            else
                FoldRows(source, result, dimension, inner);
            source += (nint)dimension.Input * inner;
            result += (nint)dimension.Output * inner;
        }
    }

    /// <summary>result[o, x, i] = the fold of source[o, y, i] over all windows y that hold x.</summary>
    public static void Spread(T* source, T* result, in WindowDimension dimension, int outer, int inner)
    {
        new Span<T>(result, outer * dimension.Input * inner).Fill(TFold.Identity);
        for (int o = 0; o < outer; o++)
        {
            for (int y = 0; y < dimension.Output; y++)
            {
                var (first, count) = dimension.Inside(y);
                for (int k = 0; k < count; k++)
                {
                    T* target = result + (nint)(first + k * dimension.Dilation) * inner;
                    if (inner == 1)
                        *target = TFold.Combine(*target, source[y]);
                    else
                        RowMerge.Run<S, V, T, TFold>(source + (nint)y * inner, target, inner);
                }
            }
            source += (nint)dimension.Output * inner;
            result += (nint)dimension.Input * inner;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldLine(T* source, T* result, in WindowDimension dimension)
    {
        int kernel = dimension.Kernel, stride = dimension.Stride, dilation = dimension.Dilation;
        // Windows that lie inside as a whole need no looking.
        int firstWhole = Math.Min(dimension.Output, (dimension.Padding + stride - 1) / stride);
        int last = dimension.Input - 1 - (kernel - 1) * dilation + dimension.Padding;
        int endWhole = Math.Max(firstWhole, Math.Min(dimension.Output, last < 0 ? 0 : last / stride + 1));
        for (int y = 0; y < firstWhole; y++)
            result[y] = FoldEdge(source, dimension, y);
        T* window = source + firstWhole * stride - dimension.Padding;
        int reach = kernel * dilation;
        int whole = firstWhole;
        // A register that skips every second element reads one more than its windows hold: one window stays behind it.
        for (; stride <= 2 && whole < endWhole - S.Count; whole += S.Count, window += stride * S.Count)
        {
            V value = LoadEvery(window, stride);
            for (int k = dilation; k < reach; k += dilation)
                value = TFold.Combine<S, V>(value, LoadEvery(window + k, stride));
            S.Store(value, result + whole);
        }
        for (; whole < endWhole; whole++, window += stride)
        {
            T value = window[0];
            for (int k = dilation; k < reach; k += dilation)
                value = TFold.Combine(value, window[k]);
            result[whole] = value;
        }
        for (int y = endWhole; y < dimension.Output; y++)
            result[y] = FoldEdge(source, dimension, y);
    }

    /// <summary>A register of every element, or of every second one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadEvery(T* source, int stride) =>
        stride == 1 ? S.Load(source) : S.Even(S.Load(source), S.Load(source + S.Count));

    private static T FoldEdge(T* source, in WindowDimension dimension, int y)
    {
        var (first, count) = dimension.Inside(y);
        T value = TFold.Identity;
        for (int k = 0; k < count; k++)
            value = TFold.Combine(value, source[first + k * dimension.Dilation]);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldRows(T* source, T* result, in WindowDimension dimension, int inner)
    {
        nint step = (nint)dimension.Dilation * inner;
        for (int y = 0; y < dimension.Output; y++, result += inner)
        {
            var (first, count) = dimension.Inside(y);
            T* rows = source + (nint)first * inner;
            int i = 0;
            for (; i <= inner - S.Count; i += S.Count)
            {
                V value = count > 0 ? S.Load(rows + i) : S.Create(TFold.Identity);
                for (int k = 1; k < count; k++)
                    value = TFold.Combine<S, V>(value, S.Load(rows + i + k * step));
                S.Store(value, result + i);
            }
            for (; i < inner; i++)
            {
                T value = TFold.Identity;
                for (int k = 0; k < count; k++)
                    value = TFold.Combine(value, rows[i + k * step]);
                result[i] = value;
            }
        }
    }
}

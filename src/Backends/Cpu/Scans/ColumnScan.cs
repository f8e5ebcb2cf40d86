using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>What a running sum or product does with its next numbers.</summary>
internal interface IRunning
{
    static abstract Vector512<double> Next(Vector512<double> state, Vector512<double> value);
}

internal readonly struct Summing : IRunning
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Next(Vector512<double> state, Vector512<double> value) => state + value;
}

internal readonly struct Multiplying : IRunning
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Next(Vector512<double> state, Vector512<double> value) => state * value;
}

/// <summary>Columns of float32 that run in double precision, side by side in registers: the same bits as one after the other.</summary>
internal static unsafe class ColumnScan
{
    private static int Lanes => Vector512<float>.Count;

    /// <summary>Runs <paramref name="width"/> neighbouring columns, at most <see cref="ScanKernel.StripColumns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRunning>(float* source, float* result, AxisLayout layout, bool reverse, int width)
        where TRunning : struct, IRunning
    {
        double* states = stackalloc double[ScanKernel.StripColumns];
        float* last = stackalloc float[Lanes];
        int whole = width / Lanes * Lanes, rest = width - whole;
        for (int i = 0; i < layout.Size; i++)
        {
            nint row = (nint)(reverse ? layout.Size - 1 - i : i) * layout.Inner;
            float* from = source + row, to = result + row;
            for (int j = 0; j < whole; j += Lanes)
                Next<TRunning>(Vector512.Load(from + j), states + j, i == 0).Store(to + j);
            if (rest > 0)
            {
                new ReadOnlySpan<float>(from + whole, rest).CopyTo(new Span<float>(last, rest));
                Next<TRunning>(Vector512.Load(last), states + whole, i == 0).Store(last);
                new ReadOnlySpan<float>(last, rest).CopyTo(new Span<float>(to + whole, rest));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Next<TRunning>(Vector512<float> values, double* states, bool isFirst)
        where TRunning : struct, IRunning
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(values);
        if (!isFirst)
        {
            low = TRunning.Next(Vector512.Load(states), low);
            high = TRunning.Next(Vector512.Load(states + Lanes / 2), high);
        }
        low.Store(states);
        high.Store(states + Lanes / 2);
        return Vector512.Narrow(low, high);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Positions of extrema: the extremum first, then the first element that equals it. A nan is the extremum.</summary>
internal static unsafe class ArgReduction
{
    public static void Run<S, V, T, TFold>(T* source, long* result, in LoopNest kept, int run)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T> =>
        Ranges.Run(kept.Count, run, new Rows<S, V, T, TFold>(source, result, kept, run));

    private readonly struct Rows<S, V, T, TFold>(T* source, long* result, LoopNest kept, int run) : IRangeAction
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T>
    {
        public void Invoke(long start, long end)
        {
            var odometer = new Odometer(kept, start);
            for (; start < end; start++, odometer.Next())
            {
                T* row = source + odometer[0];
                result[odometer[1]] = Find<S, V, T>(row, run, RunFold<S, V, T, TFold>.Fold(row, run));
            }
        }
    }

    /// <summary>The first position of a value that is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Find<S, V, T>(T* source, int count, T value)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
    {
        V wanted = S.Create(value);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            ulong equal = S.EqualLanes(S.Load(source + i), wanted);
            if (equal != 0)
                return i + BitOperations.TrailingZeroCount(equal);
        }
        while (i < count - 1 && source[i] != value && !(T.IsNaN(source[i]) && T.IsNaN(value)))
            i++;
        return i;
    }
}

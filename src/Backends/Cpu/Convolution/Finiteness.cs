using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Whether all of some numbers are finite.</summary>
internal static unsafe class Finiteness
{
    public static bool Of<T>(T* numbers, nint count)
        where T : unmanaged, INumber<T>
    {
        bool isFinite = true;
        Widest.Invoke<T, Check<T>>(new(numbers, count, &isFinite));
        return isFinite;
    }

    private readonly struct Check<T>(T* numbers, nint count, bool* isFinite) : IVectorAction<T>
        where T : unmanaged, INumber<T>
    {
        /// <remarks>0 times what is not finite is nan, and sums with it stay so.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            V zero = S.Create(T.Zero), even = zero, odd = zero;
            nint i = 0;
            for (; i <= count - 2 * S.Count; i += 2 * S.Count)
            {
                even = S.MultiplyAdd(S.Load(numbers + i), zero, even);
                odd = S.MultiplyAdd(S.Load(numbers + i + S.Count), zero, odd);
            }
            T sum = T.Zero;
            for (; i < count; i++)
                sum += numbers[i] * T.Zero;
            *isFinite = T.IsFinite(sum) && double.IsFinite(Total<S, V, T>.Of(S.Add(even, odd)));
        }
    }
}

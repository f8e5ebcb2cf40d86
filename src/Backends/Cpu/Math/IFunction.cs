using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Sixteen numbers, constant for the compiler.</summary>
internal interface ITable
{
    static abstract Vector512<float> Values { get; }
}

/// <summary>A function of one number, described once for every precision and every kind of lanes.</summary>
internal interface IUnaryFunction
{
    static abstract V Apply<V>(V x) where V : struct, ILanes<V>;
}

/// <summary>A function of two numbers, described once for every precision and every kind of lanes.</summary>
internal interface IBinaryFunction
{
    static abstract V Apply<V>(V x, V y) where V : struct, ILanes<V>;
}

/// <summary>A function of three registers, described once for every precision and every kind of lanes.</summary>
internal interface ITernaryFunction
{
    static abstract V Apply<V>(V x, V y, V z) where V : struct, ILanes<V>;
}

/// <summary>Shorthand that polynomials and special values are written in.</summary>
internal static class LaneExtensions
{
    extension<V>(V p) where V : struct, ILanes<V>
    {
        /// <summary>p * x + c, rounded once: one step of Horner's scheme.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Horner(V x, double c) => V.FusedMultiplyAdd(p, x, V.Constant(c));

        /// <summary>c - p times one of two factors, by precision, rounded once.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V NegatedProduct(double single, double real, V c) => V.FusedMultiplyAdd(p, V.Constant(-single, -real), c);

        /// <summary>The absolute value.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Abs() => p & ~V.Constant(-0.0);

        /// <summary>The sign bit alone.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V SignBit() => p & V.Constant(-0.0);

        /// <summary>All bits where this is not a number.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V IsNaN() => ~V.Equal(p, p);
    }
}

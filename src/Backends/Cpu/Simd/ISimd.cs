namespace Functional.Cpu;

/// <summary>
/// A vector register of any width as seen by kernels that move, fold and compare elements of any real type.
/// Kernels take the operations as a type parameter, so each is written once and compiled for the widest registers there are.
/// </summary>
/// <typeparam name="V">The register.</typeparam>
/// <typeparam name="T">One lane of it.</typeparam>
internal unsafe interface ISimd<V, T>
    where V : struct
    where T : unmanaged
{
    /// <summary>Lanes of a register; constant for the compiler.</summary>
    static abstract int Count { get; }

    static abstract V Create(T value);
    static abstract V Load(T* source);
    static abstract void Store(V value, T* target);

    /// <summary>Stores to an address that is a multiple of the register's size, past the caches.</summary>
    static abstract void Stream(V value, T* target);

    /// <summary>Lane 0.</summary>
    static abstract T ToScalar(V value);

    static abstract V Add(V a, V b);
    static abstract V Subtract(V a, V b);
    static abstract V Multiply(V a, V b);

    /// <summary>The larger number; a nan in either wins.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The smaller number; a nan in either wins.</summary>
    static abstract V Min(V a, V b);

    /// <summary>a * b + c, rounded once where T is floating.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>e^x, for floating T only.</summary>
    static abstract V Exp(V x);

    /// <summary>One bit for every lane where a equals b, or where both are nan.</summary>
    static abstract ulong EqualLanes(V a, V b);

    /// <summary>The first where the mask has all bits, the second where it has none.</summary>
    static abstract V Select(V mask, V whenTrue, V whenFalse);

    /// <summary>Every lane trades places with the one <paramref name="distance"/> (a power of two) away.</summary>
    static abstract V Exchange(V value, int distance);

    /// <summary>Lanes 0, 2, 4, ... of two registers one after the other.</summary>
    static abstract V Even(V a, V b);

    /// <summary>Lanes 1, 3, 5, ... of two registers one after the other; for T of four or eight bytes only.</summary>
    static abstract V Odd(V a, V b);

    /// <summary>Lanes of two registers in turns, a0 b0 a1 b1 ..., as two registers; for T of four or eight bytes only.</summary>
    static abstract void Interleave(V a, V b, out V low, out V high);
}

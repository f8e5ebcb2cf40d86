using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

// This file is the pattern of three: the build makes the 256- and 128-bit siblings of it by replacing the width.

/// <summary>512-bit registers.</summary>
internal readonly unsafe struct Simd512<T> : ISimd<Vector512<T>, T>
    where T : unmanaged, INumber<T>
{
    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Create(T value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<T> value, T* target) => value.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream(Vector512<T> value, T* target) => value.StoreAlignedNonTemporal(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ToScalar(Vector512<T> value) => value.ToScalar();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Max(Vector512<T> a, Vector512<T> b) => Vector512.Max(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Min(Vector512<T> a, Vector512<T> b) => Vector512.Min(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
        return a * b + c;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp(Vector512<T> x) =>
        typeof(T) == typeof(float)
            ? VectorMath.Exp(x.AsSingle()).As<float, T>()
            : VectorMath.Exp(x.AsDouble()).As<double, T>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EqualLanes(Vector512<T> a, Vector512<T> b) =>
        (Vector512.Equals(a, b) | ~(Vector512.Equals(a, a) | Vector512.Equals(b, b))).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Select(Vector512<T> mask, Vector512<T> whenTrue, Vector512<T> whenFalse) =>
        Vector512.ConditionalSelect(mask, whenTrue, whenFalse);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exchange(Vector512<T> value, int distance)
    {
        if (sizeof(T) >= sizeof(uint))
        {
            Vector512<uint> places = Vector512<uint>.Indices ^ Vector512.Create((uint)(distance * (sizeof(T) / sizeof(uint))));
            return Vector512.Shuffle(value.AsUInt32(), places).As<uint, T>();
        }
        if (sizeof(T) == sizeof(ushort))
            return Vector512.Shuffle(value.AsUInt16(), Vector512<ushort>.Indices ^ Vector512.Create((ushort)distance)).As<ushort, T>();
        return Vector512.Shuffle(value.AsByte(), Vector512<byte>.Indices ^ Vector512.Create((byte)distance)).As<byte, T>();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Even(Vector512<T> a, Vector512<T> b)
    {
        // Two questions rather than one: the compiler answers each before it meets the block on the stack, or would inline none of this.
        if (sizeof(T) == sizeof(uint))
            return Interleaving.Even(a, b);
        if (sizeof(T) == sizeof(ulong))
            return Interleaving.Even(a, b);
        T* lanes = stackalloc T[2 * Vector512<T>.Count];
        a.Store(lanes);
        b.Store(lanes + Vector512<T>.Count);
        for (int i = 1; i < Vector512<T>.Count; i++)
            lanes[i] = lanes[2 * i];
        return Vector512.Load(lanes);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Odd(Vector512<T> a, Vector512<T> b) => Interleaving.Odd(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Vector512<T> a, Vector512<T> b, out Vector512<T> low, out Vector512<T> high) =>
        Interleaving.Run(a, b, out low, out high);
}

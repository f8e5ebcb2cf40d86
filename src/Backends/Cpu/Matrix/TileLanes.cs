using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>The vector width that matrix kernels are compiled for; every member is one or two instructions.</summary>
/// <remarks>Kernels take it as a type argument, so one source serves each width and element type at full speed.</remarks>
internal unsafe interface ITileLanes<TVector, T>
    where TVector : struct
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Elements in one vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the largest tile whose accumulators, two vectors a row, stay in registers.</summary>
    static abstract int TileRows { get; }

    /// <summary>Whether <see cref="Interleave"/> works for this element type.</summary>
    static abstract bool CanInterleave { get; }

    static abstract TVector Load(T* source);

    static abstract void Store(T* target, TVector value);

    static abstract TVector Broadcast(T value);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a * b + c, rounded once where the machine can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a0 b0 a1 b1 ... : the first half of that into a, the second into b.</summary>
    static abstract void Interleave(ref TVector a, ref TVector b);

    /// <summary>The sum of all elements, in a fixed order.</summary>
    static abstract T Sum(TVector value);

    /// <summary>All bits in the lanes from <paramref name="first"/> on.</summary>
    static abstract TVector From(int first);

    /// <summary>The first where the mask has all bits, the second where it has none.</summary>
    static abstract TVector Select(TVector mask, TVector whenSet, TVector whenClear);
}

internal readonly unsafe struct Tile512<T> : ITileLanes<Vector512<T>, T>
    where T : unmanaged, INumberBase<T>
{
    public static int Count => Vector512<T>.Count;

    public static int TileRows => 13;

    public static bool CanInterleave => Avx512F.IsSupported && sizeof(T) is 4 or 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => *(Vector512<T>*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector512<T> value) => *(Vector512<T>*)target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
        return a * b + c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref Vector512<T> a, ref Vector512<T> b)
    {
        if (sizeof(T) == 4)
        {
            var low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            var high = Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            var (x, y) = (a.AsInt32(), b.AsInt32());
            a = Avx512F.PermuteVar16x32x2(x, low, y).As<int, T>();
            b = Avx512F.PermuteVar16x32x2(x, high, y).As<int, T>();
        }
        else
        {
            var low = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11);
            var high = Vector512.Create(4L, 12, 5, 13, 6, 14, 7, 15);
            var (x, y) = (a.AsInt64(), b.AsInt64());
            a = Avx512F.PermuteVar8x64x2(x, low, y).As<long, T>();
            b = Avx512F.PermuteVar8x64x2(x, high, y).As<long, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Vector512<T> value) => Vector512.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> From(int first) =>
        Vector512.GreaterThanOrEqual(Vector512<T>.Indices, Vector512.Create(T.CreateTruncating(first)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Select(Vector512<T> mask, Vector512<T> whenSet, Vector512<T> whenClear) =>
        Vector512.ConditionalSelect(mask, whenSet, whenClear);
}

internal readonly unsafe struct Tile256<T> : ITileLanes<Vector256<T>, T>
    where T : unmanaged, INumberBase<T>
{
    public static int Count => Vector256<T>.Count;

    /// <summary>16 registers hold 6 rows; the longer encoding of AVX-512 reaches 32 at this width too.</summary>
    public static int TileRows => Avx512F.VL.IsSupported ? 13 : 6;

    public static bool CanInterleave => Avx2.IsSupported && sizeof(T) is 4 or 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => *(Vector256<T>*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector256<T> value) => *(Vector256<T>*)target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
        return a * b + c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref Vector256<T> a, ref Vector256<T> b)
    {
        Vector256<long> low, high;
        if (sizeof(T) == 4)
        {
            low = Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt64();
            high = Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt64();
        }
        else
        {
            low = Avx2.UnpackLow(a.AsInt64(), b.AsInt64());
            high = Avx2.UnpackHigh(a.AsInt64(), b.AsInt64());
        }
        a = Avx2.Permute2x128(low, high, 0x20).As<long, T>();
        b = Avx2.Permute2x128(low, high, 0x31).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Vector256<T> value) => Vector256.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> From(int first) =>
        Vector256.GreaterThanOrEqual(Vector256<T>.Indices, Vector256.Create(T.CreateTruncating(first)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Select(Vector256<T> mask, Vector256<T> whenSet, Vector256<T> whenClear) =>
        Vector256.ConditionalSelect(mask, whenSet, whenClear);
}

/// <summary>Whatever width the runtime calls <see cref="Vector{T}"/> on this machine.</summary>
internal readonly unsafe struct TilePortable<T> : ITileLanes<Vector<T>, T>
    where T : unmanaged, INumberBase<T>
{
    public static int Count => Vector<T>.Count;

    public static int TileRows => AdvSimd.IsSupported ? 12 : 6;

    public static bool CanInterleave => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load(T* source) => *(Vector<T>*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector<T> value) => *(Vector<T>*)target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Broadcast(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Add(Vector<T> a, Vector<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd(Vector<T> a, Vector<T> b, Vector<T> c)
    {
        if (typeof(T) == typeof(float))
            return Vector.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>();
        if (typeof(T) == typeof(double))
            return Vector.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
        return a * b + c;
    }

    public static void Interleave(ref Vector<T> a, ref Vector<T> b) =>
        throw new NotSupportedException("portable vectors cannot interleave; CanInterleave says so");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Vector<T> value) => Vector.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> From(int first) =>
        Vector.GreaterThanOrEqual(Vector<T>.Indices, new Vector<T>(T.CreateTruncating(first)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Select(Vector<T> mask, Vector<T> whenSet, Vector<T> whenClear) =>
        Vector.ConditionalSelect(mask, whenSet, whenClear);
}

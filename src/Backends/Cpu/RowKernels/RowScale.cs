using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>Rows scaled and shifted.</summary>
internal static unsafe class RowScale
{
    // Past this a result has left the cache before anybody reads it, and fetching its old lines is for nothing.
    private const long StreamBytes = 8 << 20;
    private const int Alignment = 64;

    /// <summary>result = (source - centre) * factor + term; both may be one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, T>(T* source, T* result, int count, T centre, T factor, T term, bool stream = false)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
    {
        V middle = S.Create(centre);
        V scale = S.Create(factor);
        V offset = S.Create(term);
        int i = 0;
        for (; i <= count - 2 * S.Count; i += 2 * S.Count)
        {
            V x = S.Subtract(S.Load(source + i), middle);
            V y = S.Subtract(S.Load(source + i + S.Count), middle);
            Ahead(source + count + i, source + count + i + S.Count, stream);
            Put<S, V, T>(S.MultiplyAdd(x, scale, offset), result + i, stream);
            Put<S, V, T>(S.MultiplyAdd(y, scale, offset), result + i + S.Count, stream);
        }
        for (; i <= count - S.Count; i += S.Count)
            Put<S, V, T>(S.MultiplyAdd(S.Subtract(S.Load(source + i), middle), scale, offset), result + i, stream);
        for (; i < count; i++)
            result[i] = (source[i] - centre) * factor + term;
    }

    /// <summary>result = ((source - centre) * factor + term) * weight + bias, the last two by column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunColumns<S, V, T>(
        T* source, T* result, int count, T centre, T factor, T term, T* weight, T* bias)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged, INumber<T>
    {
        V middle = S.Create(centre);
        V scale = S.Create(factor);
        V offset = S.Create(term);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            V x = S.MultiplyAdd(S.Subtract(S.Load(source + i), middle), scale, offset);
            S.Store(S.MultiplyAdd(x, S.Load(weight + i), S.Load(bias + i)), result + i);
        }
        for (; i < count; i++)
            result[i] = ((source[i] - centre) * factor + term) * weight[i] + bias[i];
    }

    /// <summary>Whether so many bytes of results are enough to go past the caches; fewer are where their memory is in none.</summary>
    public static bool IsMuch(long bytes, bool isCold) => bytes >= (isCold ? PointwiseCall.ColdStreamingBytes : StreamBytes);

    /// <summary>Whether rows of a result go past the caches: they are many, and all begin where a register may.</summary>
    public static bool Streams<T>(T* result, long rows, int count, bool isCold = false)
        where T : unmanaged =>
        IsMuch(rows * count * sizeof(T), isCold) && count * sizeof(T) % Alignment == 0 && (nint)result % Alignment == 0;

    /// <summary>
    /// Asks for lines of the next row while this one is written: large rows come from far away, and a kernel reads a row whole before
    /// it writes one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(void* first, void* second, bool stream)
    {
        if (stream && Sse.IsSupported)
        {
            Sse.Prefetch0(first);
            Sse.Prefetch0(second);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<S, V, T>(V value, T* target, bool stream)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
    {
        if (stream)
            S.Stream(value, target);
        else
            S.Store(value, target);
    }
}

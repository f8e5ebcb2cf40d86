using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Copies of runs of bytes that do not overlap.</summary>
internal static unsafe class RunCopy
{
    // Past this the runtime's own copy is as fast, and knows the hardware's string instructions.
    private const int LongRun = 2048;

    private const int Line = 64;

    // Runs shorter than this that break lines at their ends had better stay in the caches until those are whole.
    private const int ShortestStream = 1024;

    /// <summary>Whether a result of so many bytes, written in runs of some length, goes around the caches: it would leave them anyway.</summary>
    public static bool Streams(long bytes, long run, bool isCold) =>
        (run >= ShortestStream || run > 0 && run % Line == 0) && bytes >= (isCold ? PointwiseCall.ColdStreamingBytes : PointwiseCall.StreamingBytes);

    /// <summary>Copies a run, around the caches if <paramref name="stream"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, byte* target, nint bytes, bool stream)
    {
        if (stream)
            Around(source, target, bytes);
        else if (bytes <= LongRun)
            Short(source, target, bytes);
        else
            System.Buffer.MemoryCopy(source, target, bytes, bytes);
    }

    /// <summary>Copies a short run in registers; the last overlaps the one before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Short(byte* source, byte* target, nint bytes)
    {
        if (bytes >= Line)
        {
            for (nint i = 0; i < bytes - Line; i += Line)
                Vector512.Load(source + i).Store(target + i);
            Vector512.Load(source + bytes - Line).Store(target + bytes - Line);
        }
        else
        {
            Shortest(source, target, bytes);
        }
    }

    private static void Shortest(byte* source, byte* target, nint bytes)
    {
        if (bytes >= 32)
        {
            Vector256<byte> first = Vector256.Load(source), last = Vector256.Load(source + bytes - 32);
            first.Store(target);
            last.Store(target + bytes - 32);
        }
        else if (bytes >= 16)
        {
            Vector128<byte> first = Vector128.Load(source), last = Vector128.Load(source + bytes - 16);
            first.Store(target);
            last.Store(target + bytes - 16);
        }
        else if (bytes >= 4)
        {
            for (nint i = 0; i < bytes - 4; i += 4)
                Unsafe.WriteUnaligned(target + i, Unsafe.ReadUnaligned<uint>(source + i));
            Unsafe.WriteUnaligned(target + bytes - 4, Unsafe.ReadUnaligned<uint>(source + bytes - 4));
        }
        else
        {
            for (nint i = 0; i < bytes; i++)
                target[i] = source[i];
        }
    }

    /// <summary>
    /// Copies a run around the caches but for its ends. What follows on another thread finds it done only behind a
    /// <see cref="Done">barrier</see>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Around(byte* source, byte* target, nint bytes)
    {
        nint head = -(nint)target & (Line - 1);
        if (bytes < head + Line)
        {
            Short(source, target, bytes);
            return;
        }
        if (head > 0)
            Short(source, target, head);
        nint i = head;
        for (; i <= bytes - 4 * Line; i += 4 * Line)
        {
            Vector512<byte> a = Vector512.Load(source + i), b = Vector512.Load(source + i + Line);
            Vector512<byte> c = Vector512.Load(source + i + 2 * Line), d = Vector512.Load(source + i + 3 * Line);
            a.StoreAlignedNonTemporal(target + i);
            b.StoreAlignedNonTemporal(target + i + Line);
            c.StoreAlignedNonTemporal(target + i + 2 * Line);
            d.StoreAlignedNonTemporal(target + i + 3 * Line);
        }
        for (; i <= bytes - Line; i += Line)
            Vector512.Load(source + i).StoreAlignedNonTemporal(target + i);
        if (i < bytes)
            Short(source + i, target + i, bytes - i);
    }

    /// <summary>Streaming stores become visible in no order; what follows must find them done.</summary>
    public static void Done(bool stream)
    {
        if (stream)
            Interlocked.MemoryBarrier();
    }
}

/// <summary>
/// Where a kernel puts contiguous results that it makes piece by piece: in place, or in a stage in the nearest cache, from where they
/// go around the caches once there are enough of them.
/// </summary>
internal unsafe struct ResultStage(byte* target, byte* room)
{
    /// <summary>Bytes of a stage.</summary>
    public const int Bytes = 16 << 10;

    private int filled;

    /// <summary>Room for so many bytes, at most those of the stage, after what was asked for before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Next(int bytes)
    {
        if (room is null)
        {
            byte* place = target;
            target += bytes;
            return place;
        }
        if (filled + bytes > Bytes)
            Send();
        byte* next = room + filled;
        filled += bytes;
        return next;
    }

    /// <summary>Writes what is left.</summary>
    public void Finish()
    {
        if (room is null)
            return;
        Send();
        RunCopy.Done(true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Send()
    {
        RunCopy.Around(room, target, filled);
        target += filled;
        filled = 0;
    }
}

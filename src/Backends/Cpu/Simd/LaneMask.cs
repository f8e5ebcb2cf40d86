using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>Registers with all bits in some lanes, loaded from a window on zeros followed by ones.</summary>
internal static unsafe class LaneMask
{
    private const int Widest = 64;

    // Constant data lies in the image of the assembly and never moves.
    private static ReadOnlySpan<byte> ZerosThenOnes =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    /// <summary>All bits in the last <paramref name="lanes"/> lanes, none in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Last<S, V, T>(int lanes)
        where S : struct, ISimd<V, T>
        where V : struct
        where T : unmanaged
    {
        byte* table = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(ZerosThenOnes));
        return S.Load((T*)(table + Widest - (S.Count - lanes) * sizeof(T)));
    }
}

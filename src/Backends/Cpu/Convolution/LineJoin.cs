using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Two lines whose elements take turns in a third: the inverse of <see cref="LineSplit{T}"/> for both phases.</summary>
internal static unsafe class LineJoin
{
    /// <summary>Lines of <paramref name="all"/> elements, of which the second may be one shorter: it has at least <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(uint* even, uint* odd, int count, int all, uint* target)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i <= count - Vector512<uint>.Count; i += Vector512<uint>.Count)
            {
                Vector512<uint> a = Vector512.Load(even + i), b = Vector512.Load(odd + i);
                Vector512.Store(Vector512.WidenLower(a) | (Vector512.WidenLower(b) << 32), (ulong*)(target + 2 * i));
                Vector512.Store(Vector512.WidenUpper(a) | (Vector512.WidenUpper(b) << 32), (ulong*)(target + 2 * i) + Vector512<ulong>.Count);
            }
        for (; i < count; i++)
            (target[2 * i], target[2 * i + 1]) = (even[i], odd[i]);
        if (all > count)
            target[2 * count] = even[count];
    }
}

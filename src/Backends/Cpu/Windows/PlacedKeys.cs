using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>
/// An element and its place in one integer: the key that sorts as the element does above, the complement of the place below.
/// The largest such integer is the first of the largest elements, so looking for positions needs no branches.
/// </summary>
internal static unsafe class PlacedKeys
{
    /// <summary>Makes keys of elements of at most 32 bits.</summary>
    public static void Make<T>(T* source, ulong* keys, int count)
        where T : unmanaged, INumber<T>
    {
        int i = 0;
        if (typeof(T) == typeof(float))
            i = MakeSingles((float*)source, keys, count);
        for (; i < count; i++)
            keys[i] = (ulong)SortKey.Of<T, uint>(source[i]) << 32 | ~(uint)i;
    }

    /// <summary>The place of a key, -1 of the key of nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Place(ulong key) => key == 0 ? -1 : ~(uint)key;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MakeSingles(float* source, ulong* keys, int count)
    {
        Vector256<uint> places = ~Vector256<uint>.Indices;
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Load(source + i);
            // Adding zero makes -0 a 0.
            Vector256<int> bits = (value + Vector256<float>.Zero).AsInt32();
            Vector256<uint> key = (bits ^ ((bits >> 31) | Vector256.Create(int.MinValue))).AsUInt32()
                | ~Vector256.Equals(value, value).AsUInt32();
            Vector256.Store(Vector256.WidenLower(key) << 32 | Vector256.WidenLower(places), keys + i);
            Vector256.Store(Vector256.WidenUpper(key) << 32 | Vector256.WidenUpper(places), keys + i + 4);
            places -= Vector256.Create((uint)Vector256<float>.Count);
        }
        return i;
    }
}

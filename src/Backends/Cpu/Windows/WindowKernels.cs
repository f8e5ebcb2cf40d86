using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>What pooling does with one plane: all windows of one image and channel.</summary>
internal unsafe interface IWindowKernel<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
{
    /// <summary>Bytes of room that one plane takes.</summary>
    static abstract long RoomBytes(in WindowLoops loops);

    static abstract void Plane(T* source, TResult* result, in WindowLoops loops, byte* room);
}

/// <summary>Sums of the windows' elements, one dimension after another.</summary>
internal readonly unsafe struct WindowSum<T> : IWindowKernel<T, T>
    where T : unmanaged, INumber<T>
{
    public static long RoomBytes(in WindowLoops loops) => WindowFold.Room(loops) * sizeof(T);

    public static void Plane(T* source, T* result, in WindowLoops loops, byte* room) =>
        WindowFold.Run<T, SumFold<T>>(source, result, loops, (T*)room);
}

/// <summary>Every window's value added to all of its elements: the transpose of <see cref="WindowSum{T}"/>.</summary>
internal readonly unsafe struct WindowSumTranspose<T> : IWindowKernel<T, T>
    where T : unmanaged, INumber<T>
{
    public static long RoomBytes(in WindowLoops loops) => WindowFold.Room(loops) * sizeof(T);

    public static void Plane(T* source, T* result, in WindowLoops loops, byte* room) =>
        WindowFold.RunTransposed<T, SumFold<T>>(source, result, loops, (T*)room);
}

/// <summary>Positions of the windows' maxima for elements of at most 32 bits; -1 where a window sees only padding.</summary>
internal readonly unsafe struct WindowArgMaximum<T> : IWindowKernel<T, long>
    where T : unmanaged, INumber<T>
{
    private static bool TakesLanes(in WindowLoops loops) => typeof(T) == typeof(float) && WindowLanes.Takes(loops);

    public static long RoomBytes(in WindowLoops loops) =>
        TakesLanes(loops) ? WindowLanes.Room(loops) * sizeof(float) : (loops.InputSize + WindowFold.Room(loops)) * sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(T* source, long* result, in WindowLoops loops, byte* room)
    {
        if (TakesLanes(loops))
        {
            WindowLanes.Plane((float*)source, result, loops, (float*)room);
            return;
        }
        ulong* keys = (ulong*)room;
        PlacedKeys.Make(source, keys, loops.InputSize);
        ulong* best = (ulong*)result;
        WindowFold.Run<ulong, MaximumFold<ulong>>(keys, best, loops, keys + loops.InputSize);
        for (int i = 0; i < loops.OutputSize; i++)
            result[i] = PlacedKeys.Place(best[i]);
    }
}

/// <summary>Positions of the windows' maxima for elements of any size, window by window.</summary>
internal readonly unsafe struct DirectWindowArgMaximum<T> : IWindowKernel<T, long>
    where T : unmanaged, INumber<T>
{
    public static long RoomBytes(in WindowLoops loops) => 0;

    public static void Plane(T* source, long* result, in WindowLoops loops, byte* room)
    {
        for (int z = 0; z < loops.Depth.Output; z++)
        {
            for (int y = 0; y < loops.Height.Output; y++)
            {
                for (int x = 0; x < loops.Width.Output; x++)
                    *result++ = Find(source, loops, loops.Depth.Inside(z), loops.Height.Inside(y), loops.Width.Inside(x));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Find(T* source, in WindowLoops loops, (int First, int Count) z, (int First, int Count) y, (int First, int Count) x)
    {
        int at = -1;
        T best = T.Zero;
        for (int k = 0; k < z.Count; k++)
        {
            int plane = (z.First + k * loops.Depth.Dilation) * loops.Height.Input;
            for (int j = 0; j < y.Count; j++)
            {
                int row = (plane + y.First + j * loops.Height.Dilation) * loops.Width.Input + x.First;
                for (int i = 0; i < x.Count; i++)
                {
                    int place = row + i * loops.Width.Dilation;
                    T value = source[place];
                    if (at < 0 || value > best || (T.IsNaN(value) && !T.IsNaN(best)))
                    {
                        at = place;
                        best = value;
                    }
                }
            }
        }
        return at;
    }
}

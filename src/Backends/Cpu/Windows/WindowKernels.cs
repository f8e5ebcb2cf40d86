using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>What is done with the row of taps that one window has inside the input.</summary>
internal unsafe interface IWindowKernel<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
{
    /// <summary>Works on one plane: all windows of one image and channel.</summary>
    static abstract void Plane(T* source, TResult* result, in WindowLoops loops);
}

/// <summary>Positions of the windows' maxima; the first wins, nan beats everything, -1 where a window sees only padding.</summary>
internal readonly unsafe struct WindowArgMaximum<T> : IWindowKernel<T, long>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(T* source, long* result, in WindowLoops loops)
    {
        WindowDimension width = loops.Width;
        for (int z = 0; z < loops.Depth.Output; z++)
        {
            var (firstZ, countZ) = loops.Depth.Inside(z);
            for (int y = 0; y < loops.Height.Output; y++)
            {
                var (firstY, countY) = loops.Height.Inside(y);
                for (int x = 0; x < width.Output; x++)
                {
                    var (firstX, countX) = width.Inside(x);
                    int at = -1;
                    T best = T.Zero;
                    for (int k = 0; k < countZ; k++)
                    {
                        for (int j = 0; j < countY; j++)
                        {
                            int row = ((firstZ + k * loops.Depth.Dilation) * loops.Height.Input + firstY + j * loops.Height.Dilation)
                                * width.Input;
                            for (int i = 0; i < countX; i++)
                            {
                                int place = row + firstX + i * width.Dilation;
                                T value = source[place];
                                if (at < 0 || value > best || (T.IsNaN(value) && !T.IsNaN(best)))
                                {
                                    at = place;
                                    best = value;
                                }
                            }
                        }
                    }
                    *result++ = at;
                }
            }
        }
    }
}

/// <summary>Sums of the windows' elements.</summary>
internal readonly unsafe struct WindowSum<T> : IWindowKernel<T, T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(T* source, T* result, in WindowLoops loops)
    {
        WindowDimension width = loops.Width;
        for (int z = 0; z < loops.Depth.Output; z++)
        {
            var (firstZ, countZ) = loops.Depth.Inside(z);
            for (int y = 0; y < loops.Height.Output; y++)
            {
                var (firstY, countY) = loops.Height.Inside(y);
                for (int x = 0; x < width.Output; x++)
                {
                    var (firstX, countX) = width.Inside(x);
                    T sum = T.Zero;
                    for (int k = 0; k < countZ; k++)
                    {
                        for (int j = 0; j < countY; j++)
                        {
                            T* row = source + firstX
                                + (nint)((firstZ + k * loops.Depth.Dilation) * loops.Height.Input + firstY + j * loops.Height.Dilation)
                                * width.Input;
                            for (int i = 0; i < countX; i++)
                                sum += row[i * width.Dilation];
                        }
                    }
                    *result++ = sum;
                }
            }
        }
    }
}

/// <summary>Every window's value added to all of its elements: the transpose of <see cref="WindowSum{T}"/>.</summary>
internal readonly unsafe struct WindowSumTranspose<T> : IWindowKernel<T, T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(T* source, T* result, in WindowLoops loops)
    {
        new Span<T>(result, loops.InputSize).Clear();
        WindowDimension width = loops.Width;
        for (int z = 0; z < loops.Depth.Output; z++)
        {
            var (firstZ, countZ) = loops.Depth.Inside(z);
            for (int y = 0; y < loops.Height.Output; y++)
            {
                var (firstY, countY) = loops.Height.Inside(y);
                for (int x = 0; x < width.Output; x++)
                {
                    var (firstX, countX) = width.Inside(x);
                    T value = *source++;
                    for (int k = 0; k < countZ; k++)
                    {
                        for (int j = 0; j < countY; j++)
                        {
                            T* row = result + firstX
                                + (nint)((firstZ + k * loops.Depth.Dilation) * loops.Height.Input + firstY + j * loops.Height.Dilation)
                                * width.Input;
                            for (int i = 0; i < countX; i++)
                                row[i * width.Dilation] += value;
                        }
                    }
                }
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Positions of the maxima of small windows over planes of float32, eight neighbouring windows at a time, tap by tap.</summary>
internal static unsafe class WindowLanes
{
    private const int LargestKernel = 16;

    private static int Lanes => Vector256<float>.Count;

    /// <summary>Whether windows are few taps of a plane, and neighbours one or two pixels apart.</summary>
    public static bool Takes(in WindowLoops loops) =>
        Vector256.IsHardwareAccelerated && loops.Depth is { IsTrivial: true, Input: 1 } && loops.Width.Stride <= 2
        && loops.Width.Output >= Lanes / 2 && loops.KernelSize <= LargestKernel;

    /// <summary>Elements of room for the lines of one row of windows, with what a last vector reads too much.</summary>
    public static long Room(in WindowLoops loops) => loops.Height.Kernel * (long)LineRoom(loops) + (loops.Width.Output + Lanes) * sizeof(long) / sizeof(float);

    private static int LineRoom(in WindowLoops loops) => loops.Width.Input + 2 * loops.Width.Stride * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(float* source, long* result, in WindowLoops loops, float* room)
    {
        var (height, width) = (loops.Height, loops.Width);
        // Windows [first, last) of a row lie inside the plane.
        int reach = (width.Kernel - 1) * width.Dilation;
        int first = Math.Min(width.Output, (width.Padding + width.Stride - 1) / width.Stride);
        int inside = width.Input - 1 - reach + width.Padding;
        int last = inside < 0 ? first : Math.Clamp(inside / width.Stride + 1, first, width.Output);
        int end = first + Partition.RoundUp(last - first, Lanes), overshoot = width.Origin(end) + reach + Lanes;
        long* staged = (long*)(room + height.Kernel * LineRoom(loops));
        for (int y = 0; y < height.Output; y++, result += width.Output)
        {
            var (row, rows) = height.Inside(y);
            float* from = source + (nint)row * width.Input;
            nint step = (nint)height.Dilation * width.Input;
            // The last rows are read and written by way of memory that may be overrun; other rows overrun into what is written later.
            bool isLast = (long)(height.Output - y) * width.Output < end
                || ((long)row + (rows - 1) * height.Dilation) * width.Input + overshoot > loops.InputSize;
            long* to = isLast ? staged : result;
            if (isLast)
                for (int j = 0; j < rows; j++)
                    new ReadOnlySpan<float>(from + j * step, width.Input).CopyTo(new Span<float>(room + j * LineRoom(loops), width.Input));
            float* lines = isLast ? room : from;
            for (int x = first; x < last && rows > 0; x += Lanes)
                Vector(lines + width.Origin(x), isLast ? LineRoom(loops) : step, rows, row * width.Input + width.Origin(x), height.Dilation * width.Input, width, to + x);
            if (isLast)
                new ReadOnlySpan<long>(staged + first, last - first).CopyTo(new Span<long>(result + first, last - first));
            for (int x = 0; x < width.Output; x++)
            {
                if (x == first && rows > 0)
                    x = last;
                if (x < width.Output)
                    result[x] = Find(source, loops, (row, rows), width.Inside(x));
            }
        }
    }

    /// <summary>Eight windows whose first taps are <paramref name="at"/> and its neighbours; a nan is larger than all numbers, and the first one counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vector(float* from, nint step, int rows, int at, int down, in WindowDimension width, long* to)
    {
        Vector256<float> best = Load(from, width.Stride);
        Vector256<int> place = Vector256.Create(at) + Vector256<int>.Indices * width.Stride, found = place;
        for (int j = 0; j < rows; j++, from += step, place += Vector256.Create(down))
            for (int i = 0; i < width.Kernel; i++)
            {
                Vector256<float> value = Load(from + i * width.Dilation, width.Stride);
                Vector256<float> isNan = Vector256.AndNot(Vector256.Equals(best, best), Vector256.Equals(value, value));
                Vector256<float> isBetter = Vector256.GreaterThan(value, best) | isNan;
                best = Vector256.ConditionalSelect(isBetter, value, best);
                found = Vector256.ConditionalSelect(isBetter.AsInt32(), place + Vector256.Create(i * width.Dilation), found);
            }
        Vector256.Store(Vector256.WidenLower(found), to);
        Vector256.Store(Vector256.WidenUpper(found), to + Vector256<long>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* from, int stride) =>
        stride == 1 ? Vector256.Load(from) : Simd256<float>.Even(Vector256.Load(from), Vector256.Load(from + Lanes));

    private static long Find(float* source, in WindowLoops loops, (int First, int Count) y, (int First, int Count) x)
    {
        long at = -1;
        float best = 0;
        for (int j = 0; j < y.Count; j++)
            for (int i = 0; i < x.Count; i++)
            {
                int place = (y.First + j * loops.Height.Dilation) * loops.Width.Input + x.First + i * loops.Width.Dilation;
                float value = source[place];
                if (at < 0 || value > best || (float.IsNaN(value) && !float.IsNaN(best)))
                    (at, best) = (place, value);
            }
        return at;
    }
}

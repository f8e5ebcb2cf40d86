using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A shape seen as [outer, size, inner] around one axis.</summary>
internal readonly record struct AxisLayout(long Outer, int Size, int Inner)
{
    /// <summary>The layout of a shape around an axis; a 0-d shape counts as one element.</summary>
    public static AxisLayout Of(int[] shape, int axis)
    {
        if (shape.Length == 0)
            return new AxisLayout(1, 1, 1);
        long outer = 1;
        int inner = 1;
        for (int d = 0; d < axis; d++)
            outer *= shape[d];
        for (int d = axis + 1; d < shape.Length; d++)
            inner *= shape[d];
        return new AxisLayout(outer, shape[axis], inner);
    }
}

/// <summary>Runs a scan along the axis of a row-major array, many columns at a time.</summary>
internal static unsafe class ScanKernel
{
    // States of a strip stay in the first-level cache.
    internal const int StripColumns = 256;

    private const int Abreast = 8;

    public static void Run<T, TState, TResult, TScan>(T* source, TResult* result, AxisLayout layout, bool reverse)
        where T : unmanaged
        where TState : unmanaged
        where TResult : unmanaged
        where TScan : struct, IScan<T, TState, TResult>
    {
        if (layout.Size == 0)
            return;
        long strips = (layout.Inner + StripColumns - 1) / StripColumns;
        Ranges.Run(
            layout.Outer * strips,
            (long)layout.Size * Math.Min(layout.Inner, StripColumns),
            new Strips<T, TState, TResult, TScan>(source, result, layout, strips, reverse));
    }

    private readonly struct Strips<T, TState, TResult, TScan>(
        T* source, TResult* result, AxisLayout layout, long strips, bool reverse) : IRangeAction
        where T : unmanaged
        where TState : unmanaged
        where TResult : unmanaged
        where TScan : struct, IScan<T, TState, TResult>
    {
        public void Invoke(long start, long end)
        {
            if (typeof(TScan) == typeof(RunningSum<float, double>) && layout.Inner == 1 && LineSums.IsSupported)
            {
                for (; start < end; start++)
                {
                    float* from = (float*)(source + start * layout.Size), to = (float*)(result + start * layout.Size);
                    if (reverse)
                        LineSums.Backwards(from, to, layout.Size);
                    else
                        LineSums.Forwards(from, to, layout.Size);
                }
            }
            // One line is a chain of additions, each waiting for the last; eight wait together.
            for (; layout.Inner == 1 && end - start >= Abreast; start += Abreast)
                Lines(source + start * layout.Size, result + start * layout.Size);
            for (; start < end; start++)
            {
                int column = (int)(start % strips) * StripColumns;
                long offset = start / strips * layout.Size * layout.Inner + column;
                int width = Math.Min(StripColumns, layout.Inner - column);
                if (width == 1)
                    Line(source + offset, result + offset);
                else if (typeof(TScan) == typeof(RunningSum<float, double>))
                    ColumnScan.Run<Summing>((float*)(source + offset), (float*)(result + offset), layout, reverse, width);
                else if (typeof(TScan) == typeof(RunningProduct<float, double>))
                    ColumnScan.Run<Multiplying>((float*)(source + offset), (float*)(result + offset), layout, reverse, width);
                else
                    Strip(source + offset, result + offset, width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Lines(T* from, TResult* to)
        {
            TState* states = stackalloc TState[Abreast];
            nint size = layout.Size;
            for (int i = 0; i < layout.Size; i++)
            {
                int position = reverse ? layout.Size - 1 - i : i;
                T* element = from + position;
                TResult* shown = to + position;
                for (int line = 0; line < Abreast; line++, element += size, shown += size)
                {
                    states[line] = i == 0 ? TScan.Start(*element, position) : TScan.Next(states[line], *element, position);
                    *shown = TScan.Show(states[line]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Line(T* from, TResult* to)
        {
            nint step = layout.Inner;
            int position = reverse ? layout.Size - 1 : 0;
            int direction = reverse ? -1 : 1;
            TState state = TScan.Start(from[position * step], position);
            to[position * step] = TScan.Show(state);
            for (int i = 1; i < layout.Size; i++)
            {
                position += direction;
                state = TScan.Next(state, from[position * step], position);
                to[position * step] = TScan.Show(state);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Strip(T* from, TResult* to, int width)
        {
            TState* states = stackalloc TState[StripColumns];
            for (int i = 0; i < layout.Size; i++)
            {
                int position = reverse ? layout.Size - 1 - i : i;
                T* row = from + (nint)position * layout.Inner;
                TResult* shown = to + (nint)position * layout.Inner;
                for (int j = 0; j < width; j++)
                {
                    states[j] = i == 0 ? TScan.Start(row[j], position) : TScan.Next(states[j], row[j], position);
                    shown[j] = TScan.Show(states[j]);
                }
            }
        }
    }
}

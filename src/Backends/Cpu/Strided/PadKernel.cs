using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>One dimension of a padded tensor: its size, and where in it so many of the source's elements begin, a stride apart.</summary>
internal readonly record struct PadDimension(int Size, int Start, int Count, nint Stride);

/// <summary>
/// The dimensions of a padded tensor, at least two; dimensions without padding are one with the dimension before them where the
/// source allows it. The last one is contiguous in the source.
/// </summary>
internal sealed class PadLayout(PadDimension[] dimensions)
{
    /// <summary>The dimensions, outermost first.</summary>
    public PadDimension[] Dimensions { get; } = dimensions;

    /// <summary>The last dimension.</summary>
    public PadDimension Column => Dimensions[^1];

    /// <summary>The last dimension but one.</summary>
    public PadDimension Row => Dimensions[^2];

    /// <summary>Positions of all dimensions but the last two.</summary>
    public long Planes { get; } = dimensions[..^2].Aggregate(1L, (product, d) => product * d.Size);

    /// <summary>Whether a view's last dimension is contiguous.</summary>
    public static bool HasRows(in View source) =>
        source.Shape.Length == 0 || source.Shape[^1] <= 1 || source.Strides[^1] == 1;

    /// <summary>The layout of a source with contiguous rows in a tensor of a shape.</summary>
    public static PadLayout Of(in View source, int[] shape, int[] start)
    {
        // Filled from the back; the innermost element of all is a dimension to begin with.
        var dimensions = new List<PadDimension> { new(1, 0, 1, 1) };
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            PadDimension inner = dimensions[^1];
            bool isWhole = inner.Start == 0 && inner.Count == inner.Size;
            nint stride = source.Shape[d] == 1 ? inner.Stride * inner.Count : source.Strides[d];
            if (isWhole && stride == inner.Stride * inner.Count)
            {
                int unit = inner.Count;
                dimensions[^1] = new(shape[d] * unit, start[d] * unit, source.Shape[d] * unit, inner.Stride);
            }
            else
            {
                dimensions.Add(new(shape[d], start[d], source.Shape[d], stride));
            }
        }
        if (dimensions.Count == 1)
            dimensions.Add(new(1, 0, 1, 0));
        dimensions.Reverse();
        return new PadLayout([.. dimensions]);
    }

    /// <summary>Where in the source a plane begins; false for one that is padding altogether.</summary>
    public bool Find(long plane, out nint offset)
    {
        offset = 0;
        for (int d = Dimensions.Length - 3; d >= 0; d--)
        {
            PadDimension dimension = Dimensions[d];
            long place = plane % dimension.Size - dimension.Start;
            plane /= dimension.Size;
            if (place < 0 || place >= dimension.Count)
                return false;
            offset += (nint)place * dimension.Stride;
        }
        return true;
    }
}

/// <summary>Writes padded tensors from their beginning to their end, every line once.</summary>
internal static unsafe class PadKernel
{
    public static void Run<T>(T* source, T value, T* target, PadLayout layout)
        where T : unmanaged =>
        Ranges.Run(layout.Planes * layout.Row.Size, layout.Column.Size, new Rows<T>(source, value, target, layout));

    private readonly struct Rows<T>(T* source, T value, T* target, PadLayout layout) : IRangeAction
        where T : unmanaged
    {
        public void Invoke(long start, long end)
        {
            T* to = target + start * layout.Column.Size;
            PadDimension row = layout.Row;
            while (start < end)
            {
                int first = (int)(start % row.Size), last = (int)Math.Min(row.Size, first + (end - start));
                if (layout.Find(start / row.Size, out nint offset))
                    Plane(source + offset, to, first, last);
                else
                    Fill(to, last - first);
                start += last - first;
                to += (nint)(last - first) * layout.Column.Size;
            }
        }

        private void Plane(T* from, T* to, int first, int last)
        {
            PadDimension row = layout.Row;
            nint size = layout.Column.Size;
            int top = Math.Clamp(row.Start, first, last), bottom = Math.Clamp(row.Start + row.Count, top, last);
            Fill(to, top - first);
            Middle(from + (top - row.Start) * row.Stride, to + (top - first) * size, bottom - top);
            Fill(to + (bottom - first) * size, last - bottom);
        }

        private void Fill(T* to, int rows)
        {
            int size = layout.Column.Size;
            for (; rows > 0; rows--, to += size)
                new Span<T>(to, size).Fill(value);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Middle(T* from, T* to, int rows)
        {
            PadDimension column = layout.Column;
            nint stride = layout.Row.Stride, bytes = (nint)column.Count * sizeof(T);
            for (; rows > 0; rows--, from += stride, to += column.Size)
            {
                for (int i = 0; i < column.Start; i++)
                    to[i] = value;
                RunCopy.Copy((byte*)from, (byte*)(to + column.Start), bytes, false);
                for (int i = column.Start + column.Count; i < column.Size; i++)
                    to[i] = value;
            }
        }
    }
}

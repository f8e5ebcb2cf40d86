using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A block of the right operand, packed into panels or read where it lies; a narrow last panel is always packed.</summary>
internal readonly unsafe struct RightBlock<T>(T* data, nint step, bool packed, int depth, T* lastPanel, int panelColumns, int lanes)
    where T : unmanaged, INumberBase<T>
{
    /// <summary>The panel that begins at column <paramref name="j"/>, and how far a kernel steps for each depth.</summary>
    public T* Panel(int j, int width, out nint panelStep)
    {
        int padded = width > lanes ? panelColumns : lanes;
        if (packed)
        {
            panelStep = padded;
            return data + (nint)j * depth;
        }
        panelStep = width == padded ? step : padded;
        return width == padded ? data + j : lastPanel;
    }

    public static RightBlock<T> Of(KernelSet<T> kernels, int depth, int columns, Strided<T> b, T* scratch, bool pack)
    {
        if (!pack)
        {
            int last = columns / kernels.Columns * kernels.Columns;
            if (columns % kernels.Lanes != 0)
                kernels.PackRows(depth, columns - last, b.At(0, last), b.Row, scratch);
            return new(b.Data, b.Row, false, depth, scratch, kernels.Columns, kernels.Lanes);
        }
        if (b.Column == 1)
            kernels.PackRows(depth, columns, b.Data, b.Row, scratch);
        else if (b.Row == 1)
            kernels.PackColumns(depth, columns, b.Data, b.Column, scratch);
        else
            PackAny(kernels, depth, columns, b, scratch);
        return new(scratch, 0, true, depth, scratch, kernels.Columns, kernels.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackAny(KernelSet<T> kernels, int depth, int columns, Strided<T> b, T* target)
    {
        for (int j = 0; j < columns; j += kernels.Columns)
        {
            int width = columns - j > kernels.Lanes ? kernels.Columns : kernels.Lanes;
            for (int p = 0; p < depth; p++, target += width)
                for (int q = 0; q < width; q++)
                    target[q] = j + q < columns ? *b.At(p, j + q) : default;
        }
    }
}

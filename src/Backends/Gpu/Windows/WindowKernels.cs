using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Where in its plane the maximum of every window lies: the first one, nan above all; -1 for a window without elements.</summary>
internal struct WindowArgMaximumKernel<TStored, TValue, TElement> : IKernel<WindowArgMaximumKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<long> Result;
    public int Count;
    public WindowShape Shape;

    public static void Run(WindowArgMaximumKernel<TStored, TValue, TElement> call)
    {
        long index = Grid.LongGlobalIndex.X;
        if (index >= call.Count)
            return;
        WindowShape shape = call.Shape;
        int plane = shape.OutputPixels.Quotient((int)index);
        Triple corner = shape.Corner((int)index - plane * shape.OutputPixels.Divisor);
        int start = call.Offset + plane * shape.InputPixels.Divisor;
        TValue best = default;
        int place = -1;
        for (int i = 0; i < shape.Kernel.Depth; i++)
        {
            int z = corner.Depth + i * shape.Dilation.Depth;
            for (int j = 0; j < shape.Kernel.Height; j++)
            {
                int y = corner.Height + j * shape.Dilation.Height;
                for (int k = 0; k < shape.Kernel.Width; k++)
                {
                    int x = corner.Width + k * shape.Dilation.Width;
                    if (!shape.IsInside(z, y, x))
                        continue;
                    int at = (z * shape.Input.Height + y) * shape.Input.Width + x;
                    TValue value = TElement.Widen(call.Source[start + at]);
                    bool isBetter = place < 0 || (!TValue.IsNaN(best) && (TValue.IsNaN(value) || value > best));
                    if (isBetter)
                    {
                        best = value;
                        place = at;
                    }
                }
            }
        }
        call.Result[index] = place;
    }
}

/// <summary>The sum of every window.</summary>
internal struct WindowSumKernel<TStored, TValue, TElement> : IKernel<WindowSumKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TStored> Result;
    public int Count;
    public WindowShape Shape;

    public static void Run(WindowSumKernel<TStored, TValue, TElement> call)
    {
        long index = Grid.LongGlobalIndex.X;
        if (index >= call.Count)
            return;
        WindowShape shape = call.Shape;
        int plane = shape.OutputPixels.Quotient((int)index);
        Triple corner = shape.Corner((int)index - plane * shape.OutputPixels.Divisor);
        int start = call.Offset + plane * shape.InputPixels.Divisor;
        TValue sum = default;
        for (int i = 0; i < shape.Kernel.Depth; i++)
        {
            int z = corner.Depth + i * shape.Dilation.Depth;
            for (int j = 0; j < shape.Kernel.Height; j++)
            {
                int y = corner.Height + j * shape.Dilation.Height;
                for (int k = 0; k < shape.Kernel.Width; k++)
                {
                    int x = corner.Width + k * shape.Dilation.Width;
                    if (shape.IsInside(z, y, x))
                        sum += TElement.Widen(call.Source[start + (z * shape.Input.Height + y) * shape.Input.Width + x]);
                }
            }
        }
        call.Result[index] = TElement.Narrow(sum);
    }
}

/// <summary>For every input the sum over the windows that see it, in row-major order of the kernel's positions.</summary>
internal struct WindowSumTransposeKernel<TStored, TValue, TElement> : IKernel<WindowSumTransposeKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TStored> Result;
    public int Count;
    public WindowShape Shape;

    public static void Run(WindowSumTransposeKernel<TStored, TValue, TElement> call)
    {
        long index = Grid.LongGlobalIndex.X;
        if (index >= call.Count)
            return;
        WindowShape shape = call.Shape;
        int plane = shape.InputPixels.Quotient((int)index);
        Triple pixel = shape.InputPositions.At((int)index - plane * shape.InputPixels.Divisor);
        int start = call.Offset + plane * shape.OutputPixels.Divisor;
        TValue sum = default;
        for (int i = 0; i < shape.Kernel.Depth; i++)
        {
            int z = pixel.Depth + shape.Padding.Depth - i * shape.Dilation.Depth;
            for (int j = 0; j < shape.Kernel.Height; j++)
            {
                int y = pixel.Height + shape.Padding.Height - j * shape.Dilation.Height;
                for (int k = 0; k < shape.Kernel.Width; k++)
                {
                    int x = pixel.Width + shape.Padding.Width - k * shape.Dilation.Width;
                    int output = shape.OutputAt(z, y, x);
                    if (output >= 0)
                        sum += TElement.Widen(call.Source[start + output]);
                }
            }
        }
        call.Result[index] = TElement.Narrow(sum);
    }
}

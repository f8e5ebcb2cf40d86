using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Which elements the window of a result sees.</summary>
internal interface IWindowSide
{
    /// <summary>The results of a plane.</summary>
    static abstract FastDivisor Results(WindowShape shape);

    /// <summary>How many elements a plane of the source has.</summary>
    static abstract int Sources(WindowShape shape);

    /// <summary>Where the window of a result begins; it may lie outside.</summary>
    static abstract Triple Corner(WindowShape shape, int result);

    /// <summary>The element of the source's plane at a position of the kernel, or -1.</summary>
    static abstract int At(WindowShape shape, Triple corner, int depth, int height, int width);
}

/// <summary>Outputs, which see inputs.</summary>
internal readonly struct OutputsSeeInputs : IWindowSide
{
    public static FastDivisor Results(WindowShape shape) => shape.OutputPixels;

    public static int Sources(WindowShape shape) => shape.InputPixels.Divisor;

    public static Triple Corner(WindowShape shape, int result) => shape.Corner(result);

    public static int At(WindowShape shape, Triple corner, int depth, int height, int width)
    {
        int z = corner.Depth + depth * shape.Dilation.Depth;
        int y = corner.Height + height * shape.Dilation.Height;
        int x = corner.Width + width * shape.Dilation.Width;
        return shape.IsInside(z, y, x) ? (z * shape.Input.Height + y) * shape.Input.Width + x : -1;
    }
}

/// <summary>Inputs, and the outputs whose windows see them: the transpose.</summary>
internal readonly struct InputsSeeOutputs : IWindowSide
{
    public static FastDivisor Results(WindowShape shape) => shape.InputPixels;

    public static int Sources(WindowShape shape) => shape.OutputPixels.Divisor;

    public static Triple Corner(WindowShape shape, int result)
    {
        Triple pixel = shape.InputPositions.At(result);
        return new(pixel.Depth + shape.Padding.Depth, pixel.Height + shape.Padding.Height, pixel.Width + shape.Padding.Width);
    }

    public static int At(WindowShape shape, Triple corner, int depth, int height, int width) => shape.OutputAt(
        corner.Depth - depth * shape.Dilation.Depth, corner.Height - height * shape.Dilation.Height, corner.Width - width * shape.Dilation.Width);
}

/// <summary>What becomes of the elements of a window, taken in row-major order of the kernel's positions.</summary>
internal interface IWindowFold<TValue, TKept, TResult>
    where TValue : unmanaged
    where TKept : unmanaged
    where TResult : unmanaged
{
    static abstract TKept Empty();

    static abstract TKept Take(TKept kept, TValue value, int position);

    static abstract TResult Finish(TKept kept);
}

/// <summary>Their sum.</summary>
internal readonly struct WindowSum<TStored, TValue, TElement> : IWindowFold<TValue, TValue, TStored>
    where TStored : unmanaged
    where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>
    where TElement : struct, IElement<TStored, TValue>
{
    public static TValue Empty() => default;

    public static TValue Take(TValue kept, TValue value, int position) => kept + value;

    public static TStored Finish(TValue kept) => TElement.Narrow(kept);
}

/// <summary>Where in its plane the maximum lies: the first one, nan above all; -1 for a window without elements.</summary>
internal readonly struct WindowArgMaximum<TValue> : IWindowFold<TValue, Placed<TValue>, long>
    where TValue : unmanaged, INumber<TValue>
{
    public static Placed<TValue> Empty() => new(default, -1);

    public static Placed<TValue> Take(Placed<TValue> kept, TValue value, int position)
    {
        bool isBetter = kept.Position < 0 || (!TValue.IsNaN(kept.Value) && (TValue.IsNaN(value) || value > kept.Value));
        return isBetter ? new(value, position) : kept;
    }

    public static long Finish(Placed<TValue> kept) => kept.Position;
}

/// <summary>A fold of every window.</summary>
internal struct WindowKernel<TStored, TValue, TElement, TSide, TFold, TKept, TResult>
    : IKernel<WindowKernel<TStored, TValue, TElement, TSide, TFold, TKept, TResult>>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
    where TSide : struct, IWindowSide
    where TFold : struct, IWindowFold<TValue, TKept, TResult>
    where TKept : unmanaged
    where TResult : unmanaged
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TResult> Result;
    public int Count;
    public WindowShape Shape;

    public static void Run(WindowKernel<TStored, TValue, TElement, TSide, TFold, TKept, TResult> call)
    {
        long index = Grid.LongGlobalIndex.X;
        if (index >= call.Count)
            return;
        WindowShape shape = call.Shape;
        FastDivisor results = TSide.Results(shape);
        int plane = results.Quotient((int)index);
        Triple corner = TSide.Corner(shape, (int)index - plane * results.Divisor);
        int start = call.Offset + plane * TSide.Sources(shape);
        TKept kept = TFold.Empty();
        for (int i = 0; i < shape.Kernel.Depth; i++)
        {
            for (int j = 0; j < shape.Kernel.Height; j++)
            {
                for (int k = 0; k < shape.Kernel.Width; k++)
                {
                    int at = TSide.At(shape, corner, i, j, k);
                    if (at >= 0)
                        kept = TFold.Take(kept, TElement.Widen(call.Source[start + at]), at);
                }
            }
        }
        call.Result[index] = TFold.Finish(kept);
    }
}

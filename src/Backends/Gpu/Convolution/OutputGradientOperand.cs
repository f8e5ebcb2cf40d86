using ILGPU;

namespace Functional.Gpu;

/// <summary>Row-major output gradients [N, G O, pixels] with a line for every output channel of a group and a depth of all
/// images' pixels.</summary>
internal struct OutputGradientOperand<TStored, TValue, TElement>(ArrayView<TStored> data, int offset, ConvolutionShape shape)
    : IOperand<TValue, int>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Data = data;
    public int Offset = offset;
    public ConvolutionShape Shape = shape;
    public FastDivisor Pixels = new(shape.Output.Count);

    public readonly int Line(int batch, int line) => line < Shape.Outputs ? Offset + (batch * Shape.Outputs + line) * Pixels.Divisor : -1;

    public readonly TValue At(int line, int depth)
    {
        int image = Pixels.Quotient(depth);
        if (line < 0 || image >= Shape.Images)
            return default;
        int pixel = depth - image * Pixels.Divisor;
        return TElement.Widen(Data[line + image * Shape.Groups * Shape.Outputs * Pixels.Divisor + pixel]);
    }
}

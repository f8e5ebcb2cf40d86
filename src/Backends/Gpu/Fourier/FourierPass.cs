using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>
/// One of Stockham's passes over [outer, n, inner]: transforms of length `Done` become transforms of `Radix` times that length.
/// A thread computes one element of the result: the sum over the radix of what was done, turned.
/// </summary>
internal struct FourierPass<T> : IKernel<FourierPass<T>>
    where T : unmanaged, INumber<T>
{
    public ArrayView<DevicePair<T>> Source;
    public int Offset;
    public ArrayView<DevicePair<T>> Result;

    /// <summary>exp(-2 pi i j / n) for every j.</summary>
    public ArrayView<DevicePair<T>> Roots;
    public int Count;
    public FastDivisor Inner;
    public FastDivisor Length;
    public FastDivisor Done;
    public FastDivisor Radix;
    public int IsInverse;

    public static void Run(FourierPass<T> call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i >= call.Count)
            return;
        int length = call.Length.Divisor, done = call.Done.Divisor, radix = call.Radix.Divisor, inner = call.Inner.Divisor;
        int line = call.Inner.Quotient((int)i), outer = call.Length.Quotient(line), place = line - outer * length;
        int block = call.Done.Quotient(place), within = place - block * done;
        int rest = call.Radix.Quotient(block), turn = block - rest * radix;
        int others = length / (done * radix);
        int step = (turn * done + within) * others, angle = 0;
        int from = call.Offset + outer * length * inner + ((int)i - line * inner) + (rest * done + within) * inner, hop = others * done * inner;
        T real = default, imaginary = default;
        for (int q = 0; q < radix; q++)
        {
            DevicePair<T> value = call.Source[from + q * hop], root = call.Roots[angle];
            T sine = call.IsInverse != 0 ? -root.Imaginary : root.Imaginary;
            real += value.Real * root.Real - value.Imaginary * sine;
            imaginary += value.Real * sine + value.Imaginary * root.Real;
            angle += step;
            angle = angle >= length ? angle - length : angle;
        }
        call.Result[i] = new(real, imaginary);
    }
}

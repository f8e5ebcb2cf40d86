using ILGPU;

namespace Functional.Gpu;

/// <summary>Products of complex numbers, one result a thread, in double precision.</summary>
internal readonly struct ComplexProductKernel<T, TElement>(ArrayView<T> source, StridedView from, ArrayView<T> target, int count, int folded)
    : IKernel<ComplexProductKernel<T, TElement>>
    where T : unmanaged
    where TElement : struct, INumberElement<T, double>
{
    private readonly ArrayView<T> source = source;
    private readonly StridedView from = from;
    private readonly ArrayView<T> target = target;
    private readonly int count = count;
    private readonly int folded = folded;

    public static void Run(ComplexProductKernel<T, TElement> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= call.count)
            return;
        double real = 1.0;
        double imaginary = 0.0;
        for (int j = 0; j < call.folded; j++)
        {
            int at = 2 * call.from.At(i * call.folded + j);
            double x = TElement.Widen(call.source[at]);
            double y = TElement.Widen(call.source[at + 1]);
            double next = real * x - imaginary * y;
            imaginary = real * y + imaginary * x;
            real = next;
        }
        call.target[2 * i] = TElement.Narrow(real);
        call.target[2 * i + 1] = TElement.Narrow(imaginary);
    }
}

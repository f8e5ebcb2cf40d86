using System.Numerics;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Arange(Dtype dtype, int length, Scalar start, Scalar step)
    {
        GpuBuffer result = New(dtype, length);
        NumberElements.Invoke("arange", dtype, new Counting(this, result, start, step));
        return result;
    }

    /// <summary>A range once its element is known: every element from the start, so that no error piles up.</summary>
    private readonly struct Counting(GpuBackend backend, GpuBuffer result, Scalar start, Scalar step) : INumberElementAction
    {
        public void Invoke<TElement, TStored, T>()
            where TElement : struct, INumberElement<TStored, T>
            where TStored : unmanaged
            where T : unmanaged, INumber<T>
        {
            backend.Kernels.Launch("arange", result.Length, new RangeKernel<TElement, TStored, T>(
                result.As<TStored>(), result.Length, start, step, !DtypeModule.isFloating(result.Dtype)));
        }
    }
}

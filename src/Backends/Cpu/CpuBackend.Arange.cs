using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Arange(Dtype dtype, int length, Scalar start, Scalar step)
    {
        var result = new CpuBuffer(HalfPrecision.Is(dtype) ? Dtype.Float32 : dtype, length);
        Elements.Invoke("arange", result.Dtype, new Counting(start, step, result));
        return HalfPrecision.Narrow(result, dtype);
    }

    /// <summary>A range once its element type is known: every element from the start, so that no error piles up.</summary>
    private readonly struct Counting(Scalar start, Scalar step, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            fixed (byte* to = result)
            {
                if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
                    Fill((T*)to, start.AsFloat, step.AsFloat);
                else
                    Fill((T*)to, start.AsInteger, step.AsInteger);
            }
            GC.KeepAlive(result);
        }

        private void Fill<T, TWide>(T* target, TWide first, TWide delta)
            where T : unmanaged, INumber<T>
            where TWide : unmanaged, INumber<TWide>
        {
            for (int i = 0; i < result.Length; i++)
                target[i] = T.CreateTruncating(first + TWide.CreateTruncating(i) * delta);
        }
    }
}

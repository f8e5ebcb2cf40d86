using System.Numerics;

namespace Functional.Gpu;

/// <summary>A complex number of two floating parts, as it lies in memory.</summary>
internal readonly struct DevicePair<T>(T real, T imaginary) : IAdditionOperators<DevicePair<T>, DevicePair<T>, DevicePair<T>>,
    IMultiplyOperators<DevicePair<T>, DevicePair<T>, DevicePair<T>>
    where T : unmanaged, INumber<T>
{
    public readonly T Real = real;
    public readonly T Imaginary = imaginary;

    public static DevicePair<T> operator +(DevicePair<T> a, DevicePair<T> b) => new(a.Real + b.Real, a.Imaginary + b.Imaginary);

    public static DevicePair<T> operator *(DevicePair<T> a, DevicePair<T> b) =>
        new(a.Real * b.Real - a.Imaginary * b.Imaginary, a.Real * b.Imaginary + a.Imaginary * b.Real);
}

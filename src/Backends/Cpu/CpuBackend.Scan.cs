using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Scan(ScanKind kind, View source, int axis, bool reverse)
    {
        if (Pairs.Are(source.Dtype))
            return ScanPairs(kind, source, axis, reverse);
        View wide = HalfPrecision.Widen(source, out CpuBuffer? widened);
        bool isArg = kind.IsCumulativeArgMaximum || kind.IsCumulativeArgMinimum;
        var result = new CpuBuffer(isArg ? Dtype.Int64 : wide.Dtype, ShapeModule.count(source.Shape));
        using var input = RowMajor.Of(wide);
        Elements.Invoke("cumsum", wide.Dtype, new Scanning(kind, input, result, AxisLayout.Of(source.Shape, axis), reverse));
        widened?.Release();
        return isArg ? result : HalfPrecision.Narrow(result, source.Dtype);
    }

    /// <summary>A scan of complex numbers; sums run along both parts at once.</summary>
    private static CpuBuffer ScanPairs(ScanKind kind, View source, int axis, bool reverse)
    {
        if (!kind.IsCumulativeSum && !kind.IsCumulativeProduct)
            throw Elements.Missing("cummax", source.Dtype);
        using var input = RowMajor.Of(source);
        AxisLayout layout = AxisLayout.Of(source.Shape, axis);
        if (kind.IsCumulativeProduct)
            return ComplexProducts.Scan(input, layout, reverse);
        var result = new CpuBuffer(source.Dtype, ShapeModule.count(source.Shape));
        var pairs = new Scanning(kind, input.AsPairs(), result, layout with { Inner = 2 * layout.Inner }, reverse);
        Elements.Invoke("cumsum", DtypeModule.toReal(source.Dtype), pairs);
        return result;
    }

    /// <summary>A scan once its element type is known.</summary>
    private readonly struct Scanning(ScanKind kind, RowMajor source, CpuBuffer result, AxisLayout layout, bool reverse) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = source.Buffer;
            fixed (byte* from = buffer, to = result)
            {
                T* input = (T*)from + source.Offset;
                switch (kind.Tag)
                {
                    case ScanKind.Tags.CumulativeSum when typeof(T) == typeof(float):
                        ScanKernel.Run<T, double, T, RunningSum<T, double>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeSum:
                        ScanKernel.Run<T, T, T, RunningSum<T, T>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeProduct when typeof(T) == typeof(float):
                        ScanKernel.Run<T, double, T, RunningProduct<T, double>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeProduct:
                        ScanKernel.Run<T, T, T, RunningProduct<T, T>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeMaximum:
                        ScanKernel.Run<T, Placed<T>, T, BestValue<T, PreferLarge<T>>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeMinimum:
                        ScanKernel.Run<T, Placed<T>, T, BestValue<T, PreferSmall<T>>>(input, (T*)to, layout, reverse);
                        break;
                    case ScanKind.Tags.CumulativeArgMaximum:
                        ScanKernel.Run<T, Placed<T>, long, BestPosition<T, PreferLarge<T>>>(input, (long*)to, layout, reverse);
                        break;
                    default:
                        ScanKernel.Run<T, Placed<T>, long, BestPosition<T, PreferSmall<T>>>(input, (long*)to, layout, reverse);
                        break;
                }
            }
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }
    }
}

using System.Numerics;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Scan(ScanKind kind, View source, int axis, bool reverse)
    {
        bool isArg = kind.IsCumulativeArgMaximum || kind.IsCumulativeArgMinimum;
        GpuBuffer result = New(isArg ? Dtype.Int64 : source.Dtype, ShapeModule.count(source.Shape));
        if (result.Length == 0)
            return result;
        View rows = RowMajor(source);
        Lines lines = Lines.Of(source.Shape, axis);
        GpuBuffer from = Own(rows.Buffer);
        if (!DtypeModule.isComplex(source.Dtype))
            NumberElements.Invoke("cumsum", source.Dtype, new Scanning(this, kind, from, rows.Offset, result, lines, reverse));
        else if (kind.IsCumulativeSum)
        {
            // Both parts run along side by side.
            var pairs = new Lines(lines.Outer, lines.Size, 2 * lines.Inner);
            NumberElements.Invoke("cumsum", DtypeModule.toReal(source.Dtype), new Scanning(this, kind, from, 2 * rows.Offset, result, pairs, reverse));
        }
        else if (kind.IsCumulativeProduct && source.Dtype.IsComplex64)
            Kernels.Launch("cumprod", lines.Count, new ComplexScanKernel<float, WidenedElement>(from.As<float>(), rows.Offset, result.As<float>(), lines, reverse));
        else if (kind.IsCumulativeProduct)
            Kernels.Launch("cumprod", lines.Count, new ComplexScanKernel<double, Float64Element>(from.As<double>(), rows.Offset, result.As<double>(), lines, reverse));
        else
            throw new DtypeException(
                $"\"cummax\" not implemented for '{DtypeModule.scalarTypeName(source.Dtype)}': complex numbers have no order; compare their absolute values");
        GC.KeepAlive(from);
        return result;
    }

    /// <summary>A scan once its element is known.</summary>
    private readonly struct Scanning(GpuBackend backend, ScanKind kind, GpuBuffer from, int offset, GpuBuffer result, Lines lines, bool reverse) : INumberElementAction
    {
        public void Invoke<TElement, TStored, T>()
            where TElement : struct, INumberElement<TStored, T>
            where TStored : unmanaged
            where T : unmanaged, INumber<T>
        {
            switch (kind.Tag)
            {
                case ScanKind.Tags.CumulativeSum:
                    Launch<TElement, TStored, T, RunningSum<T>, StoreBest<TElement, TStored, T>, TStored>();
                    break;
                case ScanKind.Tags.CumulativeProduct:
                    Launch<TElement, TStored, T, RunningProduct<T>, StoreBest<TElement, TStored, T>, TStored>();
                    break;
                case ScanKind.Tags.CumulativeMaximum:
                    Launch<TElement, TStored, T, RunningMaximum<T>, StoreBest<TElement, TStored, T>, TStored>();
                    break;
                case ScanKind.Tags.CumulativeMinimum:
                    Launch<TElement, TStored, T, RunningMinimum<T>, StoreBest<TElement, TStored, T>, TStored>();
                    break;
                case ScanKind.Tags.CumulativeArgMaximum:
                    Launch<TElement, TStored, T, RunningMaximum<T>, StorePosition<T>, long>();
                    break;
                default:
                    Launch<TElement, TStored, T, RunningMinimum<T>, StorePosition<T>, long>();
                    break;
            }
        }

        private void Launch<TElement, TStored, T, TScan, TFinish, TTarget>()
            where TElement : struct, INumberElement<TStored, T>
            where TStored : unmanaged
            where T : unmanaged, INumber<T>
            where TScan : struct, IScan<T>
            where TFinish : struct, IFinish<Placed<T>, TTarget>
            where TTarget : unmanaged
        {
            int lanes = GroupScan.Lanes(lines);
            backend.Kernels.Launch("scan", KernelCache.Over((long)lines.Count * lanes, GroupScan.Threads), new ScanKernel<TElement, TStored, T, TScan, TFinish, TTarget>(
                from.As<TStored>(), offset, result.As<TTarget>(), lines, lanes, reverse));
        }
    }
}

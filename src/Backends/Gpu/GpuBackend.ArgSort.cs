using System.Numerics;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer ArgSort(View source, int axis, bool descending, int count)
    {
        Lines lines = Lines.Of(source.Shape, axis);
        var taken = new Lines(lines.Outer, source.Shape.Length == 0 ? 1 : count, lines.Inner);
        GpuBuffer result = New(Dtype.Int64, lines.Count * taken.Size);
        long padded = (long)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, lines.Size));
        if (padded * lines.Count > int.MaxValue)
            throw Missing("sort", $"sorting {lines.Count} lines of {lines.Size} elements takes more scratch memory than kernels can index; sort in parts");
        if (result.Length == 0)
            return result;
        View rows = RowMajor(source);
        int total = (int)padded * lines.Count;
        using var keys = new DeviceScratch<ulong>(context, total);
        using var positions = new DeviceScratch<int>(context, total);
        NumberElements.Invoke("sort", source.Dtype, new Keying(this, rows, lines, keys, positions, (int)padded, descending));
        for (int run = 2; run <= padded; run *= 2)
        {
            for (int distance = run / 2; distance > 0; distance /= 2)
                Kernels.Launch("sort", total, new BitonicKernel(keys.View, positions.View, total, (int)padded, run, distance));
        }
        Kernels.Launch("sort", result.Length, new TakeKernel(positions.View, (int)padded, taken, result.As<long>()));
        return result;
    }

    /// <summary>The keys of a sort once the element is known.</summary>
    private readonly struct Keying(
        GpuBackend backend, View rows, Lines lines, DeviceScratch<ulong> keys, DeviceScratch<int> positions, int padded, bool descending) : INumberElementAction
    {
        public void Invoke<TElement, TStored, T>()
            where TElement : struct, INumberElement<TStored, T>
            where TStored : unmanaged
            where T : unmanaged, INumber<T>
        {
            GpuBuffer from = backend.Own(rows.Buffer);
            backend.Kernels.Launch("sort", (long)padded * lines.Count, new SortKeysKernel<TElement, TStored, T>(
                from.As<TStored>(), rows.Offset, lines, keys.View, positions.View, padded, descending));
            GC.KeepAlive(from);
        }
    }
}

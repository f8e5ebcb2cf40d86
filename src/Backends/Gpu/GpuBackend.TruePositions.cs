using System.Runtime.InteropServices;
using ILGPU;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer TruePositions(View truths)
    {
        int count = ShapeModule.count(truths.Shape);
        if (count == 0)
            return New(Dtype.Int64, 0);
        View input = RowMajor(truths);
        var shape = new TruthShape { Truths = Elements<byte>(input), Offset = input.Offset, Count = count };
        int groups = shape.Groups;
        GpuBuffer counts = New(Dtype.Int32, groups);
        var each = new KernelConfig(groups, TruthShape.Threads);
        Kernels.Launch("nonzero", each, new CountTruths { Shape = shape, Counts = counts.As<int>() });
        GpuBuffer ends = Own(Scan(ScanKind.CumulativeSum, ViewModule.contiguous([groups], counts), 0, false));
        Span<int> found = [0];
        Download(ends, groups - 1, MemoryMarshal.AsBytes(found));
        GpuBuffer result = New(Dtype.Int64, found[0]);
        if (result.Length > 0)
            Kernels.Launch("nonzero", each, new PlaceTruths { Shape = shape, Ends = ends.As<int>(), Places = result.As<long>() });
        counts.Release();
        ends.Release();
        return Finished(result, truths, input);
    }
}

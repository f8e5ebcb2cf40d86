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
        GpuBuffer counts = New(Dtype.Int32, groups + 1);
        var each = new KernelConfig(groups, TruthShape.Threads);
        Kernels.Launch("nonzero", each, new CountTruths { Shape = shape, Counts = counts.As<int>() });
        Kernels.Launch("nonzero", new KernelConfig(1, TruthShape.Threads), new AddCounts { Counts = counts.As<int>(), Count = groups });
        Span<int> found = [0];
        Download(counts, groups, MemoryMarshal.AsBytes(found));
        GpuBuffer result = New(Dtype.Int64, found[0]);
        if (result.Length > 0)
            Kernels.Launch("nonzero", each, new PlaceTruths { Shape = shape, Counts = counts.As<int>(), Places = result.As<long>() });
        counts.Release();
        return Finished(result, truths, input);
    }
}

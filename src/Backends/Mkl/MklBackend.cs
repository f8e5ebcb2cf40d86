namespace Functional.Mkl;

/// <summary>Matrix products and decompositions by a BLAS library; everything else by the backend it stands on, in the same memory.</summary>
/// <remarks>
/// The number of threads is that of the backend below. Unlike ours, the library's results may differ in their last bits between
/// numbers of threads.
/// </remarks>
public sealed unsafe partial class MklBackend : ForwardingBackend
{
    private readonly BlasLibrary library;
    private readonly IBackend host;

    internal MklBackend(BlasLibrary library, IBackend host)
        : base(host) => (this.library, this.host) = (library, host);

    /// <inheritdoc/>
    public override string Name => "mkl";

    /// <summary>The library that does the work, and its version.</summary>
    public string Library => $"{library.Name}: {library.Version}";

    private void UseThreads() => library.UseThreads(host is IThreaded threaded ? threaded.Threads : Environment.ProcessorCount);

    private Buffer New(Dtype dtype, int length) => host.Allocate(dtype, length)!;

    private static IHostMemory MemoryOf(Buffer? buffer) =>
        buffer as IHostMemory
        ?? throw new DeviceException(
            "Expected all tensors to be on the same device, but a tensor of another device reached the mkl backend; "
            + "copy it there first with .to(\"cpu\")");

    /// <summary>A row-major copy of a view; the caller releases its buffer.</summary>
    private View Copied(View view)
    {
        View copy = ViewModule.contiguous(view.Shape, New(view.Dtype, ShapeModule.count(view.Shape)));
        host.Copy(view, copy);
        return copy;
    }

    /// <summary>Where each matrix of a batch begins, in elements of the buffer.</summary>
    private static int[] Offsets(View view, int ownDimensions)
    {
        int dimensions = view.Shape.Length - ownDimensions;
        int[] offsets = [view.Offset];
        for (int d = 0; d < dimensions; d++)
        {
            int size = view.Shape[d], stride = view.Strides[d];
            int[] outer = offsets;
            offsets = new int[outer.Length * size];
            for (int i = 0; i < offsets.Length; i++)
                offsets[i] = outer[i / size] + i % size * stride;
        }
        return offsets;
    }
}

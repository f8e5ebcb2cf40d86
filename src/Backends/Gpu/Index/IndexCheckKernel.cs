using ILGPU;

namespace Functional.Gpu;

/// <summary>Finds in each chunk the first index, in row-major order, that lies outside an axis: a group for every chunk.</summary>
internal struct IndexCheckKernel : IKernel<IndexCheckKernel>
{
    /// <summary>Indices that one group looks at.</summary>
    public const int Chunk = 64 * RowShape.Threads;

    public ArrayView<long> Index;
    public StridedView At;
    public int Count;
    public long Size;

    /// <summary>For every chunk Count less the position of its first index outside, or 0.</summary>
    public ArrayView<int> Found;

    public static void Run(IndexCheckKernel call)
    {
        ArrayView<int> scratch = SharedMemory.Allocate<int>(RowShape.Threads);
        long start = (long)Grid.IdxX * Chunk, end = IntrinsicMath.Min(call.Count, start + Chunk);
        int found = 0;
        for (long i = start + Group.IdxX; i < end; i += RowShape.Threads)
        {
            long index = call.Index[call.At.At((int)i)];
            if ((index < 0 || index >= call.Size) && found == 0)
                found = call.Count - (int)i;
        }
        found = RowFold.Maximum(scratch, RowShape.Threads, found);
        if (Group.IdxX == 0)
            call.Found[Grid.IdxX] = found;
    }
}

using System.Numerics;

namespace Functional.Cpu;

/// <summary>One matrix applied to the taps of a set of pixels; the input gradient of a strided convolution has one for each residue.</summary>
internal unsafe struct ImagePass<T>
    where T : unmanaged
{
    /// <summary>The matrix of each group of channels: rows x depth, rows contiguous.</summary>
    public T* Left;
    public int Depth;
    public int* Taps;

    /// <summary>Lines of pixels, for as many images as a chunk holds.</summary>
    public nint* Lines;
    public int LineLength;
    public int LinesPerImage;

    /// <summary>Where runs of pixels begin in the result, again for a whole chunk.</summary>
    public nint* Runs;
    public int RunLength;
    public nint TargetStep;
}

/// <summary>Pads images and multiplies them, in chunks of images, channel groups and rows of the result.</summary>
internal unsafe struct ImageProduct<T> : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    /// <summary>So many pixels make good use of a packed matrix and still stay in the cache once padded.</summary>
    private const int WantedPixels = 1024;
    private const int ChunksPerThread = 3;
    private const long SmallestChunk = 1 << 20;

    public T* Source;
    public ImageStrides SourceStrides;
    public Spatial SourceSize;
    public Spatial Before;
    public PaddedImages Padded;

    public T* Target;
    public ImageStrides TargetStrides;

    public ImagePass<T>* Passes;
    public int PassCount;

    public int Batch;
    public int Groups;
    public int GroupChannels;
    public int GroupRows;

    public int ImagesPerChunk;
    public int RowParts;

    /// <summary>How many images a chunk holds. Only the cut of the work depends on it, never a bit of the result.</summary>
    public static int ImagesFor(int batch, int pixels, int groups)
    {
        int most = Math.Max(1, batch * groups / WorkerPool.Threads / (WorkerPool.Threads > 1 ? 2 : 1) / groups);
        return Partition.Even(batch, Math.Min(most, Math.Max(1, WantedPixels / Math.Max(1, pixels))), 1);
    }

    public void Run()
    {
        int chunks = Partition.Parts(Batch, ImagesPerChunk) * Groups;
        long work = 0;
        for (int i = 0; i < PassCount; i++)
            work += (long)Passes[i].Depth * Passes[i].LineLength * Passes[i].LinesPerImage * GroupRows * Batch * Groups;
        int wanted = (int)Math.Min(WorkerPool.Threads == 1 ? 1 : WorkerPool.Threads * ChunksPerThread, work / SmallestChunk);
        RowParts = Math.Clamp(Partition.Parts(wanted, Math.Max(1, chunks)), 1, Math.Max(1, GroupRows / 26));
        WorkerPool.Run(chunks * RowParts, this);
    }

    public readonly void Invoke(int chunk)
    {
        (chunk, int part) = Math.DivRem(chunk, RowParts);
        (chunk, int group) = Math.DivRem(chunk, Groups);
        int firstImage = chunk * ImagesPerChunk;
        int images = Math.Min(ImagesPerChunk, Batch - firstImage);
        int partRows = Partition.RoundUp(Partition.Parts(GroupRows, RowParts), KernelSet<T>.Best.Rows);
        int firstRow = Math.Min(GroupRows, part * partRows);
        int rows = Math.Min(partRows, GroupRows - firstRow);

        int margin = KernelSet<T>.Best.Lanes;
        T* padded = ThreadScratch.Rent<T>(ScratchUse.Image, images * Padded.Image + margin) + margin;
        T* source = Source + firstImage * SourceStrides.Image + group * GroupChannels * SourceStrides.Channel;
        Padded.Fill(images, source, SourceStrides, SourceSize, Before, padded);

        T* target = Target + firstImage * TargetStrides.Image + (group * GroupRows + firstRow) * TargetStrides.Channel;
        for (int i = 0; i < PassCount; i++)
        {
            ref readonly var pass = ref Passes[i];
            var product = new PixelProduct<T>
            {
                Left = new(pass.Left + ((nint)group * GroupRows + firstRow) * pass.Depth, pass.Depth, 1),
                Rows = rows,
                IsNarrow = GroupRows <= NarrowProduct<T>.LargestRows,
                Depth = pass.Depth,
                Taps = pass.Taps,
                Image = padded,
                Lines = pass.Lines,
                LineLength = pass.LineLength,
                LineCount = pass.LinesPerImage * images,
                Target = target,
                TargetRow = TargetStrides.Channel,
                TargetStep = pass.TargetStep,
                Runs = pass.Runs,
                RunLength = pass.RunLength,
            };
            product.Run();
        }
    }
}

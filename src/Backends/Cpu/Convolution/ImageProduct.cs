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
            var product = Product(Passes[i], group * GroupRows + firstRow, rows, images, padded);
            if (i + 1 < PassCount && TakesTurns(Passes[i], Passes[i + 1]))
            {
                Join(product, Product(Passes[++i], group * GroupRows + firstRow, rows, images, padded), target);
                continue;
            }
            product.Target = target;
            product.Run();
        }
    }

    private readonly PixelProduct<T> Product(in ImagePass<T> pass, int row, int rows, int images, T* padded) =>
        new()
        {
            Left = new(pass.Left + (nint)row * pass.Depth, pass.Depth, 1),
            Rows = rows,
            IsNarrow = GroupRows <= NarrowProduct<T>.LargestRows,
            Depth = pass.Depth,
            Taps = pass.Taps,
            Image = padded,
            Lines = pass.Lines,
            LineLength = pass.LineLength,
            LineCount = pass.LinesPerImage * images,
            TargetRow = TargetStrides.Channel,
            TargetStep = pass.TargetStep,
            Runs = pass.Runs,
            RunLength = pass.RunLength,
        };

    /// <summary>Whether the pixels of two passes take turns in the same lines of the result.</summary>
    private static bool TakesTurns(in ImagePass<T> first, in ImagePass<T> second) =>
        sizeof(T) == sizeof(uint) && first.TargetStep == 2 && second.TargetStep == 2 && first.RunLength == first.LineLength
        && first.LinesPerImage == second.LinesPerImage && second.Runs[0] == first.Runs[0] + 1 && first.LineLength - second.LineLength is 0 or 1;

    /// <summary>Two such passes, some lines at a time: each by itself, side by side, and then in turns.</summary>
    private static void Join(PixelProduct<T> first, PixelProduct<T> second, T* target)
    {
        const int LargestProduct = 1 << 16;
        nint* runs = first.Runs, firstLines = first.Lines, secondLines = second.Lines;
        int all = first.LineCount, length = first.LineLength, wanted = Math.Max(1, LargestProduct / (first.Rows * length));
        int lines = Partition.Even(all, wanted, 1);
        nint row = lines * length, targetRow = first.TargetRow, begin = 0;
        T* apart = ThreadScratch.Rent<T>(ScratchUse.Points, 2 * first.Rows * row);
        first.Target = apart;
        second.Target = apart + first.Rows * row;
        first.TargetRow = second.TargetRow = row;
        first.TargetStep = second.TargetStep = 1;
        first.RunLength = second.RunLength = (int)row;
        first.Runs = second.Runs = &begin;
        for (int line = 0; line < all; line += lines)
        {
            first.LineCount = second.LineCount = Math.Min(lines, all - line);
            first.Lines = firstLines + line;
            second.Lines = secondLines + line;
            first.Run();
            second.Run();
            for (int i = 0; i < first.Rows; i++)
                for (int j = 0; j < first.LineCount; j++)
                {
                    T* even = first.Target + i * row + j * length, odd = second.Target + i * row + j * second.LineLength;
                    LineJoin.Run((uint*)even, (uint*)odd, second.LineLength, length, (uint*)(target + i * targetRow + runs[line + j]));
                }
        }
    }
}

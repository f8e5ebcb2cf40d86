using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The transpose of a convolution in its weight: the matrix (tap, pixel) times the output gradient as (pixel, filter).</summary>
/// <remarks>
/// Taps and filters are divided among threads, pixels never are: they are added up in order, block after block, so the
/// result does not depend on the number of threads.
/// </remarks>
internal unsafe struct WeightGradient<T> : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    private const int LargestDepth = 384;
    private const int LargestRows = 260;
    private const int WantedPixels = 2048;
    private const int ChunksPerThread = 2;
    private const long SmallestChunk = 1 << 20;

    /// <summary>Rows of a chunk below which the packing of the gradient, which every chunk does for itself, begins to show.</summary>
    private const int WantedRows = 256;
    private const int SmallestRows = 52;

    private ConvolutionShape shape;
    private T* input;
    private ImageStrides strides;
    private T* gradient;
    private T* result;
    private int channelStep, filterStep, images;

    /// <summary>The output gradient and the result are contiguous, the input has any strides.</summary>
    public static void Run(in ConvolutionShape given, T* input, ImageStrides strides, T* gradient, T* result)
    {
        var shape = given.Sampled(ref strides);
        if (shape.Filters == 0 || shape.Depth == 0)
            return;
        if (shape.Batch == 0 || shape.Output.Count == 0)
        {
            new Span<T>(result, shape.Filters * shape.Depth).Clear();
            return;
        }
        if (NarrowWeightGradient<T>.TryRun(shape, input, strides, gradient, result))
            return;
        long work = (long)shape.Batch * shape.Output.Count * shape.Filters * shape.Depth;
        int wanted = WorkerPool.Threads == 1 ? 1 : (int)Math.Min(WorkerPool.Threads * ChunksPerThread, work / SmallestChunk);
        wanted = Math.Max(1, Partition.Parts(wanted, shape.Groups));
        int largest = Math.Max(Math.Min(WorkerPool.Threads, shape.Depth / SmallestRows), shape.Depth / WantedRows);
        int channelParts = Math.Clamp(Math.Min(wanted, largest), 1, shape.GroupChannels);
        int filterParts = Math.Clamp(wanted / channelParts, 1, Math.Max(1, shape.GroupFilters / KernelSet<T>.Best.Columns));
        var action = new WeightGradient<T>
        {
            shape = shape,
            input = input,
            strides = strides,
            gradient = gradient,
            result = result,
            channelStep = Partition.Parts(shape.GroupChannels, channelParts),
            filterStep = Partition.RoundUp(Partition.Parts(shape.GroupFilters, filterParts), KernelSet<T>.Best.Columns),
            images = Partition.Even(shape.Batch, Math.Max(1, WantedPixels / shape.Output.Count), 1),
        };
        WorkerPool.Run(shape.Groups * action.ChannelParts * action.FilterParts, action);
    }

    private readonly int ChannelParts => Partition.Parts(shape.GroupChannels, channelStep);

    private readonly int FilterParts => Partition.Parts(shape.GroupFilters, filterStep);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int chunk)
    {
        var kernels = KernelSet<T>.Best;
        (chunk, int channelPart) = Math.DivRem(chunk, ChannelParts);
        (int group, int filterPart) = Math.DivRem(chunk, FilterParts);
        int firstChannel = channelPart * channelStep, channels = Math.Min(channelStep, shape.GroupChannels - firstChannel);
        int firstFilter = filterPart * filterStep, filters = Math.Min(filterStep, shape.GroupFilters - firstFilter);
        int rows = channels * shape.Kernel.Count;
        int linesPerImage = shape.Output.Depth * shape.Output.Height;
        int outputs = shape.Output.Count;

        var padded = ForwardConvolution<T>.Padded(shape, channels);
        T* image = ThreadScratch.Rent<T>(ScratchUse.Image, images * padded.Image);
        nint* lines = ThreadScratch.Rent<nint>(ScratchUse.Lines, (nint)images * linesPerImage + rows);
        int* taps = (int*)(lines + images * linesPerImage);
        ConvolutionTaps.Fill(shape, padded, channels, taps);
        ConvolutionTaps.FillLines(shape, padded, images, lines);

        int pitch = Partition.RoundUp(filters, kernels.Lanes);
        T* product = ThreadScratch.Rent<T>(ScratchUse.Product, (nint)rows * pitch);
        int depth = Partition.Even(images * outputs, LargestDepth, 8);
        T* right = ThreadScratch.Rent<T>(ScratchUse.Right, (nint)depth * Partition.RoundUp(filters, kernels.Columns));
        T* source = input + (group * shape.GroupChannels + firstChannel) * strides.Channel;
        T* target = gradient + ((nint)group * shape.GroupFilters + firstFilter) * outputs;
        nint imageStep = (nint)shape.Filters * outputs;
        for (int first = 0; first < shape.Batch; first += images)
        {
            int count = Math.Min(images, shape.Batch - first);
            padded.Fill(count, source + first * strides.Image, strides, shape.Input, shape.Padding, image);
            for (int p = 0; p < count * outputs; p += depth)
            {
                int kBlock = Math.Min(depth, count * outputs - p);
                PackRight(kernels, filters, target + first * imageStep, imageStep, p, kBlock, right);
                for (int i = 0; i < rows; i += LargestRows)
                {
                    int mBlock = Math.Min(LargestRows, rows - i);
                    var left = LeftBlock<T>.OfPixels(kernels, mBlock, kBlock, taps + i, image, lines, shape.Output.Width, p);
                    Tiles(kernels, left, right, mBlock, filters, kBlock, product + (nint)i * pitch, pitch, first > 0 || p > 0);
                }
            }
        }
        T* weights = result + ((nint)group * shape.GroupFilters + firstFilter) * shape.Depth + firstChannel * shape.Kernel.Count;
        kernels.Transpose(rows, filters, product, pitch, weights, shape.Depth);
    }

    /// <summary>Panels (pixel, filter) from images where each filter's pixels lie side by side.</summary>
    private readonly void PackRight(KernelSet<T> kernels, int filters, T* source, nint imageStep, int first, int count, T* target)
    {
        int outputs = shape.Output.Count;
        for (int p = 0; p < count;)
        {
            (int image, int pixel) = Math.DivRem(first + p, outputs);
            int length = Math.Min(count - p, outputs - pixel);
            kernels.PackColumnsPart(length, filters, source + image * imageStep + pixel, outputs, target, count, p);
            p += length;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles(
        KernelSet<T> kernels, LeftBlock<T> left, T* right, int m, int n, int k, T* c, nint cRow, bool accumulate)
    {
        int panels = Partition.Parts(m, kernels.Rows);
        for (int j = 0; j < n; j += kernels.Columns)
        {
            int vectors = n - j > kernels.Lanes ? 2 : 1;
            var tiles = kernels.Tiles(vectors);
            for (int panel = 0, i = 0; panel < panels; panel++)
            {
                int height = left.Height(panel);
                T* a = left.Panel(i, height, out nint aRow, out nint aStep);
                Prefetching.Tile(c + i * cRow + j, cRow, height, kernels.Lanes);
                tiles[height - 1](k, a, aRow, aStep, right + (nint)j * k, vectors * kernels.Lanes, c + i * cRow + j, cRow, accumulate);
                i += height;
            }
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The weight gradient where groups have a handful of filters: depthwise convolutions, first layers of small networks.</summary>
/// <remarks>Groups and channels are divided among threads, pixels never are.</remarks>
internal unsafe struct NarrowWeightGradient<T> : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    private const int WantedPixels = 4096;
    private const int ChunksPerThread = 3;
    private const long SmallestChunk = 1 << 19;

    private ConvolutionShape shape;
    private T* input;
    private ImageStrides strides;
    private T* gradient;
    private T* result;
    private int step, images;

    /// <summary>Does the work if it has the right shape for that.</summary>
    public static bool TryRun(in ConvolutionShape shape, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (shape.GroupFilters > NarrowProduct<T>.LargestRows || shape.Output.Width < KernelSet<T>.Best.Lanes)
            return false;
        long work = (long)shape.Batch * shape.Output.Count * shape.Filters * shape.Depth;
        int wanted = WorkerPool.Threads == 1 ? 1 : (int)Math.Clamp(work / SmallestChunk, 1, WorkerPool.Threads * ChunksPerThread);
        var action = new NarrowWeightGradient<T>
        {
            shape = shape,
            input = input,
            strides = strides,
            gradient = gradient,
            result = result,
            step = Partition.Parts(shape.Channels, Math.Min(wanted, shape.Channels)),
            images = Partition.Even(shape.Batch, Math.Max(1, WantedPixels / shape.Output.Count), 1),
        };
        WorkerPool.Run(Partition.Parts(shape.Channels, action.step), action);
        return true;
    }

    /// <summary>A chunk is a range of channels, each with the filters of its group.</summary>
    public readonly void Invoke(int chunk)
    {
        for (int channel = chunk * step; channel < Math.Min(shape.Channels, (chunk + 1) * step); channel++)
            Channel(channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Channel(int channel)
    {
        var kernels = KernelSet<T>.Best;
        int lanes = kernels.Lanes, taps = shape.Kernel.Count, filters = shape.GroupFilters, outputs = shape.Output.Count;
        int block = kernels.NarrowVectors, blocks = Partition.Parts(taps, block);
        (int group, int inner) = Math.DivRem(channel, shape.GroupChannels);
        var padded = ForwardConvolution<T>.Padded(shape, 1);
        T* image = ThreadScratch.Rent<T>(ScratchUse.Image, images * padded.Image);
        T* sums = ThreadScratch.Rent<T>(ScratchUse.Product, (nint)blocks * block * filters * lanes);
        new Span<T>(sums, blocks * block * filters * lanes).Clear();

        int linesPerImage = shape.Output.Depth * shape.Output.Height, lineCount = images * linesPerImage;
        nint* lines = ThreadScratch.Rent<nint>(ScratchUse.Lines, 2 * (nint)lineCount + blocks * block);
        nint* gradientLines = lines + lineCount;
        int* places = (int*)(gradientLines + lineCount);
        ConvolutionTaps.FillLines(shape, padded, images, lines);
        ConvolutionTaps.Fill(shape, padded, 1, places);
        for (int tap = taps; tap < blocks * block; tap++)
            places[tap] = places[taps - 1];
        for (int line = 0; line < lineCount; line++)
            gradientLines[line] = (nint)(line / linesPerImage) * shape.Filters * outputs + line % linesPerImage * shape.Output.Width;

        T* source = input + channel * strides.Channel;
        T* from = gradient + (nint)group * filters * outputs;
        var kernel = kernels.NarrowGradient(filters);
        for (int first = 0; first < shape.Batch; first += images)
        {
            int count = Math.Min(images, shape.Batch - first);
            padded.Fill(count, source + first * strides.Image, strides, shape.Input, shape.Padding, image);
            T* batch = from + (nint)first * shape.Filters * outputs;
            for (int i = 0; i < blocks; i++)
                kernel(
                    count * linesPerImage, shape.Output.Width, image, places + i * block, lines, batch, outputs, gradientLines,
                    sums + (nint)i * block * filters * lanes);
        }
        for (int i = 0; i < blocks; i++)
            for (int filter = 0; filter < filters; filter++)
                kernels.SumLanes(
                    Math.Min(block, taps - i * block), sums + ((nint)i * filters + filter) * block * lanes,
                    result + ((nint)(group * filters + filter) * shape.GroupChannels + inner) * taps + i * block);
    }
}

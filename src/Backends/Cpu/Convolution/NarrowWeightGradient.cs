using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>The weight gradient where groups have a handful of filters: depthwise convolutions, first layers of small networks.</summary>
/// <remarks>
/// Groups and channels are divided among threads; where there are too few of them, images are cut into stretches by the shape alone.
/// Each is summed in order, and then the stretches are, so the result does not depend on the number of threads.
/// </remarks>
internal unsafe struct NarrowWeightGradient<T> : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    private const int WantedPixels = 4096;
    private const int ChunksPerThread = 3;
    private const int WantedChannels = 12;
    private const int Stretches = 4;
    private const long SmallestChunk = 1 << 19;

    private ConvolutionShape shape;
    private T* input;
    private ImageStrides strides;
    private T* gradient;
    private T* sums;
    private nint channelSums;
    private int step, images, stretch;

    /// <summary>Does the work if it has the right shape for that.</summary>
    public static bool TryRun(in ConvolutionShape shape, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (shape.GroupFilters > NarrowProduct<T>.LargestRows || shape.Output.Width < KernelSet<T>.Best.Lanes)
            return false;
        var kernels = KernelSet<T>.Best;
        long work = (long)shape.Batch * shape.Output.Count * shape.Filters * shape.Depth;
        int wanted = WorkerPool.Threads == 1 ? 1 : (int)Math.Clamp(work / SmallestChunk, 1, WorkerPool.Threads * ChunksPerThread);
        int images = Partition.Even(shape.Batch, Math.Max(1, WantedPixels / shape.Output.Count), 1);
        int stretches = shape.Channels >= WantedChannels ? 1 : (int)Math.Clamp(work / SmallestChunk, 1, Stretches);
        int stretch = Partition.RoundUp(Partition.Parts(shape.Batch, stretches), images), parts = Partition.Parts(shape.Batch, stretch);
        nint channelSums = Partition.RoundUp(shape.Kernel.Count, kernels.NarrowVectors) * (nint)shape.GroupFilters * kernels.Lanes;
        var action = new NarrowWeightGradient<T>
        {
            shape = shape,
            input = input,
            strides = strides,
            gradient = gradient,
            sums = ThreadScratch.Rent<T>(ScratchUse.Filter, parts * shape.Channels * channelSums),
            channelSums = channelSums,
            step = Partition.Parts(shape.Channels, Math.Min(Partition.Parts(wanted, parts), shape.Channels)),
            images = images,
            stretch = stretch,
        };
        WorkerPool.Run(parts * action.ChannelParts, action);
        action.Finish(parts, result);
        return true;
    }

    private readonly int ChannelParts => Partition.Parts(shape.Channels, step);

    /// <summary>A chunk is a range of channels, each with the filters of its group, in a stretch of the images.</summary>
    public readonly void Invoke(int chunk)
    {
        (int part, chunk) = Math.DivRem(chunk, ChannelParts);
        for (int channel = chunk * step; channel < Math.Min(shape.Channels, (chunk + 1) * step); channel++)
            Channel(channel, part * stretch, Math.Min(shape.Batch, (part + 1) * stretch), sums + ((nint)part * shape.Channels + channel) * channelSums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Channel(int channel, int firstImage, int lastImage, T* sums)
    {
        var kernels = KernelSet<T>.Best;
        int taps = shape.Kernel.Count, filters = shape.GroupFilters, outputs = shape.Output.Count;
        int block = kernels.NarrowVectors, blocks = Partition.Parts(taps, block);
        int group = channel / shape.GroupChannels;
        var padded = ForwardConvolution<T>.Padded(shape, 1);
        T* image = ThreadScratch.Rent<T>(ScratchUse.Image, images * padded.Image);
        new Span<T>(sums, (int)channelSums).Clear();

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
        for (int first = firstImage; first < lastImage; first += images)
        {
            int count = Math.Min(images, lastImage - first);
            padded.Fill(count, source + first * strides.Image, strides, shape.Input, shape.Padding, image);
            T* batch = from + (nint)first * shape.Filters * outputs;
            for (int i = 0; i < blocks; i++)
                kernel(
                    count * linesPerImage, shape.Output.Width, image, places + i * block, lines, batch, outputs, gradientLines,
                    sums + (nint)i * block * filters * kernels.Lanes);
        }
    }

    /// <summary>Adds up the stretches and then the lanes.</summary>
    private readonly void Finish(int parts, T* result)
    {
        var kernels = KernelSet<T>.Best;
        int taps = shape.Kernel.Count, filters = shape.GroupFilters, block = kernels.NarrowVectors;
        nint all = shape.Channels * channelSums;
        for (int part = 1; part < parts; part++)
            for (nint i = 0; i < all; i++)
                sums[i] += sums[part * all + i];
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            (int group, int inner) = Math.DivRem(channel, shape.GroupChannels);
            for (int i = 0; i < taps; i += block)
                for (int filter = 0; filter < filters; filter++)
                    kernels.SumLanes(
                        Math.Min(block, taps - i), sums + channel * channelSums + ((nint)i * filters + filter * block) * kernels.Lanes,
                        result + ((nint)(group * filters + filter) * shape.GroupChannels + inner) * taps + i);
        }
    }
}

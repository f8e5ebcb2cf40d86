using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Rewrites a weight [filter][channel][tap] as [channel][filter][tap] within each group, with some of its taps.</summary>
internal readonly unsafe struct FilterTransposition<T>(ConvolutionShape shape, T* weight, int* taps, int tapCount, T* target) : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    /// <summary>So many channels are written side by side, while the same cache lines of the weight are at hand.</summary>
    private const int Channels = 16;

    private readonly int parts = Partition.Parts(shape.GroupChannels, Channels);

    public int Chunks => shape.Groups * parts;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke(int chunk)
    {
        (int group, int part) = Math.DivRem(chunk, parts);
        int first = part * Channels, count = Math.Min(Channels, shape.GroupChannels - first);
        int filters = shape.GroupFilters, kernel = shape.Kernel.Count;
        nint row = (nint)filters * tapCount;
        T* from = weight + (nint)group * filters * shape.Depth + first * kernel;
        T* to = target + (group * shape.GroupChannels + first) * row;
        if (tapCount == kernel)
        {
            KernelSet<T>.Best.SwapRuns(filters, count, kernel, from, shape.Depth, to, row);
            return;
        }
        for (int filter = 0; filter < filters; filter++, from += shape.Depth, to += tapCount)
            for (int channel = 0; channel < count; channel++)
            {
                T* source = from + channel * kernel;
                T* copy = to + channel * row;
                for (int tap = 0; tap < tapCount; tap++)
                    copy[tap] = source[taps[tap]];
            }
    }
}

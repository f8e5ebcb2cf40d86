using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A copy of images with zeros around them, so that every tap of a kernel finds something to read.</summary>
/// <remarks>
/// With a stride s along the width, a line is stored as s shorter lines: first the pixels 0, s, 2s, ..., then 1, s + 1, ...
/// What one tap reads for neighbouring outputs thus lies side by side, whatever the stride.
/// </remarks>
internal readonly struct PaddedImages(int channels, Spatial size, int phases)
{
    private readonly int phaseLength = Partition.Parts(size.Width, phases);

    public nint Line => (nint)phaseLength * phases;

    public nint Plane => Line * size.Height;

    public nint Channel => Plane * size.Depth;

    public nint Image => Channel * channels;

    /// <summary>Where a padded position lies within its channel.</summary>
    public nint At(int depth, int height, int width) =>
        depth * Plane + height * Line + (nint)(width % phases) * phaseLength + width / phases;

    /// <summary>Copies images that begin <paramref name="before"/> positions inside the padded ones; what does not fit is cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Fill<T>(int images, T* source, ImageStrides strides, Spatial sourceSize, Spatial before, T* target)
        where T : unmanaged
    {
        for (int image = 0; image < images; image++)
            for (int channel = 0; channel < channels; channel++)
            {
                T* from = source + image * strides.Image + channel * strides.Channel;
                for (int d = 0; d < size.Depth; d++)
                    for (int h = 0; h < size.Height; h++, target += Line)
                    {
                        int sourceD = d - before.Depth, sourceH = h - before.Height;
                        if ((uint)sourceD >= (uint)sourceSize.Depth || (uint)sourceH >= (uint)sourceSize.Height)
                            new Span<T>(target, (int)Line).Clear();
                        else
                            FillLine(from + sourceD * strides.Plane + sourceH * strides.Line, strides.Pixel, sourceSize.Width, before.Width, target);
                    }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void FillLine<T>(T* source, nint step, int width, int before, T* target)
        where T : unmanaged
    {
        int first = Math.Clamp(before, 0, size.Width);
        int last = Math.Clamp(before + width, first, size.Width);
        if (phases == 1)
        {
            new Span<T>(target, first).Clear();
            new Span<T>(target + last, size.Width - last).Clear();
            source += (first - before) * step;
            if (step == 1)
                new ReadOnlySpan<T>(source, last - first).CopyTo(new Span<T>(target + first, last - first));
            else
                for (int w = first; w < last; w++, source += step)
                    target[w] = *source;
            return;
        }
        for (int phase = 0; phase < phases; phase++, target += phaseLength)
        {
            int w = phase;
            for (int i = 0; i < phaseLength; i++, w += phases)
                target[i] = w >= first && w < last ? source[(w - before) * step] : default;
        }
    }
}

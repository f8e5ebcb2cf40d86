using System.Numerics;
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

    /// <summary>
    /// Copies images that begin <paramref name="before"/> positions inside the padded ones; what does not fit is cut off.
    /// May write one vector past the end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Fill<T>(int images, T* source, ImageStrides strides, Spatial sourceSize, Spatial before, T* target)
        where T : unmanaged, INumberBase<T>
    {
        // Lines [firstLine, lastLine) of a plane and pixels [first, last) of a line hold something of the source.
        int firstLine = Math.Clamp(before.Height, 0, size.Height);
        int lastLine = Math.Clamp(before.Height + sourceSize.Height, firstLine, size.Height);
        int first = Math.Clamp(before.Width, 0, size.Width);
        int last = Math.Clamp(before.Width + sourceSize.Width, first, size.Width);
        source += (firstLine - before.Height) * strides.Line + (first - before.Width) * strides.Pixel;
        var lines = KernelSet<T>.Best.PadLines;
        bool isSplit = strides.Pixel == 1 && (phases == 2 || (phases is 4 or 8 && phaseLength % KernelSet<T>.Best.Lanes == 0));
        for (int image = 0; image < images; image++)
            for (int channel = 0; channel < channels; channel++)
                for (int d = 0; d < size.Depth; d++, target += Plane)
                {
                    int sourceD = d - before.Depth;
                    if ((uint)sourceD >= (uint)sourceSize.Depth || firstLine == lastLine || first == last)
                    {
                        new Span<T>(target, (int)Plane).Clear();
                        continue;
                    }
                    T* from = source + image * strides.Image + channel * strides.Channel + sourceD * strides.Plane;
                    new Span<T>(target, (int)(firstLine * Line)).Clear();
                    T* to = target + firstLine * Line;
                    if (phases == 1 && strides.Pixel == 1)
                        lines(lastLine - firstLine, from, strides.Line, last - first, first, size.Width, to);
                    else if (isSplit && sizeof(T) == sizeof(uint))
                        Split((uint*)from, strides.Line, lastLine - firstLine, first, last, (uint*)to);
                    else if (isSplit && sizeof(T) == sizeof(ulong))
                        Split((ulong*)from, strides.Line, lastLine - firstLine, first, last, (ulong*)to);
                    else
                        for (int h = firstLine; h < lastLine; h++, from += strides.Line, to += Line)
                            FillLine(from, strides.Pixel, first, last, to);
                    new Span<T>(target + lastLine * Line, (int)((size.Height - lastLine) * Line)).Clear();
                }
    }

    /// <summary>Lines by registers, as bits.</summary>
    private unsafe void Split<T>(T* source, nint stride, int lines, int first, int last, T* target)
        where T : unmanaged, INumber<T>
    {
        if (phases == 2)
            Widest.Invoke<T, LineSplit<T>>(new(source, stride, lines, first, last, phaseLength, target));
        else
            Widest.Invoke<T, LineCut<T>>(new(source, stride, lines, first, last, phaseLength, phases, target));
    }

    /// <summary>One line, phase after phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void FillLine<T>(T* source, nint step, int first, int last, T* target)
        where T : unmanaged
    {
        for (int phase = 0; phase < phases; phase++, target += phaseLength)
        {
            // The phase's positions with a pixel of the source are [begin, end).
            int begin = Math.Max(0, (first - phase + phases - 1) / phases);
            int end = Math.Max(begin, (last - phase + phases - 1) / phases);
            new Span<T>(target, begin).Clear();
            T* from = source + (begin * phases + phase - first) * step;
            for (int i = begin; i < end; i++, from += phases * step)
                target[i] = *from;
            new Span<T>(target + end, phaseLength - end).Clear();
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Lines of pixels with zeros around them, each cut into as many phases as a tile advances pixels, four or eight: of a line first pixels 0, 4, 8,
/// ... or 0, 8, 16, ..., then those behind them, and so on. What all tiles of a row read at one place lies side by side.
/// </summary>
internal readonly unsafe struct TileLines<T>
    where T : unmanaged, INumber<T>
{
    private readonly int phases, blocks, lines;
    private readonly T* values;

    /// <summary>Room for so many lines of so many pixels to a channel.</summary>
    public TileLines(int phases, int channels, int lines, int pixels)
    {
        (this.phases, this.lines) = (phases, lines);
        blocks = Partition.Parts(pixels, phases * KernelSet<T>.Best.Lanes);
        // Whoever reads a register may begin at the last pixel.
        values = ThreadScratch.Rent<T>(ScratchUse.Image, channels * lines * Length + KernelSet<T>.Best.Lanes);
    }

    /// <summary>Elements of a line.</summary>
    public nint Length => blocks * phases * KernelSet<T>.Best.Lanes;

    /// <summary>Where in a line a pixel lies.</summary>
    public nint Place(int pixel) => pixel % phases * blocks * KernelSet<T>.Best.Lanes + pixel / phases;

    /// <summary>A line of a channel.</summary>
    public T* At(int channel, int line) => values + ((nint)channel * lines + line) * Length;

    /// <summary>Copies lines of images that begin so many lines and pixels inside.</summary>
    public void Fill(int channels, T* source, ImageStrides strides, Spatial size, int before, int padding)
    {
        T* padded = ThreadScratch.Rent<T>(ScratchUse.Points, Length + KernelSet<T>.Best.Lanes);
        new Span<T>(padded, (int)Length).Clear();
        int pixels = (int)Math.Min(size.Width, Length - padding);
        for (int channel = 0; channel < channels; channel++)
            for (int line = 0; line < lines; line++)
            {
                T* from = source + channel * strides.Channel + (line - before) * strides.Line, to = At(channel, line);
                if ((uint)(line - before) >= (uint)size.Height)
                {
                    new Span<T>(to, (int)Length).Clear();
                    continue;
                }
                if (strides.Pixel == 1)
                    new Span<T>(from, pixels).CopyTo(new Span<T>(padded + padding, pixels));
                else
                    for (int x = 0; x < pixels; x++)
                        padded[padding + x] = from[x * strides.Pixel];
                Widest.Invoke<T, Cut>(new(padded, to, phases, blocks));
            }
    }

    /// <summary>A line's phases.</summary>
    private readonly struct Cut(T* from, T* to, int phases, int blocks) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            int lanes = S.Count;
            nint next = blocks * lanes;
            for (int block = 0; block < blocks; block++)
            {
                T* source = from + (nint)block * phases * lanes, target = to + block * lanes;
                V x0 = S.Load(source), x1 = S.Load(source + lanes), x2 = S.Load(source + 2 * lanes), x3 = S.Load(source + 3 * lanes);
                if (phases == 4)
                {
                    Fourths<S, V>(x0, x1, x2, x3, target, next);
                    continue;
                }
                source += 4 * lanes;
                V x4 = S.Load(source), x5 = S.Load(source + lanes), x6 = S.Load(source + 2 * lanes), x7 = S.Load(source + 3 * lanes);
                Fourths<S, V>(S.Even(x0, x1), S.Even(x2, x3), S.Even(x4, x5), S.Even(x6, x7), target, 2 * next);
                Fourths<S, V>(S.Odd(x0, x1), S.Odd(x2, x3), S.Odd(x4, x5), S.Odd(x6, x7), target + next, 2 * next);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Fourths<S, V>(V x0, V x1, V x2, V x3, T* to, nint next)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            V even = S.Even(x0, x1), even2 = S.Even(x2, x3), odd = S.Odd(x0, x1), odd2 = S.Odd(x2, x3);
            S.Store(S.Even(even, even2), to);
            S.Store(S.Even(odd, odd2), to + next);
            S.Store(S.Odd(even, even2), to + 2 * next);
            S.Store(S.Odd(odd, odd2), to + 3 * next);
        }
    }
}

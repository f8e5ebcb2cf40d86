using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Filters at the points: for every point a matrix (channel, filter), packed into panels as tile kernels read them.
/// </summary>
internal readonly unsafe struct WinogradFilters<T>(T* points, int channels, int filters)
    where T : unmanaged, INumber<T>
{
    private const int Block = 16;

    public static int Lanes => KernelSet<T>.Best.Lanes;

    public static int Pitch(int filters) => Partition.RoundUp(filters, Lanes);

    /// <summary>The matrix of a point.</summary>
    public T* At(int point) => points + point * Plane(channels, filters);

    // A little more than the matrix, or all points of a channel would fall on the same sets of the caches.
    private static nint Plane(int channels, int filters) => (nint)channels * Pitch(filters) + Lanes;

    /// <summary>Transforms a weight [filter][channel][3][3].</summary>
    public static WinogradFilters<T> Of(int channels, int filters, T* weight) => Transform(channels, filters, weight, false);

    /// <summary>Transforms a weight [channel][filter][3][3], turned around: the filters of the transposed convolution.</summary>
    public static WinogradFilters<T> Turned(int channels, int filters, T* weight) => Transform(channels, filters, weight, true);

    private static WinogradFilters<T> Transform(int channels, int filters, T* weight, bool turned)
    {
        T* points = ThreadScratch.Rent<T>(ScratchUse.Filter, WinogradShape.Products * Plane(channels, filters));
        Widest.Invoke<T, Transformation>(new(channels, filters, weight, points, turned));
        return new(points, channels, filters);
    }

    private readonly struct Transformation(int channels, int filters, T* weight, T* points, bool turned) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            Ranges.Run(channels, WinogradShape.Products * Pitch(filters), new Channels<S, V>(this));

        private readonly struct Channels<S, V>(Transformation work) : IRangeAction
            where S : struct, ISimd<V, T>
            where V : struct
        {
            public void Invoke(long start, long end) => work.Run<S, V>((int)start, (int)end);
        }

        /// <summary>The taps of some channels with their filters side by side: [channel][tap][filter].</summary>
        private T* Taps(int first, int last)
        {
            int pitch = Pitch(filters), count = (last - first) * WinogradShape.Taps;
            T* taps = ThreadScratch.Rent<T>(ScratchUse.Left, count * pitch);
            if (pitch > filters)
                new Span<T>(taps, count * pitch).Clear();
            if (turned)
                for (int channel = first; channel < last; channel++)
                    Turn(channel, taps + (nint)(channel - first) * WinogradShape.Taps * pitch, pitch);
            else
                KernelSet<T>.Best.Transpose(
                    filters, count, weight + (nint)first * WinogradShape.Taps, channels * WinogradShape.Taps, taps, pitch);
            return taps;
        }

        private void Turn(int channel, T* taps, int pitch)
        {
            T* square = stackalloc T[Block * Block];
            for (int filter = 0; filter < filters; filter += Block)
            {
                // Sixteen taps where nine are wanted make a square, which is transposed in registers; the last one ends with the weight.
                int count = Math.Min(Block, filters - filter);
                T* from = weight + ((nint)channel * filters + filter) * WinogradShape.Taps;
                T* to = taps + filter;
                if (count == Block && (channel < channels - 1 || filter + Block < filters))
                {
                    KernelSet<T>.Best.Transpose(Block, Block, from, WinogradShape.Taps, square, Block);
                    for (int tap = 0; tap < WinogradShape.Taps; tap++)
                        System.Buffer.MemoryCopy(square + tap * Block, to + (nint)tap * pitch, Block * sizeof(T), Block * sizeof(T));
                }
                else
                    for (int tap = 0; tap < WinogradShape.Taps; tap++)
                        for (int i = 0; i < count; i++)
                            to[(nint)tap * pitch + i] = from[i * WinogradShape.Taps + tap];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        private void Run<S, V>(int first, int last)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            T* taps = Taps(first, last);
            int pitch = Pitch(filters);
            nint plane = Plane(channels, filters);
            var transform = new WinogradTransform<S, V, T>();
            int lanes = S.Count, columns = 2 * lanes;
            // Columns of taps at the points: [point][column].
            T* half = stackalloc T[WinogradShape.Reach * 3 * lanes];
            int down = turned ? -3 * pitch : 3 * pitch, right = turned ? -pitch : pitch;
            for (int channel = first; channel < last; channel++)
                for (int filter = 0; filter < pitch; filter += lanes)
                {
                    T* from = taps + (nint)(channel - first) * WinogradShape.Taps * pitch + filter + (turned ? 8 * (nint)pitch : 0);
                    for (int x = 0; x < 3; x++)
                    {
                        T* column = from + x * right;
                        V u5 = S.Load(column + 2 * down);
                        transform.Filter(S.Load(column), S.Load(column + down), u5, out V u0, out V u1, out V u2, out V u3, out V u4);
                        S.Store(u0, half + x * lanes);
                        S.Store(u1, half + (3 + x) * lanes);
                        S.Store(u2, half + (6 + x) * lanes);
                        S.Store(u3, half + (9 + x) * lanes);
                        S.Store(u4, half + (12 + x) * lanes);
                        S.Store(u5, half + (15 + x) * lanes);
                    }
                    int panel = filter / columns * columns, width = Math.Min(columns, pitch - panel);
                    T* to = points + (nint)panel * channels + channel * width + filter - panel;
                    for (int y = 0; y < WinogradShape.Reach; y++)
                    {
                        T* row = half + 3 * y * lanes;
                        V u5 = S.Load(row + 2 * lanes);
                        transform.Filter(S.Load(row), S.Load(row + lanes), u5, out V u0, out V u1, out V u2, out V u3, out V u4);
                        S.Store(u0, to);
                        S.Store(u1, to + plane);
                        S.Store(u2, to + 2 * plane);
                        S.Store(u3, to + 3 * plane);
                        S.Store(u4, to + 4 * plane);
                        S.Store(u5, to + 5 * plane);
                        to += WinogradShape.Reach * plane;
                    }
                }
        }
    }
}

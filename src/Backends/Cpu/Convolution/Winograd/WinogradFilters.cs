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
    public T* At(int point) => points + (nint)point * channels * Pitch(filters);

    /// <summary>Transforms a weight [filter][channel][3][3].</summary>
    public static WinogradFilters<T> Of(int channels, int filters, T* weight)
    {
        int pitch = Pitch(filters);
        T* taps = Rent(channels, filters, out T* points);
        if (pitch > filters)
            new Span<T>(taps, channels * WinogradShape.Taps * pitch).Clear();
        KernelSet<T>.Best.Transpose(filters, channels * WinogradShape.Taps, weight, channels * WinogradShape.Taps, taps, pitch);
        return Transform(channels, filters, taps, points, false);
    }

    /// <summary>Transforms a weight [channel][filter][3][3], turned around: the filters of the transposed convolution.</summary>
    public static WinogradFilters<T> Turned(int channels, int filters, T* weight)
    {
        int pitch = Pitch(filters);
        T* taps = Rent(channels, filters, out T* points);
        if (pitch > filters)
            new Span<T>(taps, channels * WinogradShape.Taps * pitch).Clear();
        T* square = stackalloc T[Block * Block];
        for (int channel = 0; channel < channels; channel++)
            for (int filter = 0; filter < filters; filter += Block)
            {
                // Sixteen taps where nine are wanted make a square, which is transposed in registers; the last one ends with the weight.
                int count = Math.Min(Block, filters - filter);
                T* from = weight + ((nint)channel * filters + filter) * WinogradShape.Taps;
                T* to = taps + (nint)channel * WinogradShape.Taps * pitch + filter;
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
        return Transform(channels, filters, taps, points, true);
    }

    private static T* Rent(int channels, int filters, out T* points)
    {
        nint matrix = (nint)channels * Pitch(filters);
        points = ThreadScratch.Rent<T>(ScratchUse.Filter, matrix * (WinogradShape.Products + WinogradShape.Taps));
        return points + matrix * WinogradShape.Products;
    }

    private static WinogradFilters<T> Transform(int channels, int filters, T* taps, T* points, bool turned)
    {
        Widest.Invoke<T, Transformation>(new(channels, Pitch(filters), taps, points, turned));
        return new(points, channels, filters);
    }

    private readonly struct Transformation(int channels, int pitch, T* taps, T* points, bool turned) : IVectorAction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new WinogradTransform<S, V, T>();
            int lanes = S.Count, columns = 2 * lanes;
            nint matrix = (nint)channels * pitch;
            // Columns of taps at the points: [point][column].
            T* half = stackalloc T[WinogradShape.Reach * 3 * lanes];
            int down = turned ? -3 * pitch : 3 * pitch, right = turned ? -pitch : pitch;
            for (int channel = 0; channel < channels; channel++)
                for (int filter = 0; filter < pitch; filter += lanes)
                {
                    T* from = taps + (nint)channel * WinogradShape.Taps * pitch + filter + (turned ? 8 * (nint)pitch : 0);
                    for (int x = 0; x < 3; x++)
                    {
                        T* column = from + x * right;
                        V last = S.Load(column + 2 * down);
                        transform.Filter(S.Load(column), S.Load(column + down), last, out V u0, out V u1, out V u2, out V u3, out V u4);
                        S.Store(u0, half + x * lanes);
                        S.Store(u1, half + (3 + x) * lanes);
                        S.Store(u2, half + (6 + x) * lanes);
                        S.Store(u3, half + (9 + x) * lanes);
                        S.Store(u4, half + (12 + x) * lanes);
                        S.Store(last, half + (15 + x) * lanes);
                    }
                    int panel = filter / columns * columns, width = Math.Min(columns, pitch - panel);
                    T* to = points + (nint)panel * channels + channel * width + filter - panel;
                    for (int y = 0; y < WinogradShape.Reach; y++)
                    {
                        T* row = half + 3 * y * lanes;
                        V last = S.Load(row + 2 * lanes);
                        transform.Filter(S.Load(row), S.Load(row + lanes), last, out V u0, out V u1, out V u2, out V u3, out V u4);
                        S.Store(u0, to);
                        S.Store(u1, to + matrix);
                        S.Store(u2, to + 2 * matrix);
                        S.Store(u3, to + 3 * matrix);
                        S.Store(u4, to + 4 * matrix);
                        S.Store(last, to + 5 * matrix);
                        to += WinogradShape.Reach * matrix;
                    }
                }
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Gradients of filters of 3 x 3 at the points: for each a matrix (channel, filter), and back to nine taps.</summary>
internal static unsafe class WinogradSums<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>From a point's matrix to the next one's: not the same sets of the caches.</summary>
    public static nint Plane(in WinogradShape shape) => shape.Channels * (nint)WinogradFilters<T>.Pitch(shape.Filters) + KernelSet<T>.Best.Lanes;

    /// <summary>Room for so many summands of each matrix, and for the taps.</summary>
    public static T* Rent(in WinogradShape shape, int parts) =>
        ThreadScratch.Rent<T>(ScratchUse.Filter, Plane(shape) * (parts * WinogradShape.Products + WinogradShape.Taps));

    /// <summary>(channel, tile) times (tile, filter) at one point becomes a matrix, or is added to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in WinogradShape shape, WinogradTiles<T> values, WinogradTiles<T> slopes, T* sum, int point, bool accumulate)
    {
        var kernels = KernelSet<T>.Best;
        int pitch = WinogradFilters<T>.Pitch(shape.Filters), panels = Partition.Parts(shape.Channels, kernels.Rows);
        int height = shape.Channels / panels, taller = shape.Channels % panels;
        T* a = values.Values + point * values.Plane;
        T* b = slopes.Values + point * slopes.Plane;
        for (int j = 0; j < pitch; j += kernels.Columns)
        {
            var kernel = kernels.Tiles(pitch - j > kernels.Lanes ? 2 : 1);
            for (int panel = 0, i = 0; panel < panels; panel++)
            {
                int lines = panel < taller ? height + 1 : height;
                kernel[lines - 1](
                    values.Count, a + i, 1, values.Pitch, b + j, slopes.Pitch, sum + (nint)i * pitch + j, pitch, accumulate);
                i += lines;
            }
        }
    }

    /// <summary>Writes the weight's gradient from matrices that are sums of so many parts, and says whether all of it is finite.</summary>
    public static bool Finish(in WinogradShape shape, int parts, T* sums, T* result)
    {
        T* taps = sums + Plane(shape) * parts * WinogradShape.Products;
        Widest.Invoke<T, Taps>(new(shape, parts, sums, taps));
        int depth = shape.Channels * WinogradShape.Taps;
        KernelSet<T>.Best.Transpose(depth, shape.Filters, taps, WinogradFilters<T>.Pitch(shape.Filters), result, depth);
        return Finiteness.Of(result, shape.Filters * depth);
    }

    /// <summary>Adds the stretches up and turns points into taps.</summary>
    private readonly struct Taps(WinogradShape shape, int parts, T* sums, T* taps) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            Ranges.Run(shape.Channels, WinogradShape.Products * WinogradFilters<T>.Pitch(shape.Filters) * parts, new Channels<S, V>(this));

        private readonly struct Channels<S, V>(Taps work) : IRangeAction
            where S : struct, ISimd<V, T>
            where V : struct
        {
            public void Invoke(long start, long end) => work.Run<S, V>((int)start, (int)end);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        private void Run<S, V>(int start, int end)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var transform = new WinogradTransform<S, V, T>();
            int lanes = S.Count, reach = WinogradShape.Reach;
            nint pitch = WinogradFilters<T>.Pitch(shape.Filters), matrix = Plane(shape), part = WinogradShape.Products * matrix, down = reach * matrix;
            T* half = stackalloc T[3 * WinogradShape.Reach * lanes];
            for (int channel = start; channel < end; channel++)
                for (nint filter = 0; filter < pitch; filter += lanes)
                {
                    T* from = sums + channel * pitch + filter;
                    for (int x = 0; x < reach; x++)
                    {
                        T* place = from + x * matrix;
                        transform.FilterCotangent(
                            Sum<S, V>(place, part), Sum<S, V>(place + down, part), Sum<S, V>(place + 2 * down, part),
                            Sum<S, V>(place + 3 * down, part), Sum<S, V>(place + 4 * down, part), Sum<S, V>(place + 5 * down, part),
                            out V g0, out V g1, out V g2);
                        S.Store(g0, half + x * lanes);
                        S.Store(g1, half + (reach + x) * lanes);
                        S.Store(g2, half + (2 * reach + x) * lanes);
                    }
                    T* to = taps + channel * WinogradShape.Taps * pitch + filter;
                    for (int y = 0; y < 3; y++, to += 3 * pitch)
                    {
                        T* row = half + y * reach * lanes;
                        transform.FilterCotangent(
                            S.Load(row), S.Load(row + lanes), S.Load(row + 2 * lanes), S.Load(row + 3 * lanes), S.Load(row + 4 * lanes),
                            S.Load(row + 5 * lanes), out V g0, out V g1, out V g2);
                        S.Store(g0, to);
                        S.Store(g1, to + pitch);
                        S.Store(g2, to + 2 * pitch);
                    }
                }
        }

        /// <summary>The stretches' sums, one after the other.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Sum<S, V>(T* place, nint part)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            V sum = S.Load(place);
            for (int p = 1; p < parts; p++)
                sum = S.Add(sum, S.Load(place + p * part));
            return sum;
        }
    }
}

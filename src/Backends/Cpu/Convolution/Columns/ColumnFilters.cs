using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Filters at the points: for every point a matrix (filter; phase, channel, column), row-major.</summary>
internal readonly unsafe struct ColumnFilters<T>(T* points, int filters, int depth)
    where T : unmanaged, INumber<T>
{
    /// <summary>The matrix of a point.</summary>
    public T* At(int point) => points + point * Plane(filters, depth);

    // A little more than the matrix, or all points of a filter would fall on the same sets of the caches.
    private static nint Plane(int filters, int depth) => (nint)filters * depth + KernelSet<T>.Best.Lanes;

    /// <summary>Transforms a weight [filter][channel][row][column].</summary>
    public static ColumnFilters<T> Of(in ColumnShape shape, T* weight)
    {
        int filters = shape.Whole.Filters;
        T* points = ThreadScratch.Rent<T>(ScratchUse.Filter, ColumnShape.Points * Plane(filters, shape.Depth));
        Widest.Invoke<T, Transformation>(new(shape, weight, points));
        return new(points, filters, shape.Depth);
    }

    /// <summary>One over the product of a point's distances from all others.</summary>
    public const double AtZero = -1, AtOne = -2.0 / 9, AtHalf = 32.0 / 45, AtTwo = 1.0 / 90;

    /// <summary>
    /// Columns of taps so far apart as values at the points: they are the <paramref name="first"/> and later ones of <paramref name="reach"/>,
    /// and the others are 0. Several columns are transformed at once where as many may be read and written, those behind them included.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<S, V>(
        T* from, nint step, int width, int first, int taps, int reach, T* to, nint plane, T* readable, T* writable)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        T* last = from + Math.Max(0, (taps - 1) * step);
        for (int x = 0; x < width;)
            if (last + x + S.Count <= readable && to + x + S.Count <= writable)
            {
                Vector<S, V>(from + x, step, first, taps, reach, to + x, plane);
                x += S.Count;
            }
            else
            {
                Scalar(from + x, step, first, taps, reach, to + x, plane);
                x++;
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vector<S, V>(T* from, nint step, int first, int taps, int reach, T* to, nint plane)
        where S : struct, ISimd<V, T>
        where V : struct
    {
        V even1 = default, odd1 = default, evenHalf = default, oddHalf = default, even2 = default, odd2 = default, value = default;
        S.Store(first == 0 ? S.Multiply(Of<S, V>(AtZero), S.Load(from)) : value, to);
        double near = 1.0 / (1 << first), far = 1 << first;
        for (int tap = first; tap < first + taps; tap++, near *= 0.5, far *= 2, from += step)
        {
            value = S.Load(from);
            if (tap % 2 == 0)
            {
                even1 = S.Add(even1, value);
                evenHalf = S.MultiplyAdd(Of<S, V>(near), value, evenHalf);
                even2 = S.MultiplyAdd(Of<S, V>(far), value, even2);
            }
            else
            {
                odd1 = S.Add(odd1, value);
                oddHalf = S.MultiplyAdd(Of<S, V>(near), value, oddHalf);
                odd2 = S.MultiplyAdd(Of<S, V>(far), value, odd2);
            }
        }
        S.Store(S.Multiply(Of<S, V>(AtOne), S.Add(even1, odd1)), to + plane);
        S.Store(S.Multiply(Of<S, V>(AtOne), S.Subtract(even1, odd1)), to + 2 * plane);
        S.Store(S.Multiply(Of<S, V>(AtHalf), S.Add(evenHalf, oddHalf)), to + 3 * plane);
        S.Store(S.Multiply(Of<S, V>(AtHalf), S.Subtract(evenHalf, oddHalf)), to + 4 * plane);
        S.Store(S.Multiply(Of<S, V>(AtTwo), S.Add(even2, odd2)), to + 5 * plane);
        S.Store(S.Multiply(Of<S, V>(AtTwo), S.Subtract(even2, odd2)), to + 6 * plane);
        S.Store(first + taps == reach ? value : default, to + 7 * plane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Of<S, V>(double number)
        where S : struct, ISimd<V, T>
        where V : struct =>
        S.Create(T.CreateTruncating(number));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scalar(T* from, nint step, int first, int taps, int reach, T* to, nint plane)
    {
        double even1 = 0, odd1 = 0, evenHalf = 0, oddHalf = 0, even2 = 0, odd2 = 0, near = 1.0 / (1 << first), far = 1 << first;
        for (int tap = first; tap < first + taps; tap++, near *= 0.5, far *= 2)
        {
            double value = double.CreateTruncating(from[(tap - first) * step]);
            if (tap % 2 == 0)
                (even1, evenHalf, even2) = (even1 + value, evenHalf + near * value, even2 + far * value);
            else
                (odd1, oddHalf, odd2) = (odd1 + value, oddHalf + near * value, odd2 + far * value);
        }
        to[0] = first == 0 ? T.CreateTruncating(AtZero) * from[0] : T.Zero;
        to[plane] = T.CreateTruncating(AtOne * (even1 + odd1));
        to[2 * plane] = T.CreateTruncating(AtOne * (even1 - odd1));
        to[3 * plane] = T.CreateTruncating(AtHalf * (evenHalf + oddHalf));
        to[4 * plane] = T.CreateTruncating(AtHalf * (evenHalf - oddHalf));
        to[5 * plane] = T.CreateTruncating(AtTwo * (even2 + odd2));
        to[6 * plane] = T.CreateTruncating(AtTwo * (even2 - odd2));
        to[7 * plane] = first + taps == reach ? from[(taps - 1) * step] : T.Zero;
    }

    private readonly struct Transformation(ColumnShape shape, T* weight, T* points) : IVectorAction<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct =>
            Ranges.Run(shape.Whole.Filters, ColumnShape.Points * shape.Depth, new Filters<S, V>(this));

        private readonly struct Filters<S, V>(Transformation work) : IRangeAction
            where S : struct, ISimd<V, T>
            where V : struct
        {
            public void Invoke(long start, long end) => work.Run<S, V>((int)start, (int)end);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Run<S, V>(int start, int end)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (whole, kernel) = (shape.Whole, shape.Whole.Kernel);
            nint plane = Plane(whole.Filters, shape.Depth);
            T* readable = weight + (nint)whole.Filters * whole.Depth;
            for (int filter = start; filter < end; filter++)
            {
                T* to = points + (nint)filter * shape.Depth, next = to + shape.Depth;
                for (int phase = 0; phase < shape.Phases; phase++)
                    for (int channel = 0; channel < whole.Channels; channel++, to += kernel.Width)
                    {
                        T* from = weight + (((nint)filter * whole.Channels + channel) * kernel.Height + phase) * kernel.Width;
                        Transform<S, V>(
                            from, (nint)kernel.Width * shape.Phases, kernel.Width, 0, shape.TapsOf(phase), shape.Taps, to, plane, readable, next);
                    }
            }
        }
    }
}

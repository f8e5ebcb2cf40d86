using System.Numerics;

namespace Functional.Cpu;

/// <summary>Filters at the points: for every point a matrix (filter; phase, channel, column), row-major.</summary>
internal readonly unsafe struct ColumnFilters<T>(T* points, int filters, int depth)
    where T : unmanaged, INumber<T>
{
    /// <summary>The matrix of a point.</summary>
    public T* At(int point) => points + point * (nint)filters * depth;

    /// <summary>Transforms a weight [filter][channel][row][column].</summary>
    public static ColumnFilters<T> Of(in ColumnShape shape, T* weight)
    {
        int filters = shape.Whole.Filters;
        T* points = ThreadScratch.Rent<T>(ScratchUse.Filter, ColumnShape.Points * (nint)filters * shape.Depth);
        Ranges.Run(filters, ColumnShape.Points * shape.Depth, new Transformation(shape, weight, points));
        return new(points, filters, shape.Depth);
    }

    /// <summary>One over the product of a point's distances from all others.</summary>
    private const double AtZero = -1, AtOne = -2.0 / 9, AtHalf = 32.0 / 45, AtTwo = 1.0 / 90;

    private readonly struct Transformation(ColumnShape shape, T* weight, T* points) : IRangeAction
    {
        public void Invoke(long start, long end)
        {
            var whole = shape.Whole;
            for (int filter = (int)start; filter < end; filter++)
            {
                T* to = points + (nint)filter * shape.Depth;
                for (int phase = 0; phase < shape.Phases; phase++)
                    for (int channel = 0; channel < whole.Channels; channel++, to += whole.Kernel.Width)
                    {
                        nint first = ((nint)filter * whole.Channels + channel) * whole.Kernel.Height + phase;
                        Columns(weight + first * whole.Kernel.Width, shape.TapsOf(phase), to);
                    }
            }
        }

        /// <summary>All columns of a phase of a filter, in double precision, so that each value is rounded once.</summary>
        private void Columns(T* from, int taps, T* to)
        {
            int width = shape.Whole.Kernel.Width;
            nint step = (nint)width * shape.Phases, plane = (nint)shape.Whole.Filters * shape.Depth;
            for (int x = 0; x < width; x++, from++, to++)
            {
                double even1 = 0, odd1 = 0, evenHalf = 0, oddHalf = 0, even2 = 0, odd2 = 0, near = 1, far = 1;
                for (int tap = 0; tap < taps; tap++, near *= 0.5, far *= 2)
                {
                    double value = double.CreateTruncating(from[tap * step]);
                    if (tap % 2 == 0)
                        (even1, evenHalf, even2) = (even1 + value, evenHalf + near * value, even2 + far * value);
                    else
                        (odd1, oddHalf, odd2) = (odd1 + value, oddHalf + near * value, odd2 + far * value);
                }
                to[0] = T.CreateTruncating(AtZero * double.CreateTruncating(from[0]));
                to[plane] = T.CreateTruncating(AtOne * (even1 + odd1));
                to[2 * plane] = T.CreateTruncating(AtOne * (even1 - odd1));
                to[3 * plane] = T.CreateTruncating(AtHalf * (evenHalf + oddHalf));
                to[4 * plane] = T.CreateTruncating(AtHalf * (evenHalf - oddHalf));
                to[5 * plane] = T.CreateTruncating(AtTwo * (even2 + odd2));
                to[6 * plane] = T.CreateTruncating(AtTwo * (even2 - odd2));
                to[7 * plane] = taps == shape.Taps ? from[(taps - 1) * step] : T.Zero;
            }
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>All lines of a strided complex array along one axis: gathered side by side, transformed together, put where they belong.</summary>
/// <typeparam name="T">Parts as they are stored.</typeparam>
/// <typeparam name="W">Parts as they are computed.</typeparam>
internal readonly unsafe struct FourierLines<T, W>(
    T* source, int sourceStep, T* target, int targetStep, int length, bool isInverse, int width, LoopNest lines) : IRangeAction
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where W : unmanaged, IBinaryFloatingPointIeee754<W>
{
    /// <summary>Lines that are transformed together: one for each lane, as long as they stay in the second-level cache.</summary>
    private const int MostLines = 16;

    private const int CacheBytes = 1 << 19;

    /// <summary>How many lines of a length go together.</summary>
    public static int Width(int length, long lines) =>
        (int)Math.Clamp(Math.Min(lines, CacheBytes / (4L * sizeof(W) * length)), 1, MostLines);

    public void Invoke(long start, long end)
    {
        Bluestein? detour = FourierPlan<W>.Takes(length) ? null : Bluestein.Of(length);
        int room = detour?.Padded ?? length;
        using var scratch = new Scratch<W>(4L * room * width);
        nint plane = (nint)room * width;
        var from = new PlanePair<W>(scratch.Pointer, scratch.Pointer + plane);
        var to = new PlanePair<W>(scratch.Pointer + 2 * plane, scratch.Pointer + 3 * plane);
        nint* sources = stackalloc nint[MostLines];
        nint* targets = stackalloc nint[MostLines];
        for (; start < end; start++)
        {
            var odometer = new Odometer(lines, start * width);
            int count = (int)Math.Min(width, lines.Count - start * width);
            for (int l = 0; l < count; l++, odometer.Next())
                (sources[l], targets[l]) = (odometer[0], odometer[1]);
            // The inverse is the transform of the swapped parts, swapped again.
            Gather(isInverse ? from.Swapped : from, sources, count);
            PlanePair<W> result = detour is null ? FourierPlan<W>.Of(length).Run(from, to, count) : Detour(detour, from, to, count);
            Put(isInverse ? result.Swapped : result, targets, count);
        }
    }

    private static PlanePair<W> Detour(Bluestein detour, PlanePair<W> from, PlanePair<W> to, int count)
    {
        PlanePair<double> result = detour.Run(
            new((double*)from.Real, (double*)from.Imaginary), new((double*)to.Real, (double*)to.Imaginary), count);
        return new((W*)result.Real, (W*)result.Imaginary);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(PlanePair<W> planes, nint* sources, int count)
    {
        W* real = planes.Real;
        W* imaginary = planes.Imaginary;
        if (count == 1 || sourceStep == 1)
        {
            for (int l = 0; l < count; l++)
            {
                T* line = source + 2 * sources[l];
                for (int j = 0; j < length; j++)
                {
                    T* point = line + 2 * (nint)j * sourceStep;
                    real[(nint)j * count + l] = W.CreateTruncating(point[0]);
                    imaginary[(nint)j * count + l] = W.CreateTruncating(point[1]);
                }
            }
            return;
        }
        for (int j = 0; j < length; j++)
        {
            T* row = source + 2 * (nint)j * sourceStep;
            for (int l = 0; l < count; l++)
            {
                real[(nint)j * count + l] = W.CreateTruncating(row[2 * sources[l]]);
                imaginary[(nint)j * count + l] = W.CreateTruncating(row[2 * sources[l] + 1]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Put(PlanePair<W> planes, nint* targets, int count)
    {
        W* real = planes.Real;
        W* imaginary = planes.Imaginary;
        if (count == 1 || targetStep == 1)
        {
            for (int l = 0; l < count; l++)
            {
                T* line = target + 2 * targets[l];
                for (int j = 0; j < length; j++)
                {
                    T* point = line + 2 * (nint)j * targetStep;
                    point[0] = T.CreateTruncating(real[(nint)j * count + l]);
                    point[1] = T.CreateTruncating(imaginary[(nint)j * count + l]);
                }
            }
            return;
        }
        for (int j = 0; j < length; j++)
        {
            T* row = target + 2 * (nint)j * targetStep;
            for (int l = 0; l < count; l++)
            {
                row[2 * targets[l]] = T.CreateTruncating(real[(nint)j * count + l]);
                row[2 * targets[l] + 1] = T.CreateTruncating(imaginary[(nint)j * count + l]);
            }
        }
    }
}
